"""The command line that does what a plan says, to be copied; defaults are left out.

    sweep_command(SweepPlan("tinyworld", parse_grid("0,1")), find_pair("tinyworld", settings).usual)

Not here: running it.
"""

import shlex

from core.jobs.asked import Plan
from core.jobs.plan import SweepPlan
from core.lam import format_thousandths
from core.pairs.usual import Usual
from core.tasks.suites import PROMPTS
from core.tasks.typed import TYPED

FEWEST_IN_A_RANGE = 3


def sweep_command(plan: SweepPlan, usual: Usual) -> str:
    """`python -m core sweep …`, which gives the same runs by the same ids."""
    given = [
        ("--pair", plan.pair),
        ("--grid", grid_text(plan)),
        *_few_shot(plan.icl_suite, usual.icl_suite),
        ("--instruction-suite", _unless(plan.instruction_suite, usual.instruction_suite)),
        ("--reference", plan.reference),
        *(("--judge", judge) for judge in plan.judges),
        ("--template", plan.template),
        ("--spend", plan.spend),
        ("--limit", None if plan.limit is None else str(plan.limit)),
    ]
    told = [_option(name, value) for name, value in given if value is not None]
    return " ".join(["python -m core sweep", *told])


def grid_text(plan: Plan) -> str:
    """A grid as a person would type it: "0:1:0.1,1.2"; equal steps as a range."""
    left = sorted({lam.thousandths for lam in plan.grid})
    parts: list[str] = []
    while left:
        length = _run_length(left)
        head, left = left[:length], left[length:]
        if length < FEWEST_IN_A_RANGE:
            parts.append(format_thousandths(head[0]))
            left = [*head[1:], *left]
        else:
            ends = head[0], head[-1], head[1] - head[0]
            parts.append(":".join(map(format_thousandths, ends)))
    return ",".join(parts)


def _option(name: str, value: str) -> str:
    """With "=" where the value, such as λ = −0.5, would be read as an option itself."""
    return f"{name}{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"


def _run_length(values: list[int]) -> int:
    """How many of the first values lie in equal steps."""
    length = min(2, len(values))
    while length < len(values) and values[length] - values[length - 1] == values[1] - values[0]:
        length += 1
    return length


def _few_shot(suite: str, usual: str) -> list[tuple[str, str | None]]:
    base, _, ending = suite.rpartition(":")
    if ending in PROMPTS and base and f"{base}:" != TYPED:
        return [*_few_shot(base, usual), ("--icl-prompt", ending)]
    if not suite.startswith(TYPED):
        return [("--icl-suite", _unless(suite, usual))]
    names, _, shots = suite.removeprefix(TYPED).partition("@")
    return [("--icl-task", names), ("--icl-shots", shots or None)]


def _unless(value: str, default: str) -> str | None:
    return None if value == default else value
