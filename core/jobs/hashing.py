"""Reading gigabytes to know a pair by its content, told as progress while it lasts.

    with hashing_told(report):
        check_pair(entry, settings)

Needed once a state of the files; a small pair is read before a bar could be drawn.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.jobs.progress import Progress, Report
from core.pairs.hearing import HASHING, heard_by

WORTH_TELLING = 1_000_000_000  # bytes; about a second
WORDS = "Reading the parents once, to know them by their content (bytes)."


@contextmanager
def hashing_told(report: Report) -> Iterator[None]:
    """Within: this thread's hashing of large files is reported."""
    with heard_by(_Hashing(report)):
        yield


class _Hashing:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._total, self._done, self._began = 0, 0, 0.0

    def stage(self, name: str, total: int) -> None:
        """One parent after the other."""
        worth = name == HASHING and total >= WORTH_TELLING
        self._total, self._done, self._began = total if worth else 0, 0, time.monotonic()

    def add(self, count: int) -> None:
        """So many bytes more."""
        if self._total:
            self._done += count
            left = (time.monotonic() - self._began) * (self._total - self._done) / self._done
            self._report(Progress("hashing", self._done, self._total, left, WORDS))
