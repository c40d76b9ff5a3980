"""Jobs: sweeps that run in a process of their own, seen and ended through their folder.

    job_id = start_job(plan, settings)      # returns at once
    read_job(job_id, settings).status       # "running", then "done"
    cancel_job(job_id, settings)

results/jobs/<id>/ holds job.json (the plan), worker.json (pid and start time), events.jsonl,
heartbeat (touched while the worker lives) and log. Not here: the worker itself (`worker.py`).
"""

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from core.engine.opening import sweep_engine
from core.errors import NameRefused, NotKnown
from core.jobs.events import HEARTBEAT, read_events
from core.jobs.plan import SweepPlan, plan_from_json
from core.jobs.process import ProcessMark, is_alive
from core.settings import ROOT, Settings
from core.store.environment import now
from core.store.files import read_json, told_plainly, write_json
from core.store.runs import RunStore

Status = Literal["starting", "running", "done", "cancelled", "failed", "interrupted"]
JOBS, JOB, WORKER, LOG = "jobs", "job.json", "worker.json", "log"
STARTING_SECONDS = 30.0  # a worker that has not marked itself by then never will
STALE_SECONDS = 120.0  # a heartbeat older than this belongs to a stuck or stopped machine
_ENDED: dict[str, Status] = {"finished": "done", "cancelled": "cancelled", "failed": "failed"}
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as its folder tells it."""

    job_id: str
    status: Status
    plan: SweepPlan
    stage: str
    done: int
    total: int
    eta_seconds: float | None
    message: str
    created: str

    @property
    def active(self) -> bool:
        """True while a worker is at it."""
        return self.status in ("starting", "running")


def start_job(plan: SweepPlan, settings: Settings, engine: str = "host") -> str:
    """Start a worker for the plan and return the job's id.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    job_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = settings.results / JOBS / job_id
    where = sweep_engine(engine, settings)
    write_json(folder / JOB, {"plan": plan.to_json(), "engine": where, "created": now()})
    launch([sys.executable, "-m", "core.jobs.worker", str(folder)], folder, settings)
    return job_id


def launch(command: list[str], folder: Path, settings: Settings) -> None:
    """Run a worker detached: no stdin, output to the job's log, a session of its own."""
    environment = {**os.environ, **as_environment(settings)}
    with told_plainly(folder), (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    # Waited for in the background, so that an ended worker never stays behind as a zombie.
    threading.Thread(target=process.wait, daemon=True, name=f"wait-{process.pid}").start()


def list_jobs(settings: Settings, most: int | None = None) -> tuple[JobState, ...]:
    """Every job, or as many as asked for, the newest first."""
    folder = settings.results / JOBS
    if not folder.is_dir():
        return ()
    names = sorted(
        (path.name for path in folder.iterdir() if _ID.fullmatch(path.name)), reverse=True
    )
    whole = [name for name in names if (folder / name / JOB).is_file()]
    return tuple(read_job(name, settings) for name in whole[:most])


def read_job(job_id: str, settings: Settings) -> JobState:
    """What a job's folder says now.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.
    """
    folder = _folder(job_id, settings)
    job = read_json(folder / JOB)
    plan, created = plan_from_json(job["plan"]), str(job["created"])
    return JobState(job_id=job_id, plan=plan, created=created, **asdict(read_diary(folder)))


@dataclass(frozen=True, slots=True)
class Diary:
    """How far the work of a folder is, whatever the work is."""

    status: Status
    stage: str
    done: int
    total: int
    eta_seconds: float | None
    message: str

    @property
    def active(self) -> bool:
        """True while a worker is at it."""
        return self.status in ("starting", "running")


def read_diary(folder: Path, begun: str = JOB) -> Diary:
    """What the worker of that folder wrote; `begun` is the file that was there first."""
    events = read_events(folder)
    nothing: dict[str, Any] = {}
    last = next((e for e in reversed(events) if e["event"] == "progress"), nothing)
    ending = next((e for e in reversed(events) if e["event"] in _ENDED), None)
    status = _ENDED[ending["event"]] if ending else _living_status(folder, begun)
    return Diary(
        status=status,
        stage=str(last.get("stage", "loading")),
        done=int(last.get("done", 0)),
        total=int(last.get("total", 0)),
        eta_seconds=last.get("eta_seconds") if status == "running" else None,
        message=_message(status, ending, last),
    )


def cancel_job(job_id: str, settings: Settings) -> JobState:
    """Ask the worker to end; what it flushed is kept. Harmless when the job has ended.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.
    """
    folder = _folder(job_id, settings)
    if read_job(job_id, settings).active:
        end_worker(folder)
    return read_job(job_id, settings)


def end_worker(folder: Path) -> None:
    """Ask the folder's worker to end, if that very process lives."""
    mark = _worker_mark(folder)
    if mark is not None and is_alive(mark):
        os.kill(mark.pid, signal.SIGTERM)


def _folder(job_id: str, settings: Settings) -> Path:
    if not _ID.fullmatch(job_id):
        raise NameRefused(
            f"{job_id[:60]!r} is not the id of a job. See them with: python -m core jobs list."
        )
    folder = settings.results / JOBS / job_id
    if not (folder / JOB).is_file():
        raise NotKnown(
            f"There is no job {job_id} in {settings.results}. "
            "See them with: python -m core jobs list."
        )
    return folder


def _living_status(folder: Path, begun: str) -> Status:
    mark = _worker_mark(folder)
    if mark is None:
        age = time.time() - (folder / begun).stat().st_mtime
        return "starting" if age < STARTING_SECONDS else "interrupted"
    beat = folder / HEARTBEAT
    fresh = beat.is_file() and time.time() - beat.stat().st_mtime < STALE_SECONDS
    return "running" if fresh and is_alive(mark) else "interrupted"


def _worker_mark(folder: Path) -> ProcessMark | None:
    path = folder / WORKER
    return ProcessMark(**read_json(path)) if path.is_file() else None


def write_mark(folder: Path, mark: ProcessMark) -> None:
    """The worker's own pid and start, written before anything else."""
    write_json(folder / WORKER, asdict(mark))


def _message(status: Status, ending: dict[str, Any] | None, last: dict[str, Any]) -> str:
    if ending is not None and ending.get("message"):
        return str(ending["message"])
    if status == "interrupted":
        return "The worker ended without a word. Start the sweep again: it goes on from there."
    return str(last.get("message", ""))


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that `read_settings` reads; a worker gets these."""
    given = {
        "PARTWAY_RESULTS": str(settings.results.resolve()),
        "PARTWAY_STATE": str(settings.state.resolve()),
        "PARTWAY_PAIRS": str(settings.pairs_file.resolve()),
        "PARTWAY_TASKS": settings.tasks and str(settings.tasks.resolve()),
        "PARTWAY_DATA": settings.data and str(settings.data.resolve()),
        "PARTWAY_ENGINE_URL": settings.engine_url,
        "PARTWAY_ENGINE_TOKEN": settings.engine_token,
        "PARTWAY_DEVICE": settings.device,
        "PARTWAY_THREADS": settings.threads and str(settings.threads),
        "PARTWAY_RAY_ADDRESS": settings.ray_address,
        "PARTWAY_RAY_ACTORS": settings.ray_actors and str(settings.ray_actors),
    }
    return {name: value for name, value in given.items() if value}
