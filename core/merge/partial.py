"""A checkpoint folder that appears whole or not at all, written file by file.

    partial = PartialFolder(out, weights_id, shards)
    with partial.opened():               # room is checked; what an interrupted writer left is kept
        for shard in shards:
            partial.has(shard) or partial.take(shard, tensors)
        partial.close()                  # the folder takes its name

One writer at a time: the folder itself is locked. Not here: where the tensors come from
(`export.py`, `adapter.py`), which places are refused (`place.py`).
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from core.canon import file_hash
from core.errors import StoreError
from core.merge.place import PROGRESS, SPARE_BYTES, partial_folder, read_progress
from core.merge.shards import Shard
from core.pairs.checkpoint import INDEX
from core.store.files import told_plainly, write_json


class PartialFolder:
    """The folder beside the final one, and which of its shards are whole."""

    def __init__(self, out: Path, weights_id: str, shards: tuple[Shard, ...]) -> None:
        self.folder = partial_folder(out)
        self.total_bytes = sum(shard.size_bytes for shard in shards)
        self._out, self._shards = out, shards
        self._about = {"id": weights_id, "shards": [[s.name, len(s.tensors)] for s in shards]}
        self._hashes: dict[str, str] = {}
        self.kept_bytes = 0

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Go on from an export of the very same weights, or begin anew; room is checked first.

        Raises:
            StoreError: another process writes there, the disk has no room, or cannot be written.
        """
        with told_plainly(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._lock(handle)
            self._begin()
            yield
        finally:
            os.close(handle)
            with suppress(OSError):
                self.folder.rmdir()  # only where nothing was written

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"Another process is writing {self._out} now. Wait until it is done, or choose "
                "another folder."
            ) from error

    def _begin(self) -> None:
        known = self._known()
        with told_plainly(self.folder):
            # What no note tells of is half a file, of this writer or of safetensors' own.
            kept = {PROGRESS, *(known or {})} if known is not None else set()
            for old in [one for one in self.folder.iterdir() if one.name not in kept]:
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        self._hashes = {
            name: digest
            for name, digest in (known or {}).items()
            if (self.folder / name).is_file() and file_hash(self.folder / name) == digest
        }
        self.kept_bytes = sum(s.size_bytes for s in self._shards if self.has(s))
        self._refuse_full_disk()
        self._note()  # from now on the folder says whose it is

    def has(self, shard: Shard) -> bool:
        """Whether this file is there already."""
        return shard.name in self._hashes

    def take(self, shard: Shard, tensors: dict[str, Tensor]) -> None:
        """Write one file and remember that it is whole."""
        path = self.folder / shard.name
        with told_plainly(path):
            unfinished = path.with_suffix(".unfinished")
            _save(tensors, unfinished)
            unfinished.replace(path)
        self._hashes[shard.name] = file_hash(path)
        self._note()

    def _note(self) -> None:
        write_json(self.folder / PROGRESS, {**self._about, "whole": self._hashes})

    def close(self) -> None:
        """Let the folder take its name, with an index where there are several files."""
        if len(self._shards) > 1:
            self._write_index()
        with told_plainly(self._out):
            if self._out.is_dir():
                self._out.rmdir()  # an empty one; `refuse_place` has seen to that
            self.folder.rename(self._out)
            (self._out / PROGRESS).unlink(missing_ok=True)

    def _write_index(self) -> None:
        places = {tensor.name: shard.name for shard in self._shards for tensor in shard.tensors}
        index = {"metadata": {"total_size": self.total_bytes}, "weight_map": places}
        write_json(self.folder / INDEX, index)

    def _known(self) -> dict[str, str] | None:
        told = read_progress(self._out)
        same = {key: told.get(key) for key in self._about} == self._about
        whole = told.get("whole")
        return whole if same and isinstance(whole, dict) else None

    def _refuse_full_disk(self) -> None:
        needed = self.total_bytes - self.kept_bytes + SPARE_BYTES
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise StoreError(
                f"Writing the weights takes {needed:,} bytes and {self.folder.parent} has "
                f"{free:,} free. Free some space, or choose another disk."
            )


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    """As `save_file`, whose own error hides that the disk is full."""
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:
        found = re.search(r"os error (\d+)", str(error))
        number = int(found[1]) if found else errno.EIO
        raise OSError(number, os.strerror(number)) from error
