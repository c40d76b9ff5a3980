"""How far a sweep is and when it will be done, told by items.

Few-shot items and written answers take different times, so each kind has its own rate; a
kind that was not measured yet is taken at the rate of the other. Not here: where it is shown.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a sweep; `done` and `total` count items that this sweep has to compute."""

    stage: str  # "loading", "icl", "generations", "judging"
    done: int
    total: int
    eta_seconds: float | None  # None before there is a rate
    message: str


Report = Callable[[Progress], None]


class Tracker:
    """Counts items by kind and keeps each kind's rate."""

    def __init__(
        self,
        totals: Mapping[str, int],
        report: Report,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._totals, self._report, self._clock = dict(totals), report, clock
        self._done = dict.fromkeys(totals, 0)
        self._timed = dict.fromkeys(totals, 0)  # items of `done` that this process computed
        self._seconds = dict.fromkeys(totals, 0.0)
        self._since = clock()
        self._stage, self._message = "loading", ""
        self._ahead = 0

    @property
    def done(self) -> int:
        """Items finished, over all kinds."""
        return sum(self._done.values())

    @property
    def total(self) -> int:
        """Items of the whole sweep."""
        return sum(self._totals.values())

    def enter(self, stage: str, message: str) -> None:
        """A new run begins."""
        self._stage, self._message, self._since = stage, message, self._clock()
        self._tell()

    def found(self, kind: str, items: int) -> None:
        """Items that an earlier attempt had finished."""
        self._done[kind] += items
        self._tell()

    def ahead(self, items: int) -> None:
        """Items of the current batch that the engine has done; not on the disk yet."""
        self._ahead = items
        self._tell()

    def computed(self, kind: str, items: int) -> None:
        """Items finished just now."""
        now = self._clock()
        self._seconds[kind] += now - self._since
        self._since, self._ahead = now, 0
        self._done[kind] += items
        self._timed[kind] += items
        self._tell()

    def eta_seconds(self) -> float | None:
        """Seconds that the remaining items will take at the rates so far."""
        rates = {k: self._seconds[k] / n for k, n in self._timed.items() if n}
        if not rates:
            return None
        usual = sum(self._seconds.values()) / sum(self._timed.values())
        left = {kind: total - self._done[kind] for kind, total in self._totals.items()}
        return sum(n * rates.get(kind, usual) for kind, n in left.items())

    def _tell(self) -> None:
        done = self.done + self._ahead
        self._report(Progress(self._stage, done, self.total, self.eta_seconds(), self._message))
