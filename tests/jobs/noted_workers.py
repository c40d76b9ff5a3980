"""Jobs whose workers are only noted: the test holds their locks, or does their work itself."""

import os

from core.jobs import worker
from core.jobs.job_folder import job_folder
from core.settings import Settings
from tests.jobs.sweep_world import FilesEngine


def gone(held: list[int]) -> None:
    """The workers' processes have ended without a word."""
    while held:
        os.close(held.pop())


def run_here(job: str, settings: Settings) -> str:
    """The worker's work in this process; the last event."""
    folder = job_folder(job, settings)
    return worker.run_job(folder, settings, lambda name, given: FilesEngine(given)).event
