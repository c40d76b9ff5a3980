"""The process behind a study: python -m core.jobs.reasoning_worker results/reasoning-jobs/<id>.

The heartbeat, the events and the ways to end are those of `core/jobs/worker.py`.
"""

import sys
from functools import partial
from pathlib import Path

from core.engine.opening import open_engine
from core.jobs.events import EventLog
from core.jobs.jobs import JOB
from core.jobs.prepare import OpenEngine
from core.jobs.reasoning_plan import reasoning_plan_from_json
from core.jobs.reasoning_run import Rooms, run_reasoning
from core.jobs.worker import listen, run_work
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.runs import RunStore

CANCELLED = "Cancelled. What was measured is kept; start the study again to go on."


def run_study(folder: Path, settings: Settings, open_it: OpenEngine = open_engine) -> int:
    """Run the study of that folder to its end; returns the exit code."""
    return run_work(folder, lambda events: _measure(folder, settings, events, open_it), CANCELLED)


def _measure(folder: Path, settings: Settings, events: EventLog, open_it: OpenEngine) -> str:
    job = read_json(folder / JOB)
    store = RunStore(settings.results, (PUBLISHED,))
    reopen = partial(open_it, job["engine"], settings)
    plan = reasoning_plan_from_json(job["plan"])
    outcome = run_reasoning(plan, reopen(), Rooms(settings, store, reopen), events.progress)
    told = (f"Answered {outcome.computed} items in {len(outcome.runs)} runs.", *outcome.notes)
    return " ".join(told)


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point; one argument, the study's folder."""
    listen()
    return run_study(Path(arguments[0]), read_settings(), open_it)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
