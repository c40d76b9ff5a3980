"""Jobs: long work in a process of its own, one after another, seen through its folder.

    job_id = start_job(plan, settings)      # returns at once: it runs, or waits for its turn
    read_job(job_id, settings).status       # "running", then "done"
    advance(settings)                       # start the next one where no worker is alive

Who moves the queue on: a worker that ends starts the next job; and whoever looks at the Evaluate
page or changes a job calls `advance`, so a queue whose worker died with its machine goes on then.
There is no daemon. A plan is that of any kind (`asked.py`). Not here: the worker (`worker.py`),
what a person may want of a job (`steering.py`), and what a folder says (`state.py`).
"""

import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from core.engine.opening import sweep_engine
from core.errors import PartwayError
from core.jobs.asked import Plan, kind_of
from core.jobs.holding import Held, try_hold
from core.jobs.job_folder import (
    HELD,
    JOB,
    LOG,
    QUEUE,
    TURN,
    job_folder,
    job_folders,
    jobs_folder,
    read_asked,
)
from core.jobs.state import JobState, Status, read_state
from core.jobs.wish import first_wish, write_wish
from core.settings import ROOT, Settings, read_settings
from core.store.environment import now
from core.store.files import told_plainly, write_json
from core.store.lock import waiting_lock
from core.store.runs import RunStore

__all__ = [
    "JobState",
    "Status",
    "add_job",
    "advance",
    "cancel_job",
    "in_turn",
    "launch",
    "launch_alone",
    "list_jobs",
    "look_at_all",
    "read_job",
    "stands_still",
    "start_job",
    "unreadable_jobs",
    "waiting_jobs",
]
_SECRETS = ("PARTWAY_ENGINE_TOKEN",)  # never stored: a worker gets that of who launches it


