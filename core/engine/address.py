"""Where a host left its address and token, and whether it is alive.

All in the state folder: `engine.json` (address), `engine.token` (0600), `engine.lock` (held by
the living host; its content is the pid), `engine.log`. Life is read from the lock alone: the
kernel drops it when the process ends, however it ends, and no pid can be mistaken.
"""

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from core.errors import EngineError, InputError

ADDRESS, TOKEN, LOCK, LOG = "engine.json", "engine.token", "engine.lock", "engine.log"
STARTING = "engine.starting.lock"
TOKEN_BYTES = 32
LEAST_TOKEN_CHARACTERS = 20
TOKEN_FORM = re.compile(r"[A-Za-z0-9_.~+/=-]+")
LOCK_PATIENCE_SECONDS = 2.0  # someone who only looks holds the lock for a moment


@dataclass(frozen=True, slots=True)
class Address:
    """What a host wrote once it could be asked."""

    url: str
    pid: int
    code: str  # fingerprint of the code it runs
    settings: str  # fingerprint of its settings


def read_address(state: Path) -> Address | None:
    """The address last written, of a living host or a dead one; None without one."""
    try:
        return Address(**json.loads((state / ADDRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_address(state: Path, address: Address) -> None:
    """Write the address in one piece."""
    partial = state / f"{ADDRESS}.{os.getpid()}.tmp"
    partial.write_text(json.dumps(asdict(address)), encoding="utf-8")
    partial.replace(state / ADDRESS)


def remove_address(state: Path) -> None:
    """Take the address away when the host ends."""
    (state / ADDRESS).unlink(missing_ok=True)


def write_token(state: Path, given: str | None = None) -> str:
    """The token given, or a fresh one, in a file that only its owner may read.

    Raises:
        InputError: the one given is short enough to be guessed, or cannot stand in a header.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES) if given is None else given
    if len(token) < LEAST_TOKEN_CHARACTERS or not TOKEN_FORM.fullmatch(token):
        raise InputError(
            f"PARTWAY_ENGINE_TOKEN cannot be used: give at least {LEAST_TOKEN_CHARACTERS} letters, "
            "digits, - or _, or leave it out to have one made."
        )
    partial = state / f"{TOKEN}.{os.getpid()}.tmp"
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    partial.replace(state / TOKEN)
    return token


def read_token(state: Path) -> str | None:
    """The token of the host, None when there is none to read."""
    try:
        return (state / TOKEN).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def make_state_folder(state: Path) -> None:
    """Create the state folder, closed to others.

    Raises:
        EngineError: it cannot be created or written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EngineError(
            f"The state folder {state} cannot be written ({error.strerror}). "
            "Set PARTWAY_STATE to a folder of yours."
        ) from error


def take_lock(state: Path) -> IO[str] | None:
    """Become the one host of this state folder; None when there is one already."""
    file = (state / LOCK).open("a+", encoding="ascii")
    until = time.monotonic() + LOCK_PATIENCE_SECONDS
    while not _try_lock(file):
        if time.monotonic() > until:
            file.close()
            return None
        time.sleep(0.02)
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file  # the lock lasts as long as this file is open


def living_pid(state: Path) -> int | None:
    """The pid of the living host, None when none holds the lock."""
    try:
        with (state / LOCK).open("r", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid_in(state / LOCK)
    except OSError:
        return None
    return None


@contextmanager
def start_lock(state: Path) -> Iterator[None]:
    """Only one process at a time starts or replaces a host."""
    with (state / STARTING).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
