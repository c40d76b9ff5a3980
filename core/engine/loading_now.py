"""How far the loading of a pair is, for those who wait for it; no torch.

    watch.begin("my-pair"); watch.stage("reading", 2 * weights); watch.add(4096); watch.now()

Told by the thread that loads, read by any. The time left is that of the stage alone: how long
the next one takes is not known before it begins.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.pairs.hearing import CHECKING, HASHING, READING, SHARING

STAGES = {
    HASHING: "reading both parents' files to know them by their content, once",
    READING: "reading both parents",
    CHECKING: "checking that λ = 0 and 1 are the parents",
    SHARING: "trying whether texts that begin alike can be computed together",
}


@dataclass(frozen=True, slots=True)
class LoadingNow:
    """One moment."""

    pair: str
    stage: str  # of `STAGES`
    done: int  # of `total`, in bytes or in trials
    total: int  # 0: nobody counts
    seconds: float  # since this stage began

    def words(self) -> str:
        """Stage, share and the time left of it."""
        place = list(STAGES).index(self.stage) + 1
        told = f"step {place} of {len(STAGES)}, {STAGES[self.stage]}"
        if not 0 < self.done <= self.total:
            return told
        left = self.seconds * (self.total - self.done) / self.done
        return f"{told}: {100 * self.done // self.total} %, about {left:.0f} s left of it"


class LoadingWatch:
    """What is being loaded now; nothing most of the time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._pair: str | None = None
        self._moment: tuple[str, int, float] = (HASHING, 0, 0.0)  # stage, total, since
        self._done = 0

    def begin(self, pair: str) -> None:
        """A pair's loading begins."""
        self.stage(HASHING, 0)
        self._pair = pair

    def stage(self, name: str, total: int) -> None:
        """The next part of it, counted to `total`."""
        self._done, self._moment = 0, (name, total, self._now())

    def add(self, count: int) -> None:
        """So much of it is done."""
        self._done += count

    def end(self) -> None:
        """It is loaded, or refused."""
        self._pair = None

    def now(self) -> LoadingNow | None:
        """How far it is; None when nothing is being loaded."""
        pair, (stage, total, since) = self._pair, self._moment
        if pair is None:
            return None
        return LoadingNow(pair, stage, min(self._done, total), total, self._now() - since)
