"""One writer at a time, held by the kernel: the lock goes when its process goes.

Not a lock between machines: two machines must not share one results folder.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import RunLocked
from core.store.files import told_plainly

LOCK_NAME = ".lock"


class FolderLock:
    """An exclusive lock on a folder, through a file inside it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._handle: int | None = None

    def take(self, what: str) -> None:
        """Lock at once or refuse.

        Raises:
            RunLocked: another process (or another writer in this one) holds it.
        """
        while self._handle is None:
            with told_plainly(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(handle)
                raise RunLocked(
                    f"Another process is measuring {what} now. Wait until it has finished, "
                    "or cancel it with: python -m core jobs cancel."
                ) from error
            if self._is_there(handle):
                self._handle = handle
            else:  # given back between our opening and our locking: this file locks nobody out
                os.close(handle)

    def give_back(self) -> None:
        """Unlock; harmless when nothing is held."""
        if self._handle is None:
            return
        # Unlinked while still held: whoever opened the old file sees that it is gone.
        with suppress(OSError):
            self._path.unlink()
        os.close(self._handle)
        self._handle = None

    def _is_there(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self._path))
        except FileNotFoundError:
            return False


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold a file's own lock for a short append; waits for others."""
    with told_plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
