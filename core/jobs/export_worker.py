"""The process behind an export: python -m core.jobs.export_worker results/exports/<id>.

Started by `core.jobs.exports.start_export`; ends cleanly on SIGTERM or Ctrl-C. Needs no engine:
weights go from files to files.
"""

import sys
from dataclasses import asdict
from pathlib import Path

from core.jobs.events import EventLog
from core.jobs.exporting import export_now
from core.jobs.exports import DONE, from_json
from core.jobs.job_folder import JOB
from core.jobs.progress import Progress, Report
from core.jobs.steered import Steered
from core.jobs.working import alone, end_this_process, run_work
from core.settings import Settings, read_settings
from core.store.files import read_json, write_json

CANCELLED = "Cancelled. The files that were whole are kept; start it again to go on."


def run_folder(folder: Path, settings: Settings) -> int:
    """Write the checkpoint of that order; returns the exit code."""

    def work(events: EventLog, report: Report) -> str:
        export = from_json(read_json(folder / JOB)["export"])
        report(Progress("checking", 0, 0, None, f"Looking at the parents of {export.pair}."))
        done = export_now(export, settings, report)
        write_json(folder / DONE, asdict(done))
        return f"Written in {done.seconds:.1f} s."

    return run_work(folder, work, Steered(folder, end_this_process), CANCELLED).exit_code


def main(arguments: list[str]) -> int:
    """Entry point: the export's folder, and the handle of its lock where that was handed over."""
    return alone(arguments, lambda folder: run_folder(folder, read_settings()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
