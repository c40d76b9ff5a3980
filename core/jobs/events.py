"""A job's diary: events.jsonl, appended by its worker, read by anyone.

One JSON object a line: `event` ("started", "progress", "finished", "cancelled", "failed"),
`time` (seconds since 1970) and what belongs to it. A torn last line is not read. Progress
lines are thinned out, so that a long sweep does not write a line an item.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.jobs.progress import Progress
from core.store.files import encode_line, read_lines

EVENTS = "events.jsonl"
HEARTBEAT = "heartbeat"
SECONDS_BETWEEN_PROGRESS = 0.5
ENDINGS = frozenset({"finished", "cancelled", "failed"})


class EventLog:
    """The worker's side."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = folder / EVENTS, clock
        self._last_progress = 0.0
        self._last_stage = ""

    def write(self, event: str, **content: Any) -> None:
        """Append one event."""
        line = encode_line({"event": event, "time": round(self._clock(), 3), **content})
        with self._path.open("ab", buffering=0) as target:
            target.write(line)

    def progress(self, progress: Progress) -> None:
        """Append a progress event, unless one was written just before."""
        now = self._clock()
        ended = progress.total > 0 and progress.done >= progress.total
        recent = now - self._last_progress < SECONDS_BETWEEN_PROGRESS
        if recent and not ended and progress.stage == self._last_stage:
            return
        self._last_progress, self._last_stage = now, progress.stage
        self.write("progress", **asdict(progress))


def read_events(folder: Path) -> list[dict[str, Any]]:
    """Every whole event, in order."""
    return read_lines(folder / EVENTS)
