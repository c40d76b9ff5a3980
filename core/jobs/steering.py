"""What a person may want of a job: pause, resume, cancel, retry, another place in the queue.

    pause(job_id, settings)     # stops at the next flushed batch and gives the engine free
    resume(job_id, settings)    # waits for its turn again; nothing is computed twice

A wish is written into the job's folder under the queue's lock; the worker sees it within half a
second. No process is signalled, so a copied folder can harm nobody. Each call moves the queue
on where it stands still. Not here: starting a job (`jobs.py`).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from core.errors import InputError
from core.jobs.job_folder import QUEUE, job_folder, jobs_folder
from core.jobs.jobs import advance, list_jobs, read_job, waiting_jobs
from core.jobs.state import JobState, read_state
from core.jobs.wish import Wish, first_wish, home_of, read_wish, write_wish
from core.settings import Settings
from core.store.lock import waiting_lock

Move = Literal["raise", "lower", "next", "last"]
Change = Callable[[JobState, Wish], Wish]
_OVER = ("done", "failed", "cancelled")


def pause(job_id: str, settings: Settings) -> JobState:
    """Stop at the next flushed batch, or do not begin; harmless when it is paused already.

    Raises:
        NameRefused, NotKnown: no such job.  InputError: it has ended, or is an export.
        StoreError: the wish cannot be written.
    """
    return _wish(job_id, settings, _paused)


def resume(job_id: str, settings: Settings) -> JobState:
    """Go on with a paused or interrupted job when it is its turn; harmless when it runs.

    Raises:
        As `pause`.
    """
    folder = job_folder(job_id, settings)
    return _wish(job_id, settings, lambda state, wish: _resumed(state, wish, folder))


def cancel(job_id: str, settings: Settings) -> JobState:
    """End it; what it flushed is kept. Harmless when it has ended.

    Raises:
        NameRefused, NotKnown: no such job.  StoreError: the wish cannot be written.
    """
    return _wish(job_id, settings, _cancelled)


def retry(job_id: str, settings: Settings) -> JobState:
    """Put a failed, interrupted, cancelled or paused job into the queue again.

    Raises:
        As `pause`.
    """
    folder = job_folder(job_id, settings)
    return _wish(job_id, settings, lambda state, wish: _retried(state, wish, folder))


def move(job_id: str, where: Move, settings: Settings) -> JobState:
    """Change a waiting job's place: one up, one down, the next to run, the last.

    Raises:
        NameRefused, NotKnown: no such job.  InputError: it does not wait, or no such place.
        StoreError: the places cannot be written.
    """
    if where not in get_args(Move):
        raise InputError(
            f"{where!r} is no move in the queue. Choose one of: {', '.join(get_args(Move))}."
        )
    job_folder(job_id, settings)
    with waiting_lock(jobs_folder(settings) / QUEUE):
        order = [job.job_id for job in waiting_jobs(settings)]
        if job_id not in order:
            status = read_job(job_id, settings).status
            raise InputError(
                f"Job {job_id} is {status} and does not wait for its turn. "
                "See the queue with: python -m core jobs list."
            )
        _write_order(_moved(order, job_id, where), settings)
    advance(settings)
    return read_job(job_id, settings)


def _wish(job_id: str, settings: Settings, change: Change) -> JobState:
    folder = job_folder(job_id, settings)
    with waiting_lock(jobs_folder(settings) / QUEUE):
        state = read_state(folder)
        before = read_wish(folder)
        after = change(state, before or _first(folder, settings))
        if after != before:
            write_wish(folder, after)
    advance(settings)
    return read_state(folder)


def _first(folder: Path, settings: Settings) -> Wish:
    """For a job without a wish: at the end of the queue."""
    return first_wish(folder, max((job.place for job in list_jobs(settings)), default=0) + 1)


def _paused(state: JobState, wish: Wish) -> Wish:
    if state.status in _OVER:
        raise InputError(f"Job {state.job_id} is {state.status}; there is nothing to pause.")
    if state.kind.no_pause is not None:
        raise InputError(state.kind.no_pause)
    return wish if wish.want == "cancel" else wish.of("pause")


def _resumed(state: JobState, wish: Wish, folder: Path) -> Wish:
    if state.status == "done":
        raise InputError(f"Job {state.job_id} is done; there is nothing to go on with.")
    if state.status in (*_OVER, "cancelling"):
        raise InputError(
            f"Job {state.job_id} is {state.status}. Retry it with: "
            f"python -m core jobs retry {state.job_id}."
        )
    return wish.of("run") if state.active else _again(wish, folder)


def _cancelled(state: JobState, wish: Wish) -> Wish:
    return wish if state.status in _OVER else wish.of("cancel")


def _retried(state: JobState, wish: Wish, folder: Path) -> Wish:
    if state.status == "done":
        raise InputError(f"Job {state.job_id} is done; there is nothing to retry.")
    if state.active:
        raise InputError(f"Job {state.job_id} is {state.status}; it needs no retry.")
    return _again(wish, folder)


def _again(wish: Wish, folder: Path) -> Wish:
    """A new round, at home where the folder lies now, at the job's former place."""
    return replace(wish, want="run", round=wish.round + 1, home=home_of(folder))


def _moved(order: list[str], job_id: str, where: Move) -> list[str]:
    at = order.index(job_id)
    to = {"raise": max(at - 1, 0), "lower": at + 1, "next": 0, "last": len(order)}[where]
    rest = [one for one in order if one != job_id]
    return [*rest[:to], job_id, *rest[to:]]


def _write_order(order: list[str], settings: Settings) -> None:
    """Share the jobs' places out anew; equal ones are parted."""
    folders = [job_folder(job_id, settings) for job_id in order]
    wishes = [wish for folder in folders if (wish := read_wish(folder)) is not None]
    least = 0
    for place, folder, wish in zip(sorted(w.place for w in wishes), folders, wishes, strict=True):
        least = max(place, least + 1)
        if wish.place != least:
            write_wish(folder, replace(wish, place=least))
