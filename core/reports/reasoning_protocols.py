"""Protocols against each other: what base and instruct score under each, on the same problems.

    for row in protocol_rows(store, runs, "tinyworld-reasoning", "original", "few-shot-cot"): …

The choice of protocol can flip the sign of instruct − base, so they are told side by side. A
protocol without a run on one side says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.lam import BASE, INSTRUCT, Lam
from core.reports.reasoning import ReasoningRun, Setting, read_answers
from core.reports.reasoning_scores import Measure, Told, difference, score
from core.store.runs import RunStore
from core.tasks.problems.protocol import Arm, ReasoningProtocol, list_protocols, read_protocol

MISSING = "not measured"


@dataclass(frozen=True, slots=True)
class ProtocolRow:
    """One protocol at one style and part."""

    protocol: ReasoningProtocol
    base: Told
    instruct: Told
    difference: Told  # instruct − base, paired by item
    base_run: ReasoningRun | None
    instruct_run: ReasoningRun | None
    base_measure: str | None  # as the field calls it: pass@k, or any of the first k branches
    instruct_measure: str | None


def protocol_rows(
    store: RunStore,
    runs: Sequence[ReasoningRun],
    where: tuple[str, str, str],
    grader: str = "rules",
    k: int | None = None,
) -> tuple[ProtocolRow, ...]:
    """Every protocol at `where` = (benchmark, part, style); k None takes all answers."""
    benchmark, part, style = where
    own = [r for r in runs if (r.benchmark, r.part, r.setting.style) == (benchmark, part, style)]
    protocols = [read_protocol(name) for name in list_protocols()]
    return tuple(_row(store, own, protocol, grader, k) for protocol in protocols)


def protocol_words(rows: Sequence[ProtocolRow]) -> str:
    """What the rows allow to be said; ahead and behind only where the interval leaves 0 out."""
    told = [row for row in rows if row.difference.value is not None]
    if not told:
        return "No protocol has both ends measured yet."
    ahead, behind, open_ = (_listed([r for r in told if _side(r) == s]) for s in (1, -1, 0))
    if not ahead and not behind:
        return f"Under no protocol measured here is a difference shown ({open_})."
    if ahead and behind:
        where = f"ahead under {ahead}, behind under {behind}"
        said = f"The protocol decides the sign: instruct is {where}."
    else:
        every = "Under every protocol measured here" if not open_ else f"Under {ahead or behind}"
        names = "" if open_ else f" ({ahead or behind})"
        said = f"{every} instruct is {'ahead' if ahead else 'behind'}{names}."
    return f"{said} Under {open_} no difference is shown." if open_ else said


def _side(row: ProtocolRow) -> int:
    """1 where instruct is shown ahead, −1 where base is, 0 where neither is shown."""
    span = row.difference.interval
    return 0 if span is None else (span.low > 0) - (span.high < 0)


def _listed(rows: Sequence[ProtocolRow]) -> str:
    return ", ".join(row.protocol.name for row in rows)


def of_arm(setting: Setting, arm: Arm) -> bool:
    """Whether a run's setting is this arm's, its n and its token limit aside."""
    same = (setting.form, setting.answer, setting.pooling, setting.temperature)
    return same == (arm.form, arm.answer, arm.pooling, arm.temperature)


def run_at(
    runs: Sequence[ReasoningRun], protocol: ReasoningProtocol, lam: Lam
) -> ReasoningRun | None:
    """The run of this λ by the protocol: most items, then most answers; None when unmeasured."""
    arms = protocol.arms_at(lam)
    found = [
        run for run in runs if run.lam == lam and any(of_arm(run.setting, arm) for arm in arms)
    ]
    return max(found, key=_size, default=None)


def _size(run: ReasoningRun) -> tuple[float, int]:
    return (float("inf") if run.items is None else run.items, run.setting.n)


def _row(
    store: RunStore,
    runs: Sequence[ReasoningRun],
    protocol: ReasoningProtocol,
    grader: str,
    k: int | None,
) -> ProtocolRow:
    sides = [run_at(runs, protocol, lam) for lam in (BASE, INSTRUCT)]
    answers = [None if one is None else read_answers(store, one, grader) for one in sides]
    nothing = Told(None, None, 0, MISSING)
    present = [one for one in answers if one is not None]
    if not present:
        return ProtocolRow(protocol, nothing, nothing, nothing, None, None, None, None)
    measure = Measure("pass", min([one.n for one in present] + ([] if k is None else [k])))
    scores = [nothing if one is None else score(one, measure) for one in answers]
    names = [None if one is None else measure.name(one) for one in answers]
    base, instruct = answers
    gap = nothing
    if base is not None and instruct is not None:
        gap = difference(instruct, base, measure)
    return ProtocolRow(protocol, scores[0], scores[1], gap, sides[0], sides[1], names[0], names[1])
