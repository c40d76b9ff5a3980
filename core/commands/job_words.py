"""What `python -m core jobs` says of jobs: as columns, as sentences, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.commands.output import columns
from core.jobs.live import SoFar
from core.jobs.progress import Stage
from core.jobs.state import JobState

STAGES = {"icl": "few-shot", "generations": "answers", "judging": "judges"}
PERCENT = 100


def as_json(state: JobState) -> dict[str, Any]:
    """Everything that is known of a job."""
    more = {"active": state.active, "at_work": state.at_work}
    return {**asdict(state), "plan": state.plan.to_json(), **more}


def listed(states: Sequence[JobState]) -> str:
    """A line a job: at work, then waiting in their order, then the others."""
    rows = [
        (job.job_id, job.status, job.plan.pair, counted(job), job.message)
        for job in in_order(states)
    ]
    return columns(("JOB", "STATUS", "PAIR", "ITEMS", ""), rows)


def in_order(states: Sequence[JobState]) -> list[JobState]:
    """As people look for them; `states` come newest first."""
    work = [job for job in states if job.at_work]
    ready = [job for job in states if job.ready]
    waiting = sorted(ready, key=lambda job: (job.place, job.number, job.job_id))
    return [*work, *waiting, *(job for job in states if not job.at_work and not job.ready)]


def shown(state: JobState, curve: Sequence[SoFar]) -> str:
    """One job in a few lines."""
    plan = state.plan
    grid = ", ".join(map(str, plan.grid))
    lines = [
        f"{state.job_id}  {state.status}  {counted(state)} items",
        f"  pair {plan.pair}, λ {grid}, {plan.icl_suite}, {plan.instruction_suite}",
    ]
    if state.eta_seconds is not None:
        lines.append(f"  about {state.eta_seconds:.0f} s left")
    if not state.ended:
        lines += [f"  {staged(stage)}" for stage in state.stages if stage.total]
    lines += [f"  {state.message}"] if state.message else []
    lines += [f"  {note}" for note in state.notes]
    lines += [f"  {point_words(point)}" for point in curve]
    return "\n".join(lines)


def counted(state: JobState) -> str:
    """Items done and to be done."""
    return f"{state.done}/{state.total}" if state.total else "–"


def staged(stage: Stage) -> str:
    """One stage and its time left."""
    left = "" if stage.eta_seconds is None else f", about {stage.eta_seconds:.0f} s"
    return f"{STAGES.get(stage.name, stage.name)} {stage.done}/{stage.total}{left}"


def point_words(point: SoFar) -> str:
    """One λ of the curve so far."""
    span = point.span
    ends = f" ({PERCENT * span.low:.1f}–{PERCENT * span.high:.1f})" if span else ""
    told = f"{PERCENT * point.value:.1f} %{ends}, n = {point.n}"
    return f"few-shot so far at λ = {point.lam}: {told}, {point.tasks} of {point.of_tasks} tasks"
