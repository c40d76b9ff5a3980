"""Where a checkpoint is written, and what must not be lost there; torch-free, changes nothing.

    refuse_place(out, parents)          # it is new or empty, and no parent's
    kept_bytes(out, export_id)          # what an interrupted writer of the same weights left

Not here: the writing (`partial.py`).
"""

import json
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.pairs.safetensors_header import read_header
from core.store.files import told_plainly

SPARE_BYTES = 64 << 20  # for headers, tokenizer and card
PROGRESS = "partway-export.json"


def partial_folder(out: Path) -> Path:
    """The folder beside the final one, in which everything is written first."""
    return out.parent / f".{out.name}.partial"


def refuse_place(out: Path, parents: tuple[Path, ...]) -> None:
    """Nothing that is there already may be lost.

    Raises:
        StoreError: the folder holds something, or is one of the parents; or the folder beside
            it, in which would be written, holds what no export wrote; or neither can be.
    """
    with told_plainly(out):
        _refuse_place(out, parents)


def _refuse_place(out: Path, parents: tuple[Path, ...]) -> None:
    place = out.resolve()
    if any(place == parent.resolve() or parent.resolve() in place.parents for parent in parents):
        raise StoreError(f"{out} is, or lies in, a parent's own folder. Choose another folder.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{out} exists and is not empty. Choose another folder, or empty it.")
    beside = partial_folder(out)
    if beside.is_symlink() or (beside.exists() and not beside.is_dir()):
        raise StoreError(f"{beside} stands where the export is written first. Move it away.")
    if beside.is_dir() and any(beside.iterdir()) and not (beside / PROGRESS).is_file():
        raise StoreError(
            f"{beside}, where the export is written first, holds what no export wrote. "
            "Move it away, or choose another folder."
        )


def read_progress(out: Path) -> dict[str, Any]:
    """What an interrupted writer noted; empty where there was none, or it cannot be read."""
    try:
        told = json.loads((partial_folder(out) / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def kept_bytes(out: Path, weights_id: str) -> int:
    """Bytes of weights in whole files that a writer of the same left; not hashed here.

    Raises:
        PairError: such a file is damaged.
    """
    told = read_progress(out)
    whole = told.get("whole") if told.get("id") == weights_id else None
    files = [partial_folder(out) / str(name) for name in whole] if isinstance(whole, dict) else []
    return sum(entry.size_bytes for f in files if f.is_file() for entry in read_header(f))