def start_job(plan: Plan, settings: Settings, engine: str = "host") -> str:
    """Put the plan at the end of the queue and return the job's id; it starts if it is its turn.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    with waiting_lock(jobs_folder(settings) / QUEUE):
        job_id = add_job(plan, settings, engine)
    advance(settings)
    return job_id


def advance(settings: Settings) -> str | None:
    """Start the job whose turn it is, where no worker is alive; returns its id.

    Raises:
        StoreError: the results folder cannot be written; the queue stays as it is.
    """
    if not any(job.ready for job in list_jobs(settings)):
        return None
    with waiting_lock(jobs_folder(settings) / QUEUE), ExitStack() as ours:
        turn = try_hold(jobs_folder(settings) / TURN)
        if turn is None:
            return None
        ours.enter_context(turn)
        waiting = waiting_jobs(settings)
        if not waiting:
            return None
        RunStore(settings.results).check_writable()
        return _hand_over(waiting[0].job_id, turn, settings)


def waiting_jobs(settings: Settings) -> tuple[JobState, ...]:
    """The jobs that go on by themselves when it is their turn, the next one first."""
    return in_turn(list_jobs(settings))


def in_turn(jobs: Iterable[JobState]) -> tuple[JobState, ...]:
    """Those of the jobs that wait for their turn, the next one first."""
    ready = [job for job in jobs if job.ready]
    return tuple(sorted(ready, key=lambda job: (job.place, job.number, job.job_id)))


def stands_still(settings: Settings) -> bool:
    """Whether jobs are ready and no worker is alive."""
    jobs = list_jobs(settings)
    return any(job.ready for job in jobs) and not any(job.at_work for job in jobs)


def list_jobs(settings: Settings, most: int | None = None) -> tuple[JobState, ...]:
    """Every job that can be read, or as many as asked for, the newest first."""
    return look_at_all(settings)[0][:most]


def unreadable_jobs(settings: Settings) -> tuple[str, ...]:
    """A sentence for every job whose folder does not say what it is."""
    return look_at_all(settings)[1]


def look_at_all(settings: Settings) -> tuple[tuple[JobState, ...], tuple[str, ...]]:
    """Every job that can be read, the newest first, and a sentence for every other one."""
    found, told = [], []
    for folder in job_folders(settings):
        try:
            found.append(read_state(folder))
        except PartwayError as error:
            told.append(str(error))
    newest = sorted(found, key=lambda job: (job.number, job.created, job.job_id), reverse=True)
    return tuple(newest), tuple(told)


def read_job(job_id: str, settings: Settings) -> JobState:
    """What a job's folder says now.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.  StoreError: it cannot be read.
    """
    return read_state(job_folder(job_id, settings))


def cancel_job(job_id: str, settings: Settings) -> JobState:
    """See `steering.cancel`."""
    from core.jobs.steering import cancel

    return cancel(job_id, settings)


def launch(
    command: list[str], folder: Path, settings: Settings, held: tuple[int, ...] = ()
) -> None:
    """Run a worker detached: no stdin, output to the job's log, a session of its own.

    `held` are the locks that it inherits.
    """
    with told_plainly(folder), (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=held,
            env={k: v for k, v in os.environ.items() if k not in _NAMES} | as_environment(settings),
        )
    # Waited for in the background, so that an ended worker never stays behind as a zombie.
    threading.Thread(target=process.wait, daemon=True, name=f"wait-{process.pid}").start()


def launch_alone(module: str, folder: Path, settings: Settings) -> bool:
    """Launch work that waits for no turn; False where a worker is at that folder already."""
    held = try_hold(folder / HELD)
    if held is None:
        return False
    with held:
        command = [sys.executable, "-m", module, str(folder), str(held.handle)]
        launch(command, folder, settings, (held.handle,))
    return True


def add_job(plan: Plan, settings: Settings, engine: str) -> str:
    """A new job at the end of the queue; for those who hold the queue's lock."""
    known = list_jobs(settings)
    # The number, not the time in the id, tells which job is newer: clocks can be set back.
    number = max((job.number for job in known), default=0) + 1
    place = max((job.place for job in known), default=0) + 1
    job_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = jobs_folder(settings) / job_id
    surroundings = {k: v for k, v in as_environment(settings).items() if k not in _SECRETS}
    kind = kind_of(plan).name
    where = sweep_engine(engine, settings) if kind == "sweep" else engine
    job = {"plan": plan.to_json(), "engine": where, "created": now(), "number": number}
    job |= {} if kind == "sweep" else {"kind": kind}  # as earlier versions wrote sweeps
    try:
        with told_plainly(folder):
            folder.mkdir(parents=True)
        write_wish(folder, first_wish(folder, place))
        write_json(folder / JOB, job | {"settings": surroundings})  # last: now it is a job
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job_id


def _hand_over(job_id: str, turn: Held, settings: Settings) -> str | None:
    """Start the worker, which inherits the turn and its job's lock."""
    folder = job_folder(job_id, settings)
    mine = try_hold(folder / HELD)
    if mine is None:  # somebody runs this job by hand
        return None
    with mine:
        handles = (turn.handle, mine.handle)
        command = [sys.executable, "-m", "core.jobs.worker", str(folder)]
        there = _settings_of(folder, settings)
        launch([*command, *map(str, handles)], folder, there, handles)
    return job_id


def _settings_of(folder: Path, settings: Settings) -> Settings:
    """The settings with which the job was started, whoever starts its worker now."""
    given: dict[str, str] = read_asked(folder).get("settings") or as_environment(settings)
    there = read_settings({name: str(value) for name, value in given.items()})
    return replace(there, results=settings.results, engine_token=settings.engine_token)


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


_NAMES = frozenset(
    {
        "PARTWAY_RESULTS",
        "PARTWAY_STATE",
        "PARTWAY_PAIRS",
        "PARTWAY_TASKS",
        "PARTWAY_DATA",
        "PARTWAY_ENGINE_URL",
        "PARTWAY_ENGINE_TOKEN",
        "PARTWAY_DEVICE",
        "PARTWAY_THREADS",
        "PARTWAY_RAY_ADDRESS",
        "PARTWAY_RAY_ACTORS",
    }
)
