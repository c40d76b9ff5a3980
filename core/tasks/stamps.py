"""A file's stamp: what says, without reading it, that a file is still the one that was read.

For memory within one process only. What is written down is a hash of the content.
"""

from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """A path with the size and the time of its last change."""

    path: Path
    size: int
    modified_ns: int


def stamp(path: Path) -> Stamp:
    """The file's stamp now."""
    status = path.stat()
    return Stamp(path, status.st_size, status.st_mtime_ns)
