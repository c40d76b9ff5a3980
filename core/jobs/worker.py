"""The process behind a job: python -m core.jobs.worker results/jobs/<id>.

Runs the sweep of the job's plan, obeys what a person wants (`steered.py`), and when it ends starts
the next job of the queue. What was flushed is kept however it ends. `jobs.advance` starts it and
hands over two locks: the turn, and the job's own; started by hand it takes them itself, or says who
has them. Prints its log.
"""

import logging
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.engine.opening import open_engine
from core.errors import PartwayError, RunLocked
from core.jobs.account import accounted
from core.jobs.events import EventLog
from core.jobs.job_folder import HELD, JOB, TURN
from core.jobs.jobs import advance
from core.jobs.judge_stored import JudgeOutcome, Places
from core.jobs.judge_sweep import judge_sweep
from core.jobs.plan import SweepPlan, plan_from_json
from core.jobs.prepare import OpenEngine, engine_if_needed, planned
from core.jobs.progress import Progress, Report
from core.jobs.steered import Steered
from core.jobs.sweep import SweepOutcome, run_sweep
from core.jobs.working import Ending, at_work, end_this_process, run_work
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.runs import RunStore

WAIT_SECONDS = 1.0  # between two looks at a run that another process is writing
logger = logging.getLogger(__name__)


def run_job(
    folder: Path,
    settings: Settings,
    open_it: OpenEngine = open_engine,
    steered: Steered | None = None,
) -> Ending:
    """Run the job of that folder until it ends or is stopped; tells how."""

    def work(events: EventLog, report: Report) -> str:
        job = read_json(folder / JOB)
        plan, engine = plan_from_json(job["plan"]), str(job["engine"])
        events.write("planned", sweep=planned(plan, settings).sweep().sweep_id)
        with accounted(folder, plan, RunStore(settings.results, (PUBLISHED,)), settings):
            return _sweep(plan, settings, engine, open_it, report)

    return run_work(folder, work, steered)


def _sweep(
    plan: SweepPlan, settings: Settings, engine: str, open_it: OpenEngine, report: Report
) -> str:
    while True:
        try:
            return _measure(plan, settings, engine, open_it, report)
        except RunLocked as error:
            # What the other process measures is measured: this one takes up the rest.
            report(Progress("waiting", 0, 0, None, str(error)))
            time.sleep(WAIT_SECONDS)


def _measure(
    plan: SweepPlan, settings: Settings, engine: str, open_it: OpenEngine, report: Report
) -> str:
    store = RunStore(settings.results, (PUBLISHED,))
    opened = engine_if_needed(plan, settings, store, engine, open_it)
    reopen = partial(open_it, engine, settings)
    outcome = None
    if opened is not None:
        outcome = run_sweep(plan, opened, store, report, settings.threads, reopen)
    judged = judge_sweep(plan, Places(settings, store, reopen), report)
    return _finished(outcome, judged)


def _finished(outcome: SweepOutcome | None, judged: JudgeOutcome | None) -> str:
    told = []
    if outcome is not None and (outcome.computed or outcome.judged):
        told.append(f"Measured {outcome.computed:,} items.")
    if judged is not None and judged.sets:
        told.append(f"Asked judges {judged.asked:,} questions.")
    return " ".join(told) or "Everything was measured already; nothing was computed."


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point: the job's folder, and the handles of the locks that were handed over."""
    folder = Path(arguments[0]).resolve()
    settings = replace(read_settings(), results=folder.parent.parent)
    handles = [int(handle) for handle in arguments[1:]]
    try:
        with at_work((folder.parent / TURN, folder / HELD), handles):
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
