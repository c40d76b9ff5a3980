"""How far the loading of a pair is, told to whoever wants to hear it; no torch.

    with heard_by(watch):
        check_pair(entry, settings)     # calls watch.stage(…) and watch.add(bytes)

Who works says only what and how much; words and times are the listener's affair
(`core/engine/loading_now.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

HASHING, READING, CHECKING, SHARING = "hashing", "reading", "checking", "sharing"


class Listener(Protocol):
    """Whoever waits."""

    def stage(self, name: str, total: int) -> None:
        """A part of the work begins, counted to `total`; 0: it is not counted."""
        ...

    def add(self, count: int) -> None:
        """So much of it is done."""
        ...


_listener: ContextVar[Listener | None] = ContextVar("who hears how far it is", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Within: this thread's work is heard."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def begin(name: str, total: int) -> None:
    """The next part of the work."""
    listener = _listener.get()
    if listener is not None:
        listener.stage(name, total)


def moved(count: int) -> None:
    """So much more of it."""
    listener = _listener.get()
    if listener is not None:
        listener.add(count)
