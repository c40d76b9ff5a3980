"""One thread of the driver works at a time; the others wait for their actors meanwhile.

    with turn:                      # this thread works: files, lm-eval, counters
        with turn.away(): …         # it waits for an actor, and another one works

So nothing that a sweep does on this machine has to be safe for threads: only waiting happens
at the same time. Not here: what is worked at (`core/jobs/spread.py`).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


class Stopped(Exception):
    """Another thread met an error, or a person stopped the sweep: this one ends as well."""


class Turn:
    """Whose turn it is; a context manager for threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.Lock())
        self._holder: int | None = None
        self._stopped = False

    def __enter__(self) -> None:
        self._condition.acquire()
        self._holder = threading.get_ident()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._holder = None
        self._condition.release()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let another thread work while this one waits; nothing where it has no turn.

        Raises:
            Stopped: on coming back, when the sweep ends.
        """
        if self._holder != threading.get_ident():
            yield
            return
        self.__exit__(None, None, None)
        try:
            yield
        finally:
            self.__enter__()
            self.refuse_stopped()

    def sleep(self, seconds: float) -> None:
        """`time.sleep`, while another thread works."""
        with self.away():
            time.sleep(seconds)

    def wait_for_news(self) -> None:
        """Wait until another thread `tell`s of something; only with the turn.

        Raises:
            Stopped: the sweep ends.
        """
        self.refuse_stopped()
        self._holder = None
        self._condition.wait()
        self._holder = threading.get_ident()
        self.refuse_stopped()

    def tell(self) -> None:
        """Wake those who wait for news; only with the turn."""
        self._condition.notify_all()

    def stop(self) -> None:
        """Every other thread ends when its turn comes; from a thread that has no turn."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def refuse_stopped(self) -> None:
        """Raise `Stopped` once the sweep ends."""
        if self._stopped:
            raise Stopped
