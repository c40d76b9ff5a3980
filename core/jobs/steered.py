"""The worker's side of a person's wish: looked at twice a second, obeyed where nothing is lost.

    with Steered(folder, interrupt) as steered:
        run_sweep(…, report=steered.watching(events.progress))

A pause is obeyed at the next flushed batch (of any engine, where there are several). A cancel is
obeyed at once: `interrupt` ends what the main thread waits for. Leaves the heartbeat as well.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from core.errors import StoreError
from core.jobs.heartbeat import beat
from core.jobs.progress import Progress, Report
from core.jobs.spread import LANE
from core.jobs.wish import Want, read_wish

LOOK_SECONDS = 0.5
LOOKS_A_BEAT = 10
logger = logging.getLogger(__name__)


class Stopped(BaseException):
    """The work is to end here; not an Exception, so that no handler on the way swallows it."""


class Cancelled(Stopped):
    """A person cancelled the job."""


class Paused(Stopped):
    """A person paused the job, and everything computed is on the disk."""


class Terminated(Stopped):
    """SIGTERM or Ctrl-C came, and no person cancelled: the machine is shut down, perhaps."""


class Steered:
    """A context manager around the work."""

    def __init__(self, folder: Path, interrupt: Callable[[], None] = lambda: None) -> None:
        self._folder, self._interrupt = folder, interrupt
        self._want: Want = "run"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name="steered")

    def __enter__(self) -> Self:
        self._beat()
        self._note()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def cancelled(self) -> bool:
        """Whether a person wants the job to end."""
        return self._want == "cancel"

    def obey(self, settled: bool = True) -> None:
        """Raise what the person wants; a pause only where nothing is under way."""
        thread = threading.current_thread()
        if thread is not threading.main_thread() and not thread.name.startswith(LANE):
            return  # a judge's answers come in threads; the main thread asks by itself
        if self._want == "cancel":
            raise Cancelled
        if self._want == "pause" and settled:
            raise Paused

    def watching(self, report: Report) -> Report:
        """The same report, which obeys after it has told."""

        def told(progress: Progress) -> None:
            report(progress)
            self.obey(progress.settled)

        return told

    def _look(self) -> None:
        looks = 0
        while not self._stop.wait(LOOK_SECONDS):
            looks += 1
            if looks % LOOKS_A_BEAT == 0:
                self._beat()
            before = self._want
            self._note()
            if self._want == "cancel" != before:
                self._interrupt()

    def _note(self) -> None:
        wish = read_wish(self._folder)
        if wish is not None:  # an unreadable wish changes nothing
            self._want = wish.want

    def _beat(self) -> None:
        try:
            beat(self._folder)
        except StoreError as error:  # a full disk: the work itself finds that out
            logger.warning("no heartbeat: %s", error)
