"""What a job is asked to do, of whichever kind: one plan, and what is said of its kind.

    plan = plan_of(read_json(folder / "job.json"))
    kind_of(plan).unit              # "items", "answers", "bytes"

Every plan has `pair`, `grid` and `to_json`. Not here: doing it (`worker.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.engine.room import as_size
from core.jobs.batch_plan import BatchPlan, batch_plan_from_json
from core.jobs.export_order import Export, export_from_json
from core.jobs.plan import SweepPlan, plan_from_json
from core.jobs.reasoning_plan import ReasoningPlan, reasoning_plan_from_json

Plan = SweepPlan | ReasoningPlan | BatchPlan | Export
KindName = Literal["sweep", "reasoning", "batch", "export"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What people are told of all jobs of a kind."""

    name: KindName
    title: str
    unit: str  # of `done` and `total`
    kept: str  # when it stops before its end
    no_pause: str | None  # why it cannot be paused


KINDS: dict[type[Plan], Kind] = {
    SweepPlan: Kind("sweep", "Sweep", "items", "What was measured is kept", None),
    ReasoningPlan: Kind(
        "reasoning", "Study of reasoning", "items", "What was measured is kept", None
    ),
    BatchPlan: Kind("batch", "List of prompts", "answers", "What was answered is kept", None),
    Export: Kind(
        "export",
        "Export",
        "bytes",
        "Every file that was whole is kept",
        "An export cannot be paused: it holds no engine that it could give free. Cancel it; a "
        "retry goes on from the files that are whole.",
    ),
}
_READ: dict[str, Callable[[dict[str, Any]], Plan]] = {
    "sweep": plan_from_json,
    "reasoning": reasoning_plan_from_json,
    "batch": batch_plan_from_json,
    "export": export_from_json,
}


def kind_of(plan: Plan) -> Kind:
    """The kind that does such plans."""
    return KINDS[type(plan)]


def plan_of(job: dict[str, Any]) -> Plan:
    """The plan in a job's file; one without a kind is a sweep.

    Raises:
        KeyError, TypeError, ValueError, PartwayError: it holds none.
    """
    return _READ[job.get("kind", "sweep")](job["plan"])


def amount_words(done: int, total: int, unit: str) -> str:
    """So much of so much, in the unit of the kind."""
    if unit == "bytes":
        return f"{as_size(done)} of {as_size(total)}"
    return f"{done:,} of {total:,} {unit}"


def plan_words(plan: Plan) -> str:
    """What is asked, beside pair and λ, in a few words."""
    if isinstance(plan, Export):
        return f"to {plan.out}"
    if isinstance(plan, BatchPlan):
        count = "1 prompt" if len(plan.prompts) == 1 else f"{len(plan.prompts):,} prompts"
        return f"{count}, at most {plan.decoding.max_new_tokens} tokens"
    if isinstance(plan, ReasoningPlan):
        parts = [plan.benchmark, *plan.parts, ", ".join(plan.styles), ", ".join(plan.protocols)]
        parts += [f"n = {plan.n}"] if plan.n is not None else []
    else:
        parts = [plan.icl_suite, plan.instruction_suite]
    parts += [f"first {plan.limit} items"] if plan.limit is not None else []
    if isinstance(plan, SweepPlan) and plan.judges:
        parts.append(f"judges {', '.join(plan.judges)}")
    return " · ".join(parts)
