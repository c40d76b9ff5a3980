"""What `python -m core jobs` says of jobs: as columns, as sentences, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.commands.output import columns, say, show_json
from core.jobs.asked import amount_words, plan_words
from core.jobs.command import grid_text
from core.jobs.live import SoFar
from core.jobs.progress import Stage
from core.jobs.state import JobState

STAGES = {"icl": "few-shot", "generations": "answers", "judging": "judges", "reasoning": "problems"}
PERCENT = 100


def started(job_id: str, json: bool) -> None:
    """Say what became of something that was put into the queue."""
    if json:
        show_json({"job": job_id})
    else:
        told = f"Job {job_id} is in the queue; it runs at once unless another one does."
        say(f"{told} See it with: python -m core jobs show {job_id}")


def as_json(state: JobState) -> dict[str, Any]:
    """Everything that is known of a job."""
    more = {"active": state.active, "at_work": state.at_work}
    return {"kind": state.kind.name, **asdict(state), "plan": state.plan.to_json(), **more}


def listed(states: Sequence[JobState]) -> str:
    """A line a job: at work, then waiting in their order, then the others."""
    rows = [
        (job.job_id, job.kind.name, job.status, job.plan.pair, counted(job), job.message)
        for job in in_order(states)
    ]
    return columns(("JOB", "KIND", "STATUS", "PAIR", "DONE", ""), rows)


def in_order(states: Sequence[JobState]) -> list[JobState]:
    """As people look for them; `states` come newest first."""
    work = [job for job in states if job.at_work]
    ready = [job for job in states if job.ready]
    waiting = sorted(ready, key=lambda job: (job.place, job.number, job.job_id))
    return [*work, *waiting, *(job for job in states if not job.at_work and not job.ready)]


def shown(state: JobState, curve: Sequence[SoFar]) -> str:
    """One job in a few lines."""
    plan = state.plan
    lines = [
        f"{state.job_id}  {state.kind.name}  {state.status}  {counted(state)}",
        f"  pair {plan.pair}, λ {grid_text(plan)}, {plan_words(plan)}",
    ]
    if state.eta_seconds is not None:
        lines.append(f"  about {state.eta_seconds:.0f} s left")
    if not state.ended and len(state.stages) > 1:
        lines += [f"  {staged(stage)}" for stage in state.stages if stage.total]
    lines += [f"  {state.message}"] if state.message else []
    lines += [f"  {note}" for note in state.notes]
    lines += [f"  {point_words(point)}" for point in curve]
    return "\n".join(lines)


def counted(state: JobState) -> str:
    """Done and to be done, in the unit of its kind."""
    return amount_words(state.done, state.total, state.kind.unit) if state.total else "–"


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
