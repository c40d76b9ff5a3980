"""Exports as jobs of the queue, and what came of them.

    job_id = start_export(Export("tinyworld", Lam(700), Path("/data/out")), settings)
    read_export(job_id, settings).job.done · steering.cancel(job_id, settings)

A job's folder with done.json (what came of it) beside the others. The same order started again
goes on from the files that are whole. Not here: the checks before (`export_plan.py`), the work
(`export_job.py`), the writing (`exporting.py`).
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotKnown, PartwayError
from core.jobs.export_order import Export
from core.jobs.exporting import ExportDone
from core.jobs.job_folder import job_folder
from core.jobs.jobs import list_jobs
from core.jobs.once import start_once
from core.jobs.state import JobState, read_state
from core.settings import Settings
from core.store.files import read_json

DONE = "done.json"


@dataclass(frozen=True, slots=True)
class ExportState:
    """An export as its job's folder tells it."""

    job: JobState
    export: Export
    done: ExportDone | None  # what was written, once it is

    @property
    def job_id(self) -> str:
        """The id of its job."""
        return self.job.job_id


def start_export(export: Export, settings: Settings) -> str:
    """Put the order into the queue, unless it is there; returns the job's id at once.

    Raises:
        StoreError: the results folder cannot be written.
    """
    return start_once(export, settings, engine="none")


def list_exports(settings: Settings) -> tuple[ExportState, ...]:
    """Every export that can be read, the newest first."""
    found = []
    for job in list_jobs(settings):
        if isinstance(job.plan, Export):
            with suppress(PartwayError):  # opened by its address it says what is wrong
                found.append(_state(job, job.plan, settings))
    return tuple(found)


def read_export(job_id: str, settings: Settings) -> ExportState:
    """What an export's folder says now.

    Raises:
        NameRefused: no id.  NotKnown: no such export.  StoreError: it cannot be read.
    """
    job = read_state(job_folder(job_id, settings))
    if not isinstance(job.plan, Export):
        raise NotKnown(f"Job {job_id} is no export. See it with: python -m core jobs show {job_id}")
    return _state(job, job.plan, settings)


def _state(job: JobState, export: Export, settings: Settings) -> ExportState:
    return ExportState(job, export, _done(job_folder(job.job_id, settings)))


def _done(folder: Path) -> ExportDone | None:
    if not (folder / DONE).is_file():
        return None
    content = read_json(folder / DONE)
    return ExportDone(**{**content, "files": tuple(content["files"])})
