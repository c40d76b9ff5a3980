"""A job's diary: events.jsonl, appended by its workers, read by anyone.

One JSON object a line: `event` ("started", "planned", "progress", "finished", "cancelled",
"paused", "stopped", "failed"), `time` (seconds since 1970, for people; nothing is decided by it),
`round` (of which retry), `ran` (seconds that its worker has run, by a clock that cannot be set) and
what belongs to it. A worker that died while it wrote leaves a torn
line: the next one begins a line of its own, and readers count what they cannot read. Progress
lines are thinned out, ever more the longer a worker runs.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.jobs.progress import Progress
from core.store.files import NEWLINE, encode_line, told_plainly

EVENTS = "events.jsonl"
SHORTEST_GAP_SECONDS, LONGEST_GAP_SECONDS = 0.5, 10.0
GAP_SHARE = 0.01  # of the time that the worker has run so far
_CACHED = 512


@dataclass(frozen=True, slots=True)
class Written:
    """Every event that can be read, in order, and how many lines cannot."""

    events: tuple[dict[str, Any], ...]
    unreadable: int = 0


class EventLog:
    """The worker's side."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        round_: int = 1,
    ) -> None:
        self._path, self._clock, self._steady, self._round = folder / EVENTS, clock, steady, round_
        self._began = steady()
        self._last_progress: float | None = None
        self._last_stage = ""

    def write(self, event: str, **content: Any) -> None:
        """Append one event.

        Raises:
            StoreError: it cannot be written.
        """
        ran = round(self._steady() - self._began, 3)
        told = {"event": event, "time": round(self._clock(), 3), "round": self._round, "ran": ran}
        line = encode_line(told | content)
        with told_plainly(self._path), self._path.open("a+b", buffering=0) as target:
            remaining = memoryview(_after_a_whole_line(target, line))
            while remaining:
                remaining = remaining[target.write(remaining) :]

    def progress(self, progress: Progress) -> None:
        """Append a progress event, unless one was written just before."""
        now = self._steady()
        ended = progress.total > 0 and progress.done >= progress.total
        gap = min(max(SHORTEST_GAP_SECONDS, GAP_SHARE * (now - self._began)), LONGEST_GAP_SECONDS)
        recent = self._last_progress is not None and now - self._last_progress < gap
        if recent and not ended and progress.stage == self._last_stage:
            return
        self._last_progress, self._last_stage = now, progress.stage
        self.write("progress", **asdict(progress))


def read_written(folder: Path) -> Written:
    """What a job's workers wrote.

    Raises:
        StoreError: the file is there and cannot be opened.
    """
    path = folder / EVENTS
    try:
        stat = path.stat()
        return _read_once(str(path), stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        return Written(())
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror}). Make it readable, or delete its folder: "
            "what was measured does not lie there."
        ) from error


def read_events(folder: Path) -> list[dict[str, Any]]:
    """Every event that can be read, in order."""
    return list(read_written(folder).events)


@lru_cache(_CACHED)
def _read_once(path: str, stamp: int, size: int) -> Written:
    *whole, _torn = Path(path).read_bytes().split(NEWLINE)
    events = [event for line in whole if line and (event := _event(line)) is not None]
    return Written(tuple(events), sum(1 for line in whole if line) - len(events))


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _after_a_whole_line(target: Any, line: bytes) -> bytes:
    end = target.seek(0, 2)
    if end == 0:
        return line
    target.seek(end - 1)
    return line if target.read(1) == NEWLINE else NEWLINE + line
