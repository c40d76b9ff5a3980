"""Where a job lies and what its files are called; an id is checked before it becomes a path.

    results/jobs/<id>/   job.json (what was asked, written once) · wish.json (what a person wants
                         now) · events.jsonl (what its workers did) · heartbeat · log
    results/jobs/.turn   held by the one worker whose turn it is
    results/jobs/.queue  held for a moment by whoever changes the queue

Not here: what the files say.
"""

import re
from pathlib import Path

from core.errors import NameRefused, NotKnown
from core.settings import Settings

JOBS, JOB, LOG = "jobs", "job.json", "log"
TURN, QUEUE, HELD = ".turn", ".queue", ".worker"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")


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
    folder = jobs_folder(settings) / job_id
    if not (folder / JOB).is_file():
        raise NotKnown(
            f"There is no job {job_id} in {settings.results}. "
            "See them with: python -m core jobs list."
        )
    return folder


def job_folders(settings: Settings) -> tuple[Path, ...]:
    """Every job's folder; one that was not written to the end is none."""
    parent = jobs_folder(settings)
    if not parent.is_dir():
        return ()
    named = sorted(path for path in parent.iterdir() if _ID.fullmatch(path.name))
    return tuple(path for path in named if (path / JOB).is_file())
