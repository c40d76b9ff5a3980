"""The process behind a job: python -m core.jobs.worker results/jobs/<id>.

Runs the sweep of the job's plan, writes events and a heartbeat into the folder, and ends
cleanly on SIGTERM or Ctrl-C ("cancelled"; what was flushed is kept). Started by
`core.jobs.jobs.start_job`; prints nothing but its log.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from core.engine.opening import open_engine
from core.errors import PartwayError
from core.jobs.account import accounted
from core.jobs.events import HEARTBEAT, EventLog
from core.jobs.jobs import JOB, write_mark
from core.jobs.judge_stored import Places
from core.jobs.judge_sweep import judge_sweep
from core.jobs.plan import plan_from_json
from core.jobs.prepare import OpenEngine, engine_if_needed
from core.jobs.process import own_mark
from core.jobs.sweep import SweepOutcome, run_sweep
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json
from core.store.runs import RunStore

HEARTBEAT_SECONDS = 5.0
CANCELLED = "Cancelled. What was measured is kept; start the sweep again to go on."
EXIT_CANCELLED, EXIT_BUG = 130, 1
logger = logging.getLogger(__name__)


class Cancelled(BaseException):
    """SIGTERM or Ctrl-C came; not an Exception, so that no handler on the way swallows it."""


def run_job(folder: Path, settings: Settings, open_it: OpenEngine = open_engine) -> int:
    """Run the job of that folder to its end; returns the exit code."""
    return run_work(folder, lambda events: _finished(_sweep(folder, settings, events, open_it)))


def run_work(folder: Path, work: Callable[[EventLog], str], cancelled: str = CANCELLED) -> int:
    """Do the work with a heartbeat and a diary; what it returns is the last word.

    Whatever ends it is written down; returns the exit code.
    """
    events = EventLog(folder)
    with _Heart(folder):
        write_mark(folder, own_mark())
        events.write("started")
        try:
            message = work(events)
        except Cancelled:
            events.write("cancelled", message=cancelled)
            return EXIT_CANCELLED
        except PartwayError as error:
            events.write("failed", message=str(error))
            return error.exit_code
        except Exception as error:
            logger.exception("the job failed")
            message = f"The worker met a bug ({type(error).__name__}). The log is {folder / 'log'}."
            events.write("failed", message=message)
            return EXIT_BUG
        events.write("finished", message=message)
        return 0


def _sweep(
    folder: Path, settings: Settings, events: EventLog, open_it: OpenEngine
) -> SweepOutcome | None:
    job = read_json(folder / JOB)
    store = RunStore(settings.results, (PUBLISHED,))
    plan = plan_from_json(job["plan"])
    with accounted(folder, plan, store, settings):
        engine = engine_if_needed(plan, settings, store, job["engine"], open_it)
        reopen = partial(open_it, job["engine"], settings)
        outcome = None
        if engine is not None:
            outcome = run_sweep(plan, engine, store, events.progress, settings.threads, reopen)
        judge_sweep(plan, Places(settings, store, reopen), events.progress)
        return outcome


def _finished(outcome: SweepOutcome | None) -> str:
    if outcome is None or (not outcome.computed and not outcome.judged):
        return "Everything was measured already; nothing was computed."
    return f"Measured {outcome.computed} items."


class _Heart:
    """Touches the heartbeat file while the worker lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / HEARTBEAT
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> None:
        self._path.touch()
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            self._path.touch()


def _on_signal(number: int, frame: FrameType | None) -> None:
    # Once: a second signal must not cut short the writing of "cancelled".
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    raise Cancelled


def listen() -> None:
    """Log to the job's log, and take SIGTERM and Ctrl-C as "cancel"."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _on_signal)


def main(arguments: list[str], open_it: OpenEngine = open_engine) -> int:
    """Entry point; one argument, the job's folder."""
    listen()
    return run_job(Path(arguments[0]), read_settings(), open_it)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
