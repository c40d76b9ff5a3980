"""Who is at work, told by the kernel: a lock on a file that goes when its process goes.

    held = try_hold(folder / TURN)          # None: another process has it
    launch(command, …, held)                # the child inherits it: it is never free in between
    is_held(folder / TURN)                  # True until that process has ended, however it ended

No pid, no clock and no time-out: a pid that is used again, a clock that jumps, a restart of the
machine or a folder that was copied cannot be mistaken for a living worker.
"""

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from core.store.files import told_plainly

PATIENCE_SECONDS = 1.0  # for those who only look: each holds the lock for an instant
_BETWEEN_SECONDS = 0.01
_BUSY = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


class Held:
    """A lock in hand; a context manager that gives it back."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Close it; a child that inherited it keeps it."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def try_hold(path: Path) -> Held | None:
    """The lock, or None where another process has it.

    Raises:
        StoreError: the file cannot be written, or its file system knows no locks.
    """
    with told_plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if _patiently(handle):
                return Held(handle)
        except BaseException:
            os.close(handle)
            raise
    os.close(handle)
    return None


def inherited(handle: int) -> Held:
    """A lock that the process which started this one handed over; not handed on by itself."""
    os.set_inheritable(handle, False)
    return Held(handle)


def is_held(path: Path) -> bool:
    """True while a process holds it; False where the file cannot be opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(handle, fcntl.LOCK_SH)
    except OSError:
        return False
    finally:
        os.close(handle)


def _patiently(handle: int) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not _lock(handle, fcntl.LOCK_EX):
        if time.monotonic() > end or not _only_looked_at(handle):
            return False
        time.sleep(_BETWEEN_SECONDS)
    return True


def _only_looked_at(handle: int) -> bool:
    """Lookers share the lock among themselves; a holder shares it with nobody."""
    if not _lock(handle, fcntl.LOCK_SH):
        return False
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)
    return True


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        raise
    return True
