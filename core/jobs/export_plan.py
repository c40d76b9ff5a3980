"""What an export would take, before a byte is written: bytes, disk, id, and whether it may be.

    plan = plan_export("tinyworld", Lam(700), "/data/tinyworld-0.7", settings)
    plan.refused        # None, or the sentence that says why it cannot be started

Reads configs, headers and hashes; no torch. The parents' hashes are only computed where that is
quick (`QUICK_BYTES`): else the id is known once it is written, and the plan says so.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, StoreError
from core.jobs.export_order import Export
from core.lam import Lam
from core.merge.place import SPARE_BYTES, kept_bytes, refuse_place
from core.merge.shards import merged_tensors
from core.pairs.checkpoint import Checkpoint, read_checkpoint
from core.pairs.locate import locate
from core.pairs.preflight import OUTPUT_EMBEDDINGS, check_pair, wider_dtype
from core.pairs.recipe import RECIPE, read_recipe, recipe_of
from core.pairs.registry import PairEntry, find_pair
from core.pairs.source import as_folder
from core.reports.parents import parents_here
from core.settings import Settings

MOST_CHARACTERS = 1024  # of a folder's path
ITEM_BYTES = {"float64": 8, "float32": 4}


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The order and what is known of it; `export` is None where the folder is no folder."""

    export: Export | None
    dtype: str
    weights_bytes: int
    needed_bytes: int  # on the disk, beside what an interrupted export left
    kept_bytes: int
    free_bytes: int | None
    export_id: str | None  # None: the parents are too large to be hashed for a look
    refused: str | None


def default_folder(pair: str, lam: Lam) -> str:
    """Where an export goes when nobody says so: a new folder below the person's own."""
    return str(Path.home() / "partway-exports" / f"{pair.replace('~', '.')}-{lam}")


def plan_export(pair: str, lam: Lam, folder: str, settings: Settings) -> ExportPlan:
    """Look at both parents and at the place.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be merged or are not here.
    """
    entry = find_pair(pair, settings)
    parents = _parents(entry)
    tensors_dtype = wider_dtype(*(parent.main_dtype for parent in parents))
    weights = _weights_bytes(parents, ITEM_BYTES.get(tensors_dtype, 2))
    export_id = _export_id(entry, lam, settings)
    try:
        out = checked_folder(folder, settings)
        _refuse_written(out, export_id)
        refuse_place(out, tuple(parent.folder for parent in parents))
    except (InputError, StoreError) as error:
        return ExportPlan(None, tensors_dtype, weights, weights, 0, None, export_id, str(error))
    kept = kept_bytes(out, export_id) if export_id else 0
    needed, free = weights - kept + SPARE_BYTES, _free(out)
    return ExportPlan(
        Export(entry.name, lam, out),
        tensors_dtype,
        weights,
        needed,
        kept,
        free,
        export_id,
        _disk_refused(out, needed, free),
    )


def checked_folder(typed: str, settings: Settings) -> Path:
    """A person's folder as a path.

    Raises:
        InputError: it is empty, not absolute, no path, or lies where Partway keeps its own files.
    """
    text = typed.strip()
    if not text:
        raise InputError("Give the folder in which the checkpoint shall lie.")
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        raise InputError(f"{text[:60]!r} is no path of a folder. Give a shorter, printable one.")
    path = as_folder(text, Path())
    if not path.is_absolute() or ".." in path.parts:
        raise InputError(f"The folder {text!r} must be a whole path from /, without '..'.")
    place = path.resolve()
    if place == place.parent or not place.name:
        raise InputError(f"The folder {text!r} is a whole disk. Name a new folder on it.")
    for own in (settings.results, settings.state):
        if place.is_relative_to(own.resolve()):
            raise InputError(
                f"The folder {text!r} lies in {own}, where Partway keeps its own files. "
                "Choose another."
            )
    return place


def _refuse_written(out: Path, export_id: str | None) -> None:
    if export_id is None or not (out / RECIPE).is_file():
        return
    try:
        known = read_recipe(out / RECIPE).export_id
    except InputError:  # the folder is not empty: it is refused as any other
        return
    if known == export_id:
        raise StoreError(f"This very λ of this pair lies in {out} already.")


def _parents(entry: PairEntry) -> tuple[Checkpoint, Checkpoint]:
    base = read_checkpoint(locate(entry.base, entry.base_revision, download=False))
    return base, read_checkpoint(locate(entry.instruct, entry.instruct_revision, download=False))


def _weights_bytes(parents: tuple[Checkpoint, Checkpoint], item_bytes: int) -> int:
    """Never less than is written: an output embedding that only one parent stores counts."""
    stored = [any(name.endswith(OUTPUT_EMBEDDINGS) for name in one.tensors) for one in parents]
    tensors = merged_tensors(*parents, item_bytes, untie=stored[0] != stored[1])
    return sum(tensor.size_bytes for tensor in tensors)


def _export_id(entry: PairEntry, lam: Lam, settings: Settings) -> str | None:
    found = parents_here(entry, settings, quick=True)
    if found.reason is not None:
        check_pair(entry, settings, download=False)  # says it with its own kind of error
    if found.identity is None:
        return None
    return recipe_of(entry, check_pair(entry, settings, download=False), lam).export_id


def _free(out: Path) -> int | None:
    there = next(path for path in (out, *out.parents) if path.exists())
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return None


def _disk_refused(out: Path, needed: int, free: int | None) -> str | None:
    there = next(path for path in (out, *out.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is a file, so {out} can be no folder. Choose another folder."
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} cannot be written by the user that runs Partway. Choose another folder."
    if free is not None and needed > free:
        return (
            f"Writing the weights takes {needed:,} bytes and {there} has {free:,} free. "
            "Free some space, or choose another disk."
        )
    return None
