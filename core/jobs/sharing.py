"""Everything the Share page asks: what an export would take, starting one, how far it is.

    plan = api.sharing.plan("tinyworld", lam, folder)
    job_id = api.sharing.start(plan.export); api.sharing.state(job_id)

A part of the pages' door (`core.api`): settings come from the environment, importing it is cheap.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

from core.jobs.export_order import Export
from core.jobs.export_plan import ExportPlan, default_folder, plan_export
from core.jobs.exporting import ExportDone, again_line, serve_lines
from core.jobs.exports import ExportState, list_exports, read_export, start_export
from core.jobs.jobs import advance
from core.jobs.steering import cancel as cancel_job
from core.lam import Lam
from core.pairs.parts import KINDS
from core.pairs.recipe import MERGEKIT, RECIPE
from core.settings import read_settings

__all__ = [
    "PARTS",
    "Export",
    "ExportDone",
    "ExportPlan",
    "ExportState",
    "default_folder",
    "serve_lines",
]
PARTS = tuple(kind for kind in KINDS if kind != "other")  # that can move alone
MOST_SHOWN = 200_000  # characters of a recipe


@dataclass(frozen=True, slots=True)
class Recipes:
    """The two files that make the export again; None where they are not there any more."""

    own: str | None
    mergekit: str | None


def plan(pair: str, lam: Lam, folder: str) -> ExportPlan:
    """What it would take, and whether it may be started.

    Raises:
        NotKnown, PairError: no such pair, or its parents are not here or cannot be merged.
    """
    return plan_export(pair, lam, folder, read_settings())


def start(export: Export) -> str:
    """Put it into the queue, or go on with it; returns its id at once.

    Raises:
        StoreError: results cannot be written.
    """
    return start_export(export, read_settings())


def state(job_id: str) -> ExportState:
    """How far it is.

    Raises:
        NameRefused: no id.  NotKnown: no such export.
    """
    settings = read_settings()
    found = read_export(job_id, settings)
    if found.job.ready:
        advance(settings)  # whoever looks goes on with a queue that stands still
    return found


def exports() -> tuple[ExportState, ...]:
    """Every export of the queue, the newest first."""
    return list_exports(read_settings())


def cancel(job_id: str) -> None:
    """End its job; the files that are whole are kept."""
    cancel_job(job_id, read_settings())


def command(pair: str, lam: Lam) -> str:
    """The shell line that writes the same."""
    return f"python -m core export --pair {shlex.quote(pair)} --lam {lam} --out FOLDER"


def again(done: ExportDone) -> str:
    """The shell line that writes it from its own recipe."""
    return again_line(done.folder)


def recipes(done: ExportDone) -> Recipes:
    """The files as they lie in the exported folder now."""
    folder = Path(done.folder)
    return Recipes(_text(folder / RECIPE), _text(folder / MERGEKIT))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")[:MOST_SHOWN]
    except OSError:
        return None
