"""A plan that is started again is gone on with: one job for one plan, until that is done.

    job_id = start_once(plan, settings)     # a new job; the one that is under way; or its retry
    newest_like(plan, list_jobs(settings))  # the newest job with this very plan

For lists of prompts, exports and studies. Not here: sweeps, which are begun anew (nothing that
is measured is computed again) and retried by hand.
"""

from collections.abc import Iterable

from core.errors import InputError
from core.jobs.asked import Plan
from core.jobs.job_folder import QUEUE, jobs_folder
from core.jobs.jobs import add_job, advance, list_jobs
from core.jobs.state import JobState
from core.jobs.steering import retry
from core.settings import Settings
from core.store.lock import waiting_lock
from core.store.runs import RunStore


def start_once(plan: Plan, settings: Settings, engine: str = "host") -> str:
    """Put the plan into the queue, or go on with the job that has it; returns that job's id.

    Raises:
        StoreError: the results folder cannot be written.
    """
    RunStore(settings.results).check_writable()
    with waiting_lock(jobs_folder(settings) / QUEUE):  # two tabs start one job
        known = newest_like(plan, list_jobs(settings))
        job_id = known.job_id if known is not None and known.status != "done" else None
        job_id = job_id or add_job(plan, settings, engine)
    if known is not None and job_id == known.job_id and not known.under_way:
        _retry(job_id, settings)
    advance(settings)
    return job_id


def newest_like(plan: Plan, jobs: Iterable[JobState]) -> JobState | None:
    """The first of the jobs, which come newest first, that was asked to do exactly this."""
    return next((job for job in jobs if job.plan == plan), None)


def _retry(job_id: str, settings: Settings) -> None:
    try:
        retry(job_id, settings)
    except InputError:  # somebody else was quicker
        return
