"""The process behind a look at weights: python -m core.jobs.look_worker STATE/looks/<pair>.

Started by `core.jobs.looking.start_looking`; ends cleanly on SIGTERM or Ctrl-C.
"""

import sys
import time
from pathlib import Path

from core.jobs.events import EventLog
from core.jobs.job_folder import JOB
from core.jobs.looking import look_now
from core.jobs.progress import Progress, Report
from core.jobs.steered import Steered
from core.jobs.working import alone, end_this_process, run_work
from core.settings import Settings, read_settings
from core.store.files import read_json

CANCELLED = "Cancelled. Nothing was kept; start it again when there is time."


def run_folder(folder: Path, settings: Settings) -> int:
    """Look at the pair of that folder; returns the exit code."""

    def work(events: EventLog, report: Report) -> str:
        pair, began = str(read_json(folder / JOB)["pair"]), time.monotonic()
        report(Progress("checking", 0, 0, None, f"Hashing the parents of {pair}."))
        look_now(pair, settings, report)
        return f"Read in {time.monotonic() - began:.1f} s."

    return run_work(folder, work, Steered(folder, end_this_process), CANCELLED).exit_code


def main(arguments: list[str]) -> int:
    """Entry point: the folder, and the handle of its lock where that was handed over."""
    return alone(arguments, lambda folder: run_folder(folder, read_settings()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
