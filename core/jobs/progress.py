"""How far a sweep is and when it will be done, told by items.

Few-shot items and written answers take different times, so each kind has its own rate; a
kind that was not measured yet is taken at the rate of the other. Not here: where it is shown.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of work within a sweep."""

    name: str  # "icl", "generations", "judging"
    done: int
    total: int
    eta_seconds: float | None  # None before there is a rate


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a sweep; `done` and `total` count items that this sweep has to compute."""

    stage: str  # "loading", "icl", "generations", "judging"
    done: int
    total: int
    eta_seconds: float | None  # None before there is a rate
    message: str
    stages: tuple[Stage, ...] = ()
    settled: bool = True  # all of `done` is on the disk: who stops here loses nothing


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

    def enter(self, stage: str, message: str, settled: bool = True) -> None:
        """A new run begins; `settled`: all that is done is on the disk."""
        self._stage, self._message, self._since = stage, message, self._clock()
        self._tell(settled)

    def found(self, kind: str, items: int) -> None:
        """Items that an earlier attempt had finished."""
        self._done[kind] += items
        self._tell()

    def ahead(self, items: int) -> None:
        """Items of the current batch that the engine has done; not on the disk yet."""
        self._ahead = items
        self._tell(settled=False)

    def settle(self) -> None:
        """All that is done is on the disk now."""
        self._tell()

    def computed(self, kind: str, items: int, settled: bool = True) -> None:
        """Items finished just now."""
        now = self._clock()
        self._seconds[kind] += now - self._since
        self._since, self._ahead = now, 0
        self._done[kind] += items
        self._timed[kind] += items
        self._tell(settled)

    def eta_seconds(self) -> float | None:
        """Seconds that the remaining items will take at the rates so far."""
        told = [stage.eta_seconds for stage in self.stages()]
        return None if None in told else sum(seconds for seconds in told if seconds is not None)

    def stages(self) -> tuple[Stage, ...]:
        """Each kind of work by itself; one that was not timed yet goes at the usual rate."""
        return tuple(self._stage_of(kind) for kind in self._totals)

    def _stage_of(self, kind: str) -> Stage:
        done, total = self._done[kind], self._totals[kind]
        timed = sum(self._timed.values())
        if self._timed[kind]:
            rate = self._seconds[kind] / self._timed[kind]
        elif timed:
            rate = sum(self._seconds.values()) / timed
        else:
            return Stage(kind, done, total, None)
        return Stage(kind, done, total, (total - done) * rate)

    def _tell(self, settled: bool = True) -> None:
        done, eta, stages = self.done + self._ahead, self.eta_seconds(), self.stages()
        self._report(Progress(self._stage, done, self.total, eta, self._message, stages, settled))
