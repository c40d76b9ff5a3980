"""The process behind a job: python -m core.jobs.worker results/jobs/<id>.

Does the work of the job's plan, whatever its kind, obeys what a person wants (`steered.py`), and
when it ends starts the next job of the queue. What was flushed is kept however it ends.
`jobs.advance` starts it and hands over two locks: the turn, and the job's own; started by hand it
takes them itself, or says who has them. Prints its log.
"""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.engine.opening import open_engine
from core.errors import PartwayError, RunLocked
from core.jobs.asked import KindName, kind_of, plan_of
from core.jobs.batch_job import do_batch
from core.jobs.desk import Desk
from core.jobs.events import EventLog
from core.jobs.export_job import do_export
from core.jobs.job_folder import HELD, JOBS, TURN, read_asked
from core.jobs.jobs import advance
from core.jobs.prepare import OpenEngine
from core.jobs.progress import Progress, Report
from core.jobs.steered import Steered
from core.jobs.study_job import do_study
from core.jobs.sweep_job import do_sweep
from core.jobs.working import Ending, at_work, end_this_process, run_work
from core.settings import Settings, read_settings

WAIT_SECONDS = 1.0  # between two looks at a run that another process is writing
_WORKS: dict[KindName, Callable[[Any, Desk], str]] = {
    "sweep": do_sweep,
    "reasoning": do_study,
    "batch": do_batch,
    "export": do_export,
}
logger = logging.getLogger(__name__)


def run_job(
    folder: Path,
    settings: Settings,
    open_it: OpenEngine = open_engine,
    steered: Steered | None = None,
) -> Ending:
    """Run the job of that folder until it ends or is stopped; tells how."""

    def work(events: EventLog, report: Report) -> str:
        job = read_asked(folder)
        plan = plan_of(job)
        desk = Desk(folder, settings, str(job["engine"]), open_it, events, report)
        while True:
            try:
                return _WORKS[kind_of(plan).name](plan, desk)
            except RunLocked as error:
                # What the other process measures is measured: this one takes up the rest.
                report(Progress("waiting", 0, 0, None, str(error)))
                time.sleep(WAIT_SECONDS)

    return run_work(folder, work, steered)


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point: the job's folder, and the handles of the locks that were handed over."""
    folder = Path(arguments[0]).resolve()
    settings = replace(read_settings(), results=folder.parent.parent)
    handles = [int(handle) for handle in arguments[1:]]
    try:
        with at_work((settings.results / JOBS / TURN, folder / HELD), handles):
            steered = Steered(folder, end_this_process)
            ending = run_job(folder, settings, open_it, steered)
        if ending.event != "stopped":  # else the machine shuts down, perhaps
            advance(settings)
        return ending.exit_code
    except PartwayError as error:
        logger.error("%s", error)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
