"""Batches in a process of their own, seen and ended through their folder.

    batch_id = start_batch(plan, settings)      # returns at once; the same plan goes on
    read_batch(batch_id, settings).done · cancel_batch(batch_id, settings) · delete_batch(…)

results/batches/<id>/ holds batch.json (the plan), rows.jsonl (which filmstrip answers which
prompt), and the worker's files as a job's folder does. The answers themselves are filmstrips.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.errors import NotKnown, StoreError
from core.jobs.batch_plan import BatchPlan, batch_plan_from_json
from core.jobs.diary import Diary, end_worker, read_diary
from core.jobs.events import EVENTS
from core.jobs.heartbeat import HEARTBEAT
from core.jobs.holding import is_held
from core.jobs.job_folder import HELD
from core.jobs.jobs import launch_alone
from core.jobs.wish import WISH
from core.settings import Settings
from core.store.environment import now
from core.store.files import append_lines, drop_torn_line, read_json, read_lines, write_json
from core.store.lock import waiting_lock
from core.store.runs import RunStore, checked_id

BATCHES, BATCH, ROWS = "batches", "batch.json", "rows.jsonl"
ENDING_SECONDS = 10.0  # a cancelled worker gets so long to end before its folder is deleted


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch as its folder tells it."""

    batch_id: str
    plan: BatchPlan
    created: str
    diary: Diary
    rows: tuple[str | None, ...]  # filmstrip id of each prompt; None: not answered yet

    @property
    def answered(self) -> int:
        """How many prompts have their filmstrip."""
        return sum(row is not None for row in self.rows)


def start_batch(plan: BatchPlan, settings: Settings, engine: str = "host") -> str:
    """Start a worker for the plan, unless one is at it; returns the batch's id.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    folder = settings.results / BATCHES / plan.batch_id
    if is_held(folder / HELD):
        return plan.batch_id
    for name in (WISH, EVENTS, HEARTBEAT):  # of an earlier worker
        (folder / name).unlink(missing_ok=True)
    write_json(folder / BATCH, {"plan": plan.to_json(), "engine": engine, "created": now()})
    launch_alone("core.jobs.batch_worker", folder, settings)
    return plan.batch_id


def list_batches(settings: Settings) -> tuple[BatchState, ...]:
    """Every batch, the newest first."""
    parent = settings.results / BATCHES
    names = [path.parent.name for path in parent.glob(f"*/{BATCH}")] if parent.is_dir() else []
    found = [read_batch(name, settings) for name in names]
    return tuple(sorted(found, key=lambda one: (one.created, one.batch_id), reverse=True))


def read_batch(batch_id: str, settings: Settings) -> BatchState:
    """What a batch's folder says now.

    Raises:
        NameRefused: no id.  NotKnown: no such batch.
    """
    folder = _folder(batch_id, settings)
    plan, created = _plan_once(str(folder / BATCH), (folder / BATCH).stat().st_mtime_ns)
    rows: list[str | None] = [None] * len(plan.prompts)
    for row in read_lines(folder / ROWS):
        rows[row["at"]] = row["strip"]
    return BatchState(batch_id, plan, created, read_diary(folder), tuple(rows))


def cancel_batch(batch_id: str, settings: Settings) -> BatchState:
    """Ask the worker to end; what it has written is kept. Harmless when it has ended."""
    folder = _folder(batch_id, settings)
    if read_diary(folder).active:
        end_worker(folder)
    return read_batch(batch_id, settings)


def delete_batch(batch_id: str, settings: Settings) -> None:
    """Forget the list; its filmstrips stay in the history.

    Raises:
        StoreError: its worker does not end.
    """
    folder = _folder(batch_id, settings)
    end = time.monotonic() + ENDING_SECONDS
    while cancel_batch(batch_id, settings).diary.active:
        if time.monotonic() > end:
            raise StoreError(f"The worker of batch {batch_id} does not end. Try again in a moment.")
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


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
