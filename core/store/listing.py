"""Which folders hold a complete run: looked at once, then only where something may have changed.

A folder of runs changes its own time stamp when a run's folder comes or goes, and not when a
run in it is completed. So complete runs are remembered as long as the stamp stays, and those
that were begun are looked at each time. Not an index on disk: the folders are the truth.
"""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from core.store.writer import SUMMARY

RUN_ID = re.compile(r"[0-9a-f]{20}")
# File systems stamp by the tick: a change just after a look may leave the same stamp behind.
RACY_NS = 2_000_000_000

Complete = tuple[tuple[str, int], ...]  # folder, its summary's time stamp


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of one folder of runs."""

    stamp: int
    complete: Complete  # by name
    begun: tuple[str, ...]


_SEEN: dict[str, _Look] = {}  # replaced whole, never changed in place: threads need no lock


def complete_folders(parent: Path) -> Complete:
    """Folders that have a summary, by name, with its time stamp."""
    try:
        stamp = os.stat(parent).st_mtime_ns
    except OSError:
        return ()
    known = _SEEN.get(str(parent))
    look = _look(parent, stamp) if known is None or known.stamp != stamp else _again(known)
    if time.time_ns() - stamp > RACY_NS:
        _SEEN[str(parent)] = look
    else:
        _SEEN.pop(str(parent), None)
    return look.complete


def _look(parent: Path, stamp: int) -> _Look:
    with os.scandir(parent) as entries:
        folders = [entry.path for entry in entries if RUN_ID.fullmatch(entry.name)]
    return _again(_Look(stamp, (), tuple(folders)))


def _again(look: _Look) -> _Look:
    found = {folder: _stamp(folder) for folder in look.begun}
    fresh = {folder: stamp for folder, stamp in found.items() if stamp is not None}
    if not fresh:
        return look
    begun = tuple(folder for folder in look.begun if folder not in fresh)
    return _Look(look.stamp, tuple(sorted((*look.complete, *fresh.items()))), begun)


def _stamp(folder: str) -> int | None:
    """None for a run that is not complete, or gone since."""
    try:
        return os.stat(f"{folder}/{SUMMARY}").st_mtime_ns
    except OSError:
        return None
