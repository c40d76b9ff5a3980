"""What a job's folder says: waiting, running, paused, ended, and how far it is.

    read_state(folder).status

Read from three things: whether a worker holds the job's lock, what its workers wrote (`events.py`)
and what a person wants (`wish.py`). Changes nothing. No clock takes part.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from core.errors import PartwayError, StoreError
from core.jobs.asked import Kind, Plan, kind_of, plan_of
from core.jobs.events import Written, read_written
from core.jobs.heartbeat import seconds_silent
from core.jobs.holding import is_held
from core.jobs.job_folder import HELD, LOG, asked_file, read_asked
from core.jobs.progress import Stage
from core.jobs.wish import WISH, Wish, home_of, read_wish

Status = Literal[
    "queued",
    "starting",
    "running",
    "pausing",
    "cancelling",
    "paused",
    "done",
    "cancelled",
    "failed",
    "interrupted",
]
_CACHED = 512
SILENT_SECONDS = 120.0  # a worker that gave no sign for so long is stopped, or its machine slept
MISSES = 2  # attempts in a row that died before they measured anything; then a person must ask
CANCELLED = "Cancelled. {kept}; retrying goes on from there."
PAUSED = "Paused. {kept}; resuming goes on from there."
ELSEWHERE = (
    "This job was started on another machine, or its folder was copied or moved since. It does "
    "not go on by itself here; retry it to do here what is still missing."
)
_ENDED: dict[str, Status] = {"finished": "done", "cancelled": "cancelled", "failed": "failed"}
_AT_WORK: frozenset[Status] = frozenset({"starting", "running", "pausing", "cancelling"})


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as its folder tells it."""

    job_id: str
    status: Status
    plan: Plan
    stage: str
    done: int
    total: int
    eta_seconds: float | None
    message: str
    created: str
    stages: tuple[Stage, ...] = ()
    number: int = 0  # of the jobs in this folder, in the order in which they were made
    place: int = 0  # in the queue: the lowest goes first
    sweep_id: str | None = None  # None before its worker has planned
    exit_code: int | None = None  # of a job that failed
    ready: bool = False  # goes on by itself as soon as it is its turn
    notes: tuple[str, ...] = ()  # what could not be read

    @property
    def kind(self) -> Kind:
        """What all jobs of this kind have in common."""
        return kind_of(self.plan)

    @property
    def under_way(self) -> bool:
        """True while it runs, waits, or goes on by itself after its worker died."""
        return self.active or self.ready

    @property
    def active(self) -> bool:
        """True while it waits for its turn or a worker is at it."""
        return self.status == "queued" or self.at_work

    @property
    def at_work(self) -> bool:
        """True while a worker is at it."""
        return self.status in _AT_WORK

    @property
    def begun(self) -> bool:
        """True once a worker knew what there is to do, or found that nothing is."""
        return self.total > 0 or self.status == "done"

    @property
    def ended(self) -> bool:
        """True when it will not go on unless somebody asks for a retry."""
        return self.status in _ENDED.values() or (self.status == "interrupted" and not self.ready)


def read_state(folder: Path) -> JobState:
    """What the folder says now.

    Raises:
        StoreError: job.json cannot be read, or holds no plan.
    """
    # First the lock: a worker that ends meanwhile has written its last event by then.
    alive = is_held(folder / HELD)
    job, plan = asked_of(folder)
    wish, written = read_wish(folder), read_written(folder)
    now = [
        event for event in written.events if event.get("round", 1) == (wish.round if wish else 1)
    ]
    status = _status(alive, wish, now)
    elsewhere = wish is not None and not alive and wish.home != home_of(folder)
    if elsewhere and status == "queued":
        status = "interrupted"
    may = not alive and wish is not None and not elsewhere
    ready = may and status in ("queued", "interrupted") and _misses(now) < MISSES
    nothing: dict[str, Any] = {}
    last = next((e for e in reversed(written.events) if e["event"] == "progress"), nothing)
    ended = status in _ENDED.values()
    told = _message(folder, status, ready, now, kind_of(plan).kept)
    return JobState(
        job_id=folder.name,
        status=status,
        plan=plan,
        stage=str(last.get("stage", "loading")),
        done=int(last.get("done", 0)),
        total=int(last.get("total", 0)),
        eta_seconds=last.get("eta_seconds") if status == "running" else None,
        message=ELSEWHERE if elsewhere and not ended else told,
        created=str(job.get("created", "")),
        stages=_stages(last),
        number=int(job.get("number", 0)),
        place=wish.place if wish else 0,
        sweep_id=next((str(e["sweep"]) for e in reversed(written.events) if "sweep" in e), None),
        exit_code=now[-1].get("exit_code") if status == "failed" else None,
        ready=ready,
        notes=_notes(written),
    )


