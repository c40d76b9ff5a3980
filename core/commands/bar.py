"""The progress bar of verbs that take longer than a moment, on stderr."""

import sys
import time
from types import TracebackType
from typing import Self

from tqdm import tqdm

from core.jobs.progress import Progress

SECONDS_ON_SCREEN, SECONDS_IN_A_LOG = 0.1, 5.0


class Bar:
    """With our own time left: a sweep's items are of two kinds."""

    def __enter__(self) -> Self:
        self._drawn = 0.0
        self._seconds = SECONDS_ON_SCREEN if sys.stderr.isatty() else SECONDS_IN_A_LOG
        self._bar: tqdm | None = None  # what is done or refused at once needs none
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Tell where the work is; drawn now and then."""
        left = progress.eta_seconds
        told = "" if left is None else f"{tqdm.format_interval(round(left))} left · "
        if self._bar is None:
            self._bar = self._begin()
        self._bar.total, self._bar.n = progress.total, progress.done
        self._bar.set_description_str(told + progress.message, refresh=False)
        if time.monotonic() - self._drawn >= self._seconds:
            self._drawn = time.monotonic()
            self._bar.refresh()

    def _begin(self) -> tqdm:
        return tqdm(
            total=0,
            unit="item",
            dynamic_ncols=True,
            mininterval=self._seconds,
            bar_format="{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} [{elapsed}] {desc}",
        )
