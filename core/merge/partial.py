"""A checkpoint folder that appears whole or not at all, written file by file.

    partial = PartialFolder(out, {"id": …}, shards)
    partial.open()                       # room is checked; what an interrupted writer left is kept
    for shard in shards:
        partial.has(shard) or partial.take(shard, tensors)
    partial.close()                      # the folder takes its name

Not here: where the tensors come from (`export.py`, `adapter.py`).
"""

import json
import shutil
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from core.canon import file_hash
from core.errors import StoreError
from core.merge.shards import Shard
from core.pairs.checkpoint import INDEX
from core.store.files import told_plainly, write_json

SPARE_BYTES = 64 << 20  # for headers, tokenizer and card
PROGRESS = "partway-export.json"


class PartialFolder:
    """The folder beside the final one, and which of its shards are whole."""

    def __init__(self, out: Path, weights_id: str, shards: tuple[Shard, ...]) -> None:
        self.folder = out.parent / f".{out.name}.partial"
        self.total_bytes = sum(shard.size_bytes for shard in shards)
        self._out, self._shards = out, shards
        self._about = {"id": weights_id, "shards": [[s.name, len(s.tensors)] for s in shards]}
        self._hashes: dict[str, str] = {}
        self.kept_bytes = 0

    def open(self) -> None:
        """Go on from an export of the very same weights, or begin anew; room is checked first."""
        with told_plainly(self.folder):
            self._out.parent.mkdir(parents=True, exist_ok=True)
            known = self._known()
            if known is None and self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir(exist_ok=True)
        self._hashes = {
            name: digest
            for name, digest in (known or {}).items()
            if (self.folder / name).is_file() and file_hash(self.folder / name) == digest
        }
        self.kept_bytes = sum(s.size_bytes for s in self._shards if self.has(s))
        self._refuse_full_disk()

    def has(self, shard: Shard) -> bool:
        """Whether this file is there already."""
        return shard.name in self._hashes

    def take(self, shard: Shard, tensors: dict[str, Tensor]) -> None:
        """Write one file and remember that it is whole."""
        path = self.folder / shard.name
        with told_plainly(path):
            unfinished = path.with_suffix(".unfinished")
            save_file(tensors, unfinished, metadata={"format": "pt"})
            unfinished.replace(path)
        self._hashes[shard.name] = file_hash(path)
        write_json(self.folder / PROGRESS, {**self._about, "whole": self._hashes})

    def close(self) -> None:
        """Let the folder take its name, with an index where there are several files."""
        if len(self._shards) > 1:
            self._write_index()
        with told_plainly(self._out):
            (self.folder / PROGRESS).unlink(missing_ok=True)
            if self._out.is_dir():
                self._out.rmdir()  # an empty one; `_refuse_place` has seen to that
            self.folder.rename(self._out)

    def _write_index(self) -> None:
        places = {tensor.name: shard.name for shard in self._shards for tensor in shard.tensors}
        index = {"metadata": {"total_size": self.total_bytes}, "weight_map": places}
        write_json(self.folder / INDEX, index)

    def _known(self) -> dict[str, str] | None:
        try:
            told = json.loads((self.folder / PROGRESS).read_text(encoding="utf-8"))
            same = {key: told[key] for key in self._about} == self._about
            return dict(told["whole"]) if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _refuse_full_disk(self) -> None:
        needed = self.total_bytes - self.kept_bytes + SPARE_BYTES
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise StoreError(
                f"Writing the weights takes {needed:,} bytes and {self.folder.parent} has "
                f"{free:,} free. Free some space, or choose another disk."
            )


def refuse_place(out: Path, parents: tuple[Path, ...]) -> None:
    """Nothing that is there already may be lost.

    Raises:
        StoreError: the folder holds something, or is one of the parents.
    """
    place = out.resolve()
    if any(place == parent.resolve() or parent.resolve() in place.parents for parent in parents):
        raise StoreError(f"{out} is, or lies in, a parent's own folder. Choose another folder.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{out} exists and is not empty. Choose another folder, or empty it.")
