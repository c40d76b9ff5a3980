"""The process behind a batch: python -m core.jobs.batch_worker results/batches/<id>.

Started by `core.jobs.batches.start_batch`; ends cleanly on SIGTERM or Ctrl-C.
"""

import logging
import sys
from pathlib import Path

from core.engine.opening import open_engine
from core.errors import EngineUnavailable
from core.jobs.batch import BatchOutcome, run_batch
from core.jobs.batch_plan import batch_plan_from_json
from core.jobs.batches import BATCH, row_log
from core.jobs.events import EventLog
from core.jobs.prepare import OpenEngine
from core.jobs.progress import Report
from core.jobs.steered import Steered
from core.jobs.working import alone, end_this_process, run_work
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.filmstrips import FilmstripStore

MOST_DEATHS = 3  # of the engine in one batch
CANCELLED = "Cancelled. What was written is kept; start the list again to go on."
logger = logging.getLogger(__name__)


def run_folder(folder: Path, settings: Settings, open_it: OpenEngine = open_engine) -> int:
    """Run the batch of that folder to its end; returns the exit code."""

    def work(events: EventLog, report: Report) -> str:
        content = read_json(folder / BATCH)
        plan = batch_plan_from_json(content["plan"])
        shelf = FilmstripStore(settings.results, (PUBLISHED,))
        with row_log(folder) as rows:
            for _ in range(MOST_DEATHS):
                engine = open_it(content["engine"], settings)
                try:
                    return told(run_batch(plan, engine, shelf, report, rows.add))
                except EngineUnavailable as error:  # what was whole is kept: go on from there
                    logger.warning("the engine is gone (%s); going on with another one", error)
            engine = open_it(content["engine"], settings)
            return told(run_batch(plan, engine, shelf, report, rows.add))

    return run_work(folder, work, Steered(folder, end_this_process), CANCELLED).exit_code


def told(outcome: BatchOutcome) -> str:
    """What a pass did, in words."""
    words = [f"Wrote {outcome.asked} filmstrips."]
    if outcome.found:
        words.append(f"{outcome.found} were there already.")
    if outcome.failed:
        words.append(f"{outcome.failed} have an answer that could not be had.")
    return " ".join(words)


def main(arguments: list[str]) -> int:
    """Entry point: the batch's folder, and the handle of its lock where that was handed over."""
    return alone(arguments, lambda folder: run_folder(folder, read_settings()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
