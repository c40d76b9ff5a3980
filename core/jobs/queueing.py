"""Everything a page asks about the queue of jobs, and what it may do to one.

    look = api.queueing.look(8)        # also goes on with a queue whose worker died
    api.queueing.pause(job_id)

A part of the pages' door (`core.api`): settings come from the environment, importing it is cheap.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import PartwayError
from core.jobs import steering
from core.jobs.asked import Kind, amount_words, plan_words
from core.jobs.job_folder import LOG, job_folder
from core.jobs.jobs import advance, in_turn, list_jobs, look_at_all
from core.jobs.live import SoFar, so_far
from core.jobs.progress import Stage
from core.jobs.state import JobState
from core.jobs.steering import Move
from core.settings import read_settings

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["JobState", "Kind", "Look", "Move", "SoFar", "Stage"]
LOG_LINES = 40


@dataclass(frozen=True, slots=True)
class Look:
    """The jobs as a person looks for them."""

    at_work: tuple[JobState, ...]
    waiting: tuple[JobState, ...]  # the next one first
    others: tuple[JobState, ...]  # paused and ended, the newest first
    troubles: tuple[str, ...]  # why the queue stands still, and jobs that cannot be read

    @property
    def jobs(self) -> tuple[JobState, ...]:
        """All of them, in this order."""
        return (*self.at_work, *self.waiting, *self.others)


def look(most_others: int) -> Look:
    """Every job that runs or waits, and the newest others; the queue goes on if it stood still."""
    settings = read_settings()
    jobs, unreadable = look_at_all(settings)
    troubles = list(unreadable)
    if any(job.ready for job in jobs) and not any(job.at_work for job in jobs):
        try:
            advance(settings)
        except PartwayError as error:
            troubles.insert(0, str(error))
        jobs, _ = look_at_all(settings)
    waiting = in_turn(jobs)
    at_work = tuple(job for job in jobs if job.at_work)
    known = {job.job_id for job in (*at_work, *waiting)}
    others = tuple(job for job in jobs if job.job_id not in known)
    return Look(at_work, waiting, others[:most_others], tuple(troubles))


def busy() -> bool:
    """Whether a job that is started now has to wait for its turn."""
    return any(job.active or job.ready for job in list_jobs(read_settings()))


def pause(job_id: str) -> None:
    """Stop at the next flushed batch."""
    steering.pause(job_id, read_settings())


def resume(job_id: str) -> None:
    """Go on when it is its turn."""
    steering.resume(job_id, read_settings())


def cancel(job_id: str) -> None:
    """End it; what it flushed is kept."""
    steering.cancel(job_id, read_settings())


def retry(job_id: str) -> None:
    """Put it into the queue again."""
    steering.retry(job_id, read_settings())


def move(job_id: str, where: Move) -> None:
    """Give it another place in the queue."""
    steering.move(job_id, where, read_settings())


def log(job_id: str) -> str:
    """The last lines of its worker's log."""
    path = job_folder(job_id, read_settings()) / LOG
    text = path.read_text(errors="replace") if path.is_file() else ""
    return "\n".join(text.splitlines()[-LOG_LINES:])


def asked(job: JobState) -> str:
    """What the job was asked to do, beside pair and λ."""
    return plan_words(job.plan)


def amount(job: JobState) -> str:
    """How much of how much is done: "30 of 90 items", "1.2 GB of 9.8 GB"."""
    return amount_words(job.done, job.total, job.kind.unit)


def curve(job: JobState) -> tuple[SoFar, ...]:
    """Its few-shot accuracy so far, λ by λ."""
    return so_far(job, read_settings())


def curve_figure(job: JobState, points: tuple[SoFar, ...]) -> "tuple[go.Figure, str]":
    """The curve so far and what it shows in words."""
    from core.figures import live

    return live.live(points, job.plan.grid), live.in_words(points)
