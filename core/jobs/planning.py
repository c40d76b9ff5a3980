"""Plans that are being worked out, seen through their folder; nothing here waits for an engine.

    key = begin(plan, ahead, settings)        # returns at once
    look(key, settings).estimate              # grows while it is worked out

STATE/plans/<key>/ holds request.json, at_work (the planner's pid, locked while it lives),
progress.json, estimate.json and, where it failed, failed.json. The key holds what is asked and
what is stored, so that what is measured meanwhile makes another plan. Not here: the process that
works it out (`planner.py`).
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.canon import content_id
from core.errors import PartwayError, StoreError
from core.jobs.account import JOBS, keep_expected
from core.jobs.estimate import PLANS, Estimate, estimate_from_json
from core.jobs.forecast import Forecast, forecast
from core.jobs.jobs import as_environment, start_job
from core.jobs.plan import SweepPlan
from core.settings import PUBLISHED, ROOT, Settings
from core.store.files import read_json, told_plainly, write_json
from core.store.runs import RunStore, checked_id

Status = Literal["absent", "working", "done", "failed"]
REQUEST, PROGRESS, ESTIMATE, FAILED = (
    f"{name}.json" for name in ("request", "progress", "estimate", "failed")
)
AT_WORK, LOG = "at_work", "log"
STARTING_SECONDS = 30.0  # a planner that has not locked its file by then never will
KEPT_PLANS = 40
ENDED = "Working the plan out ended without a word. Try again."


@dataclass(frozen=True, slots=True)
class Planning:
    """How far a plan is worked out."""

    key: str
    status: Status
    message: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0  # since it was begun
    estimate: Estimate | None = None


def key_of(plan: SweepPlan, ahead: Forecast) -> str:
    """The same for the same question over the same stored runs."""
    rows = [[row.name, [str(lam) for lam in row.missing]] for row in ahead.rows]
    parents = [ahead.pair.base, ahead.pair.instruct]
    return content_id([plan.to_json(), parents, rows, ahead.unjudged])


def begin(plan: SweepPlan, ahead: Forecast, settings: Settings) -> str:
    """Start working the plan out, unless that is going on; returns its key."""
    key = key_of(plan, ahead)
    if look(key, settings).status == "working":
        return key
    _keep_few(settings.state / PLANS)
    folder = _folder(key, settings)
    for name in (AT_WORK, PROGRESS, ESTIMATE, FAILED):
        (folder / name).unlink(missing_ok=True)
    write_json(folder / REQUEST, {"plan": plan.to_json()}, durable=False)
    _launch(folder, settings)
    return key


def look(key: str, settings: Settings) -> Planning:
    """What is known of a plan now (milliseconds)."""
    folder = _folder(key, settings)
    if not (folder / REQUEST).is_file():
        return Planning(key, "absent")
    estimate = _estimate(folder)
    if estimate is not None and estimate.whole:
        return Planning(key, "done", estimate=estimate)
    since = time.time() - (folder / REQUEST).stat().st_mtime
    if (folder / FAILED).is_file():
        return Planning(
            key, "failed", str(_read(folder / FAILED).get("message")), estimate=estimate
        )
    if not _living(folder, since):
        return Planning(key, "failed", ENDED, estimate=estimate)
    told = _read(folder / PROGRESS)
    done, total = int(told.get("done", 0)), int(told.get("total", 0))
    message = str(told.get("message", "Starting"))
    return Planning(key, "working", message, done, total, since, estimate)


def stop(key: str, settings: Settings) -> None:
    """End the working out; what is known stays until it is begun again."""
    folder = _folder(key, settings)
    if _is_locked(folder / AT_WORK):
        os.kill(int((folder / AT_WORK).read_text()), signal.SIGTERM)


def keep(plan: SweepPlan, ahead: Forecast, known: Estimate, settings: Settings) -> None:
    """Lay down what a terminal worked out, so that a page and a job find it."""
    folder = _folder(key_of(plan, ahead), settings)
    write_json(folder / REQUEST, {"plan": plan.to_json()}, durable=False)
    write_json(folder / ESTIMATE, known.to_json(), durable=False)
    (folder / FAILED).unlink(missing_ok=True)


def start_with_estimate(plan: SweepPlan, settings: Settings, engine: str = "host") -> str:
    """Start a job; the estimate that was worked out for it goes into its folder.

    Raises:
        StoreError: results cannot be written.
    """
    known = _known(plan, settings)
    job_id = start_job(plan, settings, engine)
    if known is not None:
        keep_expected(settings.results / JOBS / job_id, known)
    return job_id


def _known(plan: SweepPlan, settings: Settings) -> Estimate | None:
    try:
        ahead = forecast(plan, settings, RunStore(settings.results, (PUBLISHED,)))
        planning = look(key_of(plan, ahead), settings)
    except PartwayError:  # what the plan lacks, the job itself will tell
        return None
    return planning.estimate if planning.status == "done" else None


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Around the planner's work: the kernel gives the lock back however it ends."""
    with told_plainly(folder), (folder / AT_WORK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _folder(key: str, settings: Settings) -> Path:
    return settings.state / PLANS / checked_id(key, "plan's key")


def _estimate(folder: Path) -> Estimate | None:
    content = _read(folder / ESTIMATE)
    return estimate_from_json(content) if content else None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content: dict[str, Any] = read_json(path)
        return content
    except StoreError:  # a plan is worked out again in seconds
        return {}


def _living(folder: Path, since: float) -> bool:
    if not (folder / AT_WORK).is_file():
        return since < STARTING_SECONDS
    return _is_locked(folder / AT_WORK)


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _launch(folder: Path, settings: Settings) -> None:
    """The planner, detached; it goes on when the page is closed."""
    with told_plainly(folder), (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.jobs.planner", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **as_environment(settings)},
        )
    # Waited for in the background, so that an ended planner never stays behind as a zombie.
    threading.Thread(target=process.wait, daemon=True, name=f"wait-{process.pid}").start()


def _keep_few(folder: Path) -> None:
    """The newest plans; the sizes beside them are no plan."""
    if not folder.is_dir():
        return
    plans = [path for path in folder.iterdir() if (path / REQUEST).is_file()]
    newest = sorted(plans, key=lambda path: (path / REQUEST).stat().st_mtime, reverse=True)
    for path in newest[KEPT_PLANS:]:
        shutil.rmtree(path, ignore_errors=True)