def asked_of(folder: Path) -> tuple[dict[str, Any], Plan]:
    """The job's file and its plan.

    Raises:
        StoreError: it cannot be read, or holds no plan.
    """
    path = asked_file(folder)
    try:
        return _asked_once(folder, path.stat().st_mtime_ns)
    except (PartwayError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(
            f"{path} does not say what job {folder.name} is ({type(error).__name__}). Start it "
            f"again, which computes nothing twice, and delete {folder}."
        ) from error


@lru_cache(_CACHED)
def _asked_once(folder: Path, stamp: int) -> tuple[dict[str, Any], Plan]:
    job = read_asked(folder)
    return job, plan_of(job)


def _status(alive: bool, wish: Wish | None, now: list[dict[str, Any]]) -> Status:
    ending = next((_ENDED[e["event"]] for e in reversed(now) if e["event"] in _ENDED), None)
    if ending:
        return ending
    started = any(event["event"] == "started" for event in now)
    want = wish.want if wish else "run"
    if alive:
        waits: dict[str, Status] = {"pause": "pausing", "cancel": "cancelling"}
        return waits.get(want, "running" if started else "starting")
    if want != "run":
        return "paused" if want == "pause" else "cancelled"
    if wish and (not started or now[-1]["event"] == "paused"):
        return "queued"
    return "interrupted"


def _misses(now: list[dict[str, Any]]) -> int:
    """How many attempts in a row died before the first batch."""
    misses, most = 0, dict[int, int]()  # the most items done, by what there was to do
    for event in now:
        total, done = event.get("total", 0), event.get("done", 0)
        if event["event"] == "started":
            misses += 1
        elif event["event"] in ("stopped", "paused") or done > most.get(total, done):
            misses = 0
        most[total] = max(most.get(total, 0), done)
    return misses


def _message(
    folder: Path, status: Status, ready: bool, now: list[dict[str, Any]], kept: str
) -> str:
    last = now[-1] if now else {}
    if status == "cancelled":
        return CANCELLED.format(kept=kept)
    if status == "paused":
        return PAUSED.format(kept=kept)
    if status == "interrupted":
        return _interrupted(folder, ready, last)
    if status == "queued":
        return ""
    silent = seconds_silent(folder) if status in _AT_WORK else None
    if silent is not None and silent > SILENT_SECONDS:
        return (
            f"The worker has given no sign for {silent / 60:.0f} min: its process was stopped, or "
            f"the disk does not answer. {kept}."
        )
    return str(last.get("message", ""))


def _interrupted(folder: Path, ready: bool, last: dict[str, Any]) -> str:
    if last and not ready and (folder / WISH).exists():
        return (
            "The worker ended twice without a word before it did anything. Its log is "
            f"{folder / LOG}. Retry it once that is mended."
        )
    said = str(last.get("message", "")) if last.get("event") == "stopped" else ""
    return said or "The worker ended without a word. Started again, it goes on from there."


def _stages(last: dict[str, Any]) -> tuple[Stage, ...]:
    return tuple(
        Stage(str(one["name"]), int(one["done"]), int(one["total"]), one["eta_seconds"])
        for one in last.get("stages", ())
    )


def _notes(written: Written) -> tuple[str, ...]:
    if not written.unreadable:
        return ()
    lines = "line" if written.unreadable == 1 else "lines"
    return (f"{written.unreadable} {lines} of this job's events cannot be read and are left out.",)
