"""Reasoning studies in a process of their own: started, seen and ended through their folder.

As `core/jobs/jobs.py` does it for sweeps, in results/reasoning-jobs/<id>. The worker is
`core/jobs/reasoning_worker.py`.
"""

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import NameRefused, NotKnown
from core.jobs.diary import SILENT, DiaryStatus, end_worker, read_diary
from core.jobs.job_folder import JOB
from core.jobs.jobs import launch_alone
from core.jobs.reasoning_plan import ReasoningPlan, reasoning_plan_from_json
from core.settings import Settings
from core.store.environment import now
from core.store.files import read_json, write_json
from core.store.runs import RunStore

JOBS = "reasoning-jobs"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
INTERRUPTED = "The worker ended without a word. Start the study again: it goes on from there."


@dataclass(frozen=True, slots=True)
class ReasoningJob:
    """A study as its folder tells it."""

    job_id: str
    status: DiaryStatus
    plan: ReasoningPlan
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


def start_reasoning_job(plan: ReasoningPlan, settings: Settings, engine: str = "host") -> str:
    """Start a worker for the plan and return the job's id.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    job_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = settings.results / JOBS / job_id
    write_json(folder / JOB, {"plan": plan.to_json(), "engine": engine, "created": now()})
    launch_alone("core.jobs.reasoning_worker", folder, settings)
    return job_id


def list_reasoning_jobs(settings: Settings) -> tuple[ReasoningJob, ...]:
    """Every study, the newest first."""
    folder = settings.results / JOBS
    names = [path.name for path in folder.glob("*") if _ID.fullmatch(path.name)]
    whole = [name for name in sorted(names, reverse=True) if (folder / name / JOB).is_file()]
    return tuple(read_reasoning_job(name, settings) for name in whole)


def read_reasoning_job(job_id: str, settings: Settings) -> ReasoningJob:
    """What a study's folder says now.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.
    """
    folder = _folder(job_id, settings)
    job, diary = read_json(folder / JOB), read_diary(folder)
    told = INTERRUPTED if diary.message == SILENT else diary.message
    return ReasoningJob(
        job_id=job_id,
        status=diary.status,
        plan=reasoning_plan_from_json(job["plan"]),
        stage=diary.stage,
        done=diary.done,
        total=diary.total,
        eta_seconds=diary.eta_seconds,
        message=told,
        created=str(job["created"]),
    )


def cancel_reasoning_job(job_id: str, settings: Settings) -> ReasoningJob:
    """Ask the worker to end; what it flushed is kept. Harmless when it has ended.

    Raises:
        NameRefused: no id of a job.  NotKnown: no such job.
    """
    folder = _folder(job_id, settings)
    if read_reasoning_job(job_id, settings).active:
        end_worker(folder)
    return read_reasoning_job(job_id, settings)


def _folder(job_id: str, settings: Settings) -> Path:
    if not _ID.fullmatch(job_id):
        raise NameRefused(
            f"{job_id[:60]!r} is not the id of a study. See: python -m core reasoning jobs."
        )
    folder = settings.results / JOBS / job_id
    if not (folder / JOB).is_file():
        raise NotKnown(f"There is no study {job_id}. See: python -m core reasoning jobs.")
    return folder
