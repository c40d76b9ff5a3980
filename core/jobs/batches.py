"""Lists of prompts: what each asks, which filmstrips answer it, and the job that writes them.

    batch_id = start_batch(plan, settings)      # returns at once; the same plan goes on
    read_batch(batch_id, settings).job · cancel_batch(batch_id, settings) · delete_batch(…)

results/batches/<id>/ holds batch.json (the plan) and rows.jsonl (which filmstrip answers which
prompt). The answers themselves are filmstrips; the worker's files lie in its job's folder.
"""

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.errors import NotKnown, StoreError
from core.jobs.batch_plan import BatchPlan, batch_plan_from_json
from core.jobs.job_folder import BATCH, BATCHES, job_folder
from core.jobs.jobs import list_jobs
from core.jobs.once import newest_like, start_once
from core.jobs.state import JobState
from core.jobs.steering import cancel
from core.settings import Settings
from core.store.environment import now
from core.store.files import append_lines, drop_torn_line, read_json, read_lines, write_json
from core.store.lock import waiting_lock
from core.store.runs import RunStore, checked_id

ROWS = "rows.jsonl"
ENDING_SECONDS = 10.0  # a cancelled worker gets so long to end before its folder is deleted


@dataclass(frozen=True, slots=True)
class BatchState:
    """A list as its folder tells it."""

    batch_id: str
    plan: BatchPlan
    created: str
    job: JobState | None  # the newest that writes it; None where no job is left
    rows: tuple[str | None, ...]  # filmstrip id of each prompt; None: not answered yet

    @property
    def answered(self) -> int:
        """How many prompts have their filmstrip."""
        return sum(row is not None for row in self.rows)

    @property
    def under_way(self) -> bool:
        """True while its job runs or waits for its turn."""
        return self.job is not None and self.job.under_way


def start_batch(plan: BatchPlan, settings: Settings, engine: str = "host") -> str:
    """Put the list into the queue, unless it is there; returns the list's id.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    folder = settings.results / BATCHES / plan.batch_id
    write_json(folder / BATCH, {"plan": plan.to_json(), "created": now()})
    start_once(plan, settings, engine)
    return plan.batch_id


def keep_list(plan: BatchPlan, settings: Settings) -> Path:
    """The list's own folder, made where it is not there; for its worker."""
    folder = settings.results / BATCHES / plan.batch_id
    if not (folder / BATCH).is_file():
        write_json(folder / BATCH, {"plan": plan.to_json(), "created": now()})
    return folder


def list_batches(settings: Settings) -> tuple[BatchState, ...]:
    """Every list, the newest first."""
    parent = settings.results / BATCHES
    names = [path.parent.name for path in parent.glob(f"*/{BATCH}")] if parent.is_dir() else []
    jobs = list_jobs(settings)
    found = [_read(name, jobs, settings) for name in names]
    return tuple(sorted(found, key=lambda one: (one.created, one.batch_id), reverse=True))


def read_batch(batch_id: str, settings: Settings) -> BatchState:
    """What a list's folder and its job say now.

    Raises:
        NameRefused: no id.  NotKnown: no such list.
    """
    return _read(batch_id, list_jobs(settings), settings)


def _read(batch_id: str, jobs: Iterable[JobState], settings: Settings) -> BatchState:
    folder = _folder(batch_id, settings)
    plan, created = _plan_once(str(folder / BATCH), (folder / BATCH).stat().st_mtime_ns)
    rows: list[str | None] = [None] * len(plan.prompts)
    for row in read_lines(folder / ROWS):
        rows[row["at"]] = row["strip"]
    return BatchState(batch_id, plan, created, newest_like(plan, jobs), tuple(rows))


def cancel_batch(batch_id: str, settings: Settings) -> BatchState:
    """End its job; what it has written is kept. Harmless when it has ended."""
    job = read_batch(batch_id, settings).job
    if job is not None:
        cancel(job.job_id, settings)
    return read_batch(batch_id, settings)


def delete_batch(batch_id: str, settings: Settings) -> None:
    """Forget the list and its jobs; its filmstrips stay in the history.

    Raises:
        StoreError: its worker does not end.
    """
    end = time.monotonic() + ENDING_SECONDS
    while (job := cancel_batch(batch_id, settings).job) is not None:
        if not job.at_work:
            shutil.rmtree(job_folder(job.job_id, settings), ignore_errors=True)
        elif time.monotonic() > end:
            raise StoreError(f"The worker of batch {batch_id} does not end. Try again in a moment.")
        else:
            time.sleep(0.05)
        if not (settings.results / BATCHES / batch_id / BATCH).is_file():
            return  # the job's folder was the list's
    shutil.rmtree(_folder(batch_id, settings), ignore_errors=True)


class RowLog:
    """Which filmstrip answers which prompt, appended as they are written.

    One worker at a time: a second one waits, and then finds everything there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = {(row["at"], row["strip"]) for row in read_lines(path)}

    def add(self, at: int, strip_id: str) -> None:
        """Note the row, unless it is noted."""
        if (at, strip_id) not in self._known:
            self._known.add((at, strip_id))
            append_lines(self._path, [{"at": at, "strip": strip_id}])


@contextmanager
def row_log(folder: Path) -> Iterator[RowLog]:
    """The folder's rows, to be written by the holder alone."""
    with waiting_lock(folder / "rows.lock"):
        drop_torn_line(folder / ROWS)
        yield RowLog(folder / ROWS)


def _folder(batch_id: str, settings: Settings) -> Path:
    folder = settings.results / BATCHES / checked_id(batch_id, "batch id")
    if not (folder / BATCH).is_file():
        raise NotKnown(f"There is no batch {batch_id} in {settings.results}. Start one first.")
    return folder


@lru_cache(64)
def _plan_once(path: str, stamp: int) -> tuple[BatchPlan, str]:
    content = read_json(Path(path))
    return batch_plan_from_json(content["plan"]), str(content["created"])
