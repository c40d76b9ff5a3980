"""Writing and reading files so that a killed process leaves nothing half true.

Whole files are written beside their place and renamed; JSON lines are appended in one write
and flushed to the disk. Not here: what the files mean (`writer.py`, `runs.py`).
"""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import StoreError

NEWLINE = b"\n"
_REASONS = {
    errno.EROFS: "is on a read-only file system",
    errno.EACCES: "is read-only",
    errno.EPERM: "is read-only",
    errno.ENOTDIR: "is not a folder",
    errno.EEXIST: "is not a folder",
    errno.EISDIR: "is a folder",
}


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn an operating-system error into one sentence that names the path.

    Raises:
        StoreError: in place of any OSError raised inside.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(_sentence(path, error)) from error


def _sentence(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk that holds {path} is full. Free some space and run it again: "
            "what was done so far is kept."
        )
    reason = _REASONS.get(error.errno or 0, f"cannot be used ({error.strerror or error})")
    return (
        f"{path} {reason}. Make it writable, or choose another place (of results: PARTWAY_RESULTS)."
    )


def write_whole(path: Path, text: str, durable: bool = True) -> None:
    """Replace a file's content in one step: readers see the former one or all of this one.

    Durable content is on the disk when this returns; without that a power cut may lose it,
    a killed process never does.
    """
    with told_plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as target:
                target.write(text)
                target.flush()
                if durable:
                    os.fsync(target.fileno())
            os.chmod(name, 0o644)  # mkstemp's 0600 would hide shared results from others
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


def write_json(path: Path, value: Any, durable: bool = True) -> None:
    """`write_whole` with indented JSON."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, text + "\n", durable)


def read_json(path: Path) -> Any:
    """A whole JSON file.

    Raises:
        StoreError: absent, unreadable or no JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path} cannot be read ({error}). Delete its folder and measure it again."
        ) from error


def append_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """Append JSON lines in one write and wait until the disk has them."""
    if not rows:
        return
    lines = b"".join(encode_line(row) for row in rows)
    with told_plainly(path), path.open("ab", buffering=0) as target:
        remaining = memoryview(lines)
        while remaining:
            remaining = remaining[target.write(remaining) :]
        os.fsync(target.fileno())


def encode_line(row: dict[str, Any]) -> bytes:
    """One JSON line, ASCII only, so that no text can hold a line end of its own."""
    return json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + NEWLINE


def read_lines(path: Path) -> list[dict[str, Any]]:
    r"""Every whole line; a torn last line is left out.

    Split on "\n" only: `str.splitlines` also cuts at U+2028 and other characters that are
    ordinary text inside a JSON string.
    """
    if not path.exists():
        return []
    try:
        *whole, _torn = path.read_bytes().split(NEWLINE)
        # One document instead of a thousand: three times as fast.
        rows: list[dict[str, Any]] = json.loads(b"[" + b",".join(filter(None, whole)) + b"]")
        return rows
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path} cannot be read ({error}). Delete its folder and measure it again."
        ) from error


def drop_torn_line(path: Path) -> int:
    """Cut a file after its last whole line; return how many bytes went."""
    if not path.exists():
        return 0
    with told_plainly(path), path.open("r+b") as target:
        content = target.read()
        whole = content.rfind(NEWLINE) + 1
        if whole < len(content):
            target.truncate(whole)
            os.fsync(target.fileno())
        return len(content) - whole
