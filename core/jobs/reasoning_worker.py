"""The process behind a study: python -m core.jobs.reasoning_worker results/reasoning-jobs/<id>.

The heartbeat, the events and the ways to end are those of `core/jobs/working.py`.
"""

import sys
from functools import partial
from pathlib import Path

from core.engine.opening import open_engine
from core.jobs.events import EventLog
from core.jobs.job_folder import JOB
from core.jobs.prepare import OpenEngine
from core.jobs.progress import Report
from core.jobs.reasoning_plan import reasoning_plan_from_json
from core.jobs.reasoning_run import Rooms, run_reasoning
from core.jobs.steered import Steered
from core.jobs.working import alone, end_this_process, run_work
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.runs import RunStore

CANCELLED = "Cancelled. What was measured is kept; start the study again to go on."


def run_study(folder: Path, settings: Settings, open_it: OpenEngine = open_engine) -> int:
    """Run the study of that folder to its end; returns the exit code."""

    def work(events: EventLog, report: Report) -> str:
        return _measure(folder, settings, report, open_it)

    return run_work(folder, work, Steered(folder, end_this_process), CANCELLED).exit_code


def _measure(folder: Path, settings: Settings, report: Report, open_it: OpenEngine) -> str:
    job = read_json(folder / JOB)
    store = RunStore(settings.results, (PUBLISHED,))
    reopen = partial(open_it, job["engine"], settings)
    plan = reasoning_plan_from_json(job["plan"])
    outcome = run_reasoning(plan, reopen(), Rooms(settings, store, reopen), report)
    told = (f"Answered {outcome.computed} items in {len(outcome.runs)} runs.", *outcome.notes)
    return " ".join(told)


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point: the study's folder, and the handle of its lock where that was handed over."""
    return alone(arguments, lambda folder: run_study(folder, read_settings(), open_it))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
