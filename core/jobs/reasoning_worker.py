"""The process behind a study: python -m core.jobs.reasoning_worker results/reasoning-jobs/<id>.

The heartbeat, the events and the ways to end are those of `core/jobs/worker.py`.
"""

import logging
import signal
import sys
from functools import partial
from pathlib import Path

from core.engine.opening import open_engine
from core.jobs.events import EventLog
from core.jobs.jobs import JOB
from core.jobs.prepare import OpenEngine
from core.jobs.reasoning_plan import reasoning_plan_from_json
from core.jobs.reasoning_run import Rooms, run_reasoning
from core.jobs.worker import on_signal, run_job
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.runs import RunStore


def measure(folder: Path, settings: Settings, events: EventLog, open_it: OpenEngine) -> str:
    """Run the study of that folder; returns what to say at its end."""
    job = read_json(folder / JOB)
    store = RunStore(settings.results, (PUBLISHED,))
    reopen = partial(open_it, job["engine"], settings)
    plan = reasoning_plan_from_json(job["plan"])
    outcome = run_reasoning(plan, reopen(), Rooms(settings, store, reopen), events.progress)
    told = (f"Answered {outcome.computed} items in {len(outcome.runs)} runs.", *outcome.notes)
    return " ".join(told)


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point; one argument, the study's folder."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, on_signal)
    return run_job(Path(arguments[0]), read_settings(), open_it, measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
