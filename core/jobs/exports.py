"""Exports in processes of their own, seen and ended through their folder.

    export_id = start_export(Export("tinyworld", Lam(700), Path("/data/out")), settings)
    read_export(export_id, settings).diary.done · cancel_export(export_id, settings)

results/exports/<id>/ holds job.json (what is written where), done.json (what came of it) and the
worker's files as a job's folder does. The same order has the same id: started again it goes on
from the files that are whole. Not here: the checks before (`export_plan.py`), the worker
(`export_worker.py`), the writing (`exporting.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.canon import content_id
from core.errors import NotKnown, PartwayError
from core.jobs.diary import Diary, end_worker, read_diary
from core.jobs.events import EVENTS
from core.jobs.exporting import Export, ExportDone
from core.jobs.heartbeat import HEARTBEAT
from core.jobs.holding import is_held
from core.jobs.job_folder import HELD, JOB
from core.jobs.jobs import launch_alone
from core.jobs.wish import WISH
from core.lam import Lam
from core.settings import Settings
from core.store.environment import now
from core.store.files import read_json, write_json
from core.store.runs import RunStore, checked_id

EXPORTS, DONE = "exports", "done.json"


@dataclass(frozen=True, slots=True)
class ExportState:
    """An export as its folder tells it."""

    job_id: str
    export: Export
    created: str
    diary: Diary
    done: ExportDone | None  # what was written, once it is


def start_export(export: Export, settings: Settings) -> str:
    """Start a worker, unless one is at it; returns the id of the order at once.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    order = to_json(export)
    job_id = content_id({"export-job": 1, **order})
    folder = settings.results / EXPORTS / job_id
    if is_held(folder / HELD):
        return job_id
    for name in (WISH, EVENTS, HEARTBEAT, DONE):  # of an earlier worker
        (folder / name).unlink(missing_ok=True)
    write_json(folder / JOB, {"export": order, "created": now()})
    launch_alone("core.jobs.export_worker", folder, settings)
    return job_id


def list_exports(settings: Settings) -> tuple[ExportState, ...]:
    """Every export that can be read, the newest first."""
    parent, found = settings.results / EXPORTS, []
    for path in parent.glob(f"*/{JOB}") if parent.is_dir() else ():
        try:
            found.append(read_export(path.parent.name, settings))
        except PartwayError:  # opened by its address it says what is wrong
            continue
    return tuple(sorted(found, key=lambda one: (one.created, one.job_id), reverse=True))


def read_export(job_id: str, settings: Settings) -> ExportState:
    """What an export's folder says now.

    Raises:
        NameRefused: no id.  NotKnown: no such export.  StoreError: it cannot be read.
    """
    folder = settings.results / EXPORTS / checked_id(job_id, "export id")
    if not (folder / JOB).is_file():
        raise NotKnown(f"There is no export {job_id} in {settings.results}. Start one first.")
    job, diary = read_json(folder / JOB), read_diary(folder)
    done = read_json(folder / DONE) if (folder / DONE).is_file() else None
    return ExportState(
        job_id=job_id,
        export=from_json(job["export"]),
        created=str(job["created"]),
        diary=diary,
        done=None if done is None else ExportDone(**{**done, "files": tuple(done["files"])}),
    )


def cancel_export(job_id: str, settings: Settings) -> None:
    """Ask the worker to end; the files that are whole are kept. Harmless when it has ended."""
    if read_export(job_id, settings).diary.active:
        end_worker(settings.results / EXPORTS / job_id)


def to_json(export: Export) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "pair": export.pair,
        "lambda": str(export.lam),
        "out": str(export.out),
        "shard_bytes": export.shard_bytes,
    }


def from_json(content: dict[str, Any]) -> Export:
    """The inverse."""
    return Export(
        pair=str(content["pair"]),
        lam=Lam.parse(content["lambda"]),
        out=Path(content["out"]),
        shard_bytes=int(content["shard_bytes"]),
    )
