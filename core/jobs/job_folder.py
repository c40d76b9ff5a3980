"""Where a job lies and what its files are called; an id is checked before it becomes a path.

    results/jobs/<id>/   job.json (what was asked, written once) · wish.json (what a person wants
                         now) · events.jsonl (what its workers did) · heartbeat · log
    results/jobs/.turn   held by the one worker whose turn it is
    results/jobs/.queue  held for a moment by whoever changes the queue

Before all long work was in one queue, studies, exports and lists of prompts ran beside it in
folders of their own (`EARLIER`); these are still jobs, where they lie. Not here: what the files
say.
"""

import re
from pathlib import Path
from typing import Any

from core.errors import NameRefused, NotKnown
from core.settings import Settings
from core.store.files import read_json

JOBS, JOB, LOG = "jobs", "job.json", "log"
TURN, QUEUE, HELD = ".turn", ".queue", ".worker"
BATCHES, BATCH = "batches", "batch.json"  # a list's own folder; once its worker's too
EARLIER = ("reasoning-jobs", "exports", BATCHES)
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}|[0-9a-f]{20}")
_WORKED = "events.jsonl"  # tells the folder of an earlier worker from that of a list alone


def jobs_folder(settings: Settings) -> Path:
    """Where all jobs lie; it need not exist."""
    return settings.results / JOBS


def job_folder(job_id: str, settings: Settings) -> Path:
    """The folder of a job that exists.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.
    """
    if not _ID.fullmatch(job_id):
        raise NameRefused(
            f"{job_id[:60]!r} is not the id of a job. See them with: python -m core jobs list."
        )
    for parent in _parents(settings):
        if _is_job(parent / job_id):
            return parent / job_id
    raise NotKnown(
        f"There is no job {job_id} in {settings.results}. See them with: python -m core jobs list."
    )


def job_folders(settings: Settings) -> tuple[Path, ...]:
    """Every job's folder; one that was not written to the end is none."""
    there = [parent for parent in _parents(settings) if parent.is_dir()]
    named = (path for parent in there for path in parent.iterdir() if _ID.fullmatch(path.name))
    return tuple(path for path in sorted(named) if _is_job(path))


def read_asked(folder: Path) -> dict[str, Any]:
    """What was asked: `kind`, `plan` and more; as it is told today, whenever it was written.

    Raises:
        StoreError: it cannot be read.  KeyError: it holds no plan.
    """
    job: dict[str, Any] = read_json(asked_file(folder))
    kinds = {"reasoning-jobs": "reasoning", "exports": "export", BATCHES: "batch"}
    kind = job.get("kind") or kinds.get(folder.parent.name, "sweep")
    plan = job["export"] if "export" in job else job["plan"]
    return job | {"kind": kind, "plan": plan, "engine": job.get("engine", "host")}


def asked_file(folder: Path) -> Path:
    """The file that tells what was asked."""
    return folder / (BATCH if folder.parent.name == BATCHES else JOB)


def _parents(settings: Settings) -> tuple[Path, ...]:
    return (jobs_folder(settings), *(settings.results / name for name in EARLIER))


def _is_job(folder: Path) -> bool:
    worked = folder.parent.name == JOBS or (folder / _WORKED).is_file()
    return worked and asked_file(folder).is_file()
