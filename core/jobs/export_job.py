"""The work of an export's job: the checkpoint is written, and done.json says what came of it.

Needs no engine: weights go from files to files.
"""

from dataclasses import asdict

from core.jobs.desk import Desk
from core.jobs.events import read_events
from core.jobs.export_order import Export
from core.jobs.exporting import export_now, written_before
from core.jobs.exports import DONE
from core.jobs.progress import Progress
from core.store.files import write_json


def do_export(export: Export, desk: Desk) -> str:
    """Write it; files that an earlier attempt had whole are kept."""
    (desk.folder / DONE).unlink(missing_ok=True)
    told = Progress("checking", 0, 0, None, f"Looking at the parents of {export.pair}.")
    desk.report(told)
    again = sum(event["event"] == "started" for event in read_events(desk.folder)) > 1
    whole = written_before(export, desk.settings) if again else None  # killed as it ended
    done = whole or export_now(export, desk.settings, desk.report)
    write_json(desk.folder / DONE, asdict(done))
    return "An earlier attempt had written it." if whole else f"Written in {done.seconds:.1f} s."
