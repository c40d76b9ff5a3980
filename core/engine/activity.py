"""What the host is doing: work by kind, the λ it is for, tokens a second, the last form used.

Watched from outside the engine, at the seam between two steps. Tokens are those written, of
unfinished answers too. An engine that tells them only with its finished answers counts once it
has ended, spread over the time it took.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from core.engine.host_status import AtWork
from core.engine.protocol import Answers, Chunk, Form, Generation, Progress
from core.engine.work_queue import INTERACTIVE, Steps

WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens and the time in which they came."""

    begin: float
    end: float
    tokens: int

    def since(self, moment: float) -> float:
        """How many of them came after the moment, if they came evenly."""
        length = self.end - self.begin
        if self.begin >= moment or length <= 0:
            return self.tokens if self.end >= moment else 0.0
        return self.tokens * max(0.0, self.end - moment) / length


@dataclass(eq=False)
class Entry:
    """One piece of work from its place in the queue to its end."""

    label: AtWork
    priority: int
    started: float | None = None
    counts: dict[int, int] = field(default_factory=dict)  # tokens so far by row
    told: int = 0  # tokens noted


class Activity:
    """Everything that waits or is at work; told by the worker, read by anyone."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._guard = threading.Lock()  # entries come from the loop and leave from the worker
        self._entries: list[Entry] = []
        self._written: deque[Written] = deque()
        self.last_form: Form | None = None

    def begin(self, label: AtWork, priority: int) -> Entry:
        """Note a piece of work that waits."""
        entry = Entry(label, priority)
        with self._guard:
            self._entries.append(entry)
        return entry

    def drop(self, entry: Entry) -> None:
        """Take away what was cancelled before it began; what has begun ends by itself."""
        if entry.started is None:
            self._end(entry)

    def watch(self, entry: Entry, start: Callable[[], Steps]) -> Callable[[], Steps]:
        """The same work, noted while it runs."""

        def steps() -> Generator[Any, None, Any]:
            entry.started = self._now()
            if entry.label.lams:
                self.last_form = "materialised"  # unless a stream says otherwise
            work = start()
            try:
                while True:
                    try:
                        value = next(work)
                    except StopIteration as finished:
                        self._note_result(entry, finished.value)
                        return finished.value
                    self._note_step(entry, value)
                    yield value
            finally:
                work.close()
                self._end(entry)

        return steps

    def at_work(self) -> tuple[AtWork, ...]:
        """What has begun and is not finished."""
        with self._guard:
            return tuple(entry.label for entry in self._entries if entry.started is not None)

    def waiting(self) -> dict[str, int]:
        """Unfinished pieces of work: how many of each kind of urgency."""
        with self._guard:
            urgent = sum(entry.priority == INTERACTIVE for entry in self._entries)
            return {"interactive": urgent, "batch": len(self._entries) - urgent}

    def tokens_per_second(self) -> float | None:
        """Tokens written over the last seconds; None when none were."""
        moment = self._now() - WINDOW_SECONDS
        with self._guard:
            total = sum(one.since(moment) for one in self._written)
        return total / WINDOW_SECONDS if total else None

    def _note_step(self, entry: Entry, value: Any) -> None:
        if isinstance(value, Answers):
            self.last_form = value.form
        if isinstance(value, Progress):
            self._note_tokens(entry, value.tokens)
        chunks = [value] if isinstance(value, Chunk) else value
        if isinstance(chunks, dict):
            chunks = list(chunks.values())
        if isinstance(chunks, list):
            for chunk in chunks:
                entry.counts[chunk.row] = max(chunk.tokens, entry.counts.get(chunk.row, 0))
            self._note_tokens(entry, sum(entry.counts.values()))

    def _note_result(self, entry: Entry, result: Any) -> None:
        """Tokens that only the finished answers of a batch tell."""
        if isinstance(result, list) and result and isinstance(result[0], Generation):
            tokens = sum(answer.tokens for answer in result)
            self._note_tokens(entry, tokens, since=entry.started)

    def _note_tokens(self, entry: Entry, tokens: int, since: float | None = None) -> None:
        """So many tokens so far; those that are new came now, or evenly since that moment."""
        fresh, moment = tokens - entry.told, self._now()
        entry.told = max(entry.told, tokens)
        if fresh > 0:
            self._write(Written(moment if since is None else since, moment, fresh))

    def _write(self, written: Written) -> None:
        with self._guard:
            self._written.append(written)
            while self._written[0].end < written.end - WINDOW_SECONDS:
                self._written.popleft()

    def _end(self, entry: Entry) -> None:
        with self._guard:
            if entry in self._entries:
                self._entries.remove(entry)
