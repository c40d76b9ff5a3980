"""One export from order to folder: check, gather what was measured, write.

    export_now(Export("tinyworld", Lam(700), Path("out")), settings, report)

Runs in the process that calls it; torch is imported when the writing begins. Not here: the
weights (core/merge/export.py), the card (core/reports/export_card.py).
"""

import json
import shlex
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.jobs.export_order import Export
from core.jobs.hashing import hashing_told
from core.jobs.progress import Progress, Report
from core.lam import Lam
from core.pairs.checkpoint import read_checkpoint
from core.pairs.parts import parse_path
from core.pairs.preflight import PairReport, check_pair
from core.pairs.recipe import MERGEKIT, RECIPE, read_recipe, recipe_of
from core.pairs.registry import PairEntry, find_pair
from core.pairs.source import is_there
from core.pairs.verified import read_verified
from core.reports.export_card import card
from core.reports.points import TradeOff
from core.reports.trade_off import available, read_trade_off
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class ExportDone:
    """What was written, for people and programs."""

    pair: str
    lam: str
    folder: str
    export_id: str
    files: tuple[str, ...]
    size_bytes: int
    kept_bytes: int
    seconds: float
    measured: bool  # whether the card has numbers

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with the line that serves it."""
        return {**asdict(self), "serve": serve_lines(self.folder)}

    def in_words(self) -> str:
        """Where it is and what can be done with it."""
        kept = (
            f" ({self.kept_bytes:,} of them from an interrupted export)" if self.kept_bytes else ""
        )
        told = "with what was measured" if self.measured else "nothing was measured at this λ"
        return (
            f"{self.pair} at λ = {self.lam} is in {self.folder}: {self.size_bytes:,} bytes of "
            f"weights{kept}, in {self.seconds:.1f} s.\n"
            f"  id        {self.export_id}\n"
            f"  card      README.md, {told}\n"
            f"  recipe    {RECIPE}; for mergekit {MERGEKIT}\n"
            f"  again     {again_line(self.folder)}\n"
            f"  serve it  {', or '.join(serve_lines(self.folder))}"
        )


def serve_lines(folder: str) -> tuple[str, ...]:
    """Shell lines by which other servers load the folder; each must be installed by itself."""
    return tuple(f"{server} serve {shlex.quote(folder)}" for server in ("vllm", "transformers"))


def again_line(folder: str) -> str:
    """A shell line that writes it from its own recipe."""
    return f"python -m core export --recipe {shlex.quote(str(Path(folder) / RECIPE))} --out FOLDER"


def export_now(export: Export, settings: Settings, report: Report) -> ExportDone:
    """Write the folder.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be merged.
        InputError: the parents are not those of the recipe.
        StoreError: the place cannot be used, or the disk has no room.
    """
    began = time.monotonic()
    entry = _entry(export, settings)
    with hashing_told(report):
        checked = check_pair(entry, settings)
    recipe = recipe_of(entry, checked, export.lam)
    if export.recipe is not None and export.recipe.export_id != recipe.export_id:
        raise InputError(
            f"The parents of {export.pair} are no longer those of the recipe: it makes "
            f"{export.recipe.export_id}, they make {recipe.export_id}. Bring back the former files."
        )
    line = _line(entry, checked, settings)
    from core.merge.export import ExportOrder, export_checkpoint  # torch
    from core.merge.fit import check_fit

    for folder in (checked.base_folder, checked.instruct_folder):
        check_fit(read_checkpoint(folder))

    texts = {
        "README.md": card(recipe, checked, line, read_verified(settings)),
        RECIPE: json.dumps(recipe.to_json(), indent=1, ensure_ascii=False) + "\n",
        MERGEKIT: recipe.mergekit_yaml(checked, _values(checked, export.lam)),
    }
    order = ExportOrder(export.lam, export.out, recipe.export_id, texts, export.shard_bytes)
    done = export_checkpoint(order, checked, _Told(report))
    return ExportDone(
        pair=entry.name,
        lam=str(export.lam),
        folder=str(done.folder),
        export_id=recipe.export_id,
        files=done.files,
        size_bytes=done.size_bytes,
        kept_bytes=done.kept_bytes,
        seconds=round(time.monotonic() - began, 3),
        measured=line is not None and line.at(export.lam) is not None,
    )


def written_before(export: Export, settings: Settings) -> ExportDone | None:
    """What lies in the folder where it is this very export; whole, as it comes there in one step.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be merged.
    """
    if not (export.out / RECIPE).is_file():
        return None
    began, entry = time.monotonic(), _entry(export, settings)
    checked = check_pair(entry, settings)
    wanted = recipe_of(entry, checked, export.lam).export_id
    try:
        if read_recipe(export.out / RECIPE).export_id != wanted:
            return None
    except InputError:
        return None
    size = sum(tensor.size_bytes for tensor in read_checkpoint(export.out).tensors.values())
    line = _line(entry, checked, settings)
    return ExportDone(
        pair=entry.name,
        lam=str(export.lam),
        folder=str(export.out),
        export_id=wanted,
        files=tuple(sorted(path.name for path in export.out.iterdir())),
        size_bytes=size,
        kept_bytes=size,
        seconds=round(time.monotonic() - began, 3),
        measured=line is not None and line.at(export.lam) is not None,
    )


def _line(entry: PairEntry, checked: PairReport, settings: Settings) -> TradeOff | None:
    """What was measured of the pair, against its first reference."""
    store = RunStore(settings.results, (PUBLISHED,))
    references = available(store, entry.name, checked.identity)
    if not references:
        return None
    return read_trade_off(store, entry.name, references[0].name, checked.identity)


def _entry(export: Export, settings: Settings) -> PairEntry:
    """By name; of a recipe the parents that it names, or where they are not, those of its name."""
    if export.recipe is None:
        return find_pair(export.pair, settings)
    entry = export.recipe.entry
    folders = [Path(one) for one in (entry.base, entry.instruct) if Path(one).is_absolute()]
    return entry if all(map(is_there, folders)) else find_pair(export.pair, settings)


def _values(report: PairReport, lam: Lam) -> dict[str, float] | None:
    """The λ of each tensor, where the parts have their own."""
    if not report.path:
        return None
    path = parse_path(report.path)
    folders = (report.instruct_folder, report.base_folder)
    names = dict.fromkeys(name for folder in folders for name in read_checkpoint(folder).tensors)
    return {name: path.value(name, lam, report.layers) for name in names}


class _Told:
    """Bytes as a job's progress, with the time left at the rate since it began to write."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._since: tuple[float, int] | None = None  # when, and what an earlier one had written

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        began, kept = self._since = self._since or (now, done)
        left = (now - began) * (total - done) / (done - kept) if done > kept else None
        self._report(Progress("writing", done, total, left, "Writing weights (bytes)."))
