"""One thread that does all model work, in small steps, interactive work first.

A piece of work is a generator: between two of its steps the thread may turn to another one.
So a conversation waits for one step of a sweep, never for the sweep. The engine sets λ before
every step, hence work at two λ may be interleaved freely. Not here: HTTP.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from core.errors import EngineError, PartwayError

logger = logging.getLogger(__name__)
INTERACTIVE, BATCH = 0, 1
TURN_SECONDS = 0.1  # work of equal priority takes turns of this length

Event = tuple[str, Any]  # ("step", value) · ("result", value) · ("error", PartwayError)
Steps = Generator[Any, None, Any]


@dataclass(eq=False)
class Work:
    """Something to be done, and whom to tell."""

    start: Callable[[], Steps]
    priority: int
    tell: Callable[[Event], None]
    cancelled: threading.Event = field(default_factory=threading.Event)
    steps: Steps | None = None
    turn: int = 0  # the last turn it had; the one that waited longest goes on


class WorkQueue:
    """Pieces of work and the thread that does them."""

    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare
        self._waiting: list[Work] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._turn = 0
        self._thread = threading.Thread(target=self._run, name="engine-worker", daemon=True)

    def start(self) -> None:
        """Begin; `prepare` runs first, in the worker's thread."""
        self._thread.start()

    def stop(self, wait_seconds: float) -> None:
        """Drop what waits, end after the current step."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(wait_seconds)

    def put(self, work: Work) -> None:
        """Queue a piece of work."""
        with self._changed:
            self._turn += 1
            work.turn = self._turn
            self._waiting.append(work)
            self._changed.notify_all()

    @property
    def length(self) -> int:
        """Pieces of work that are not finished."""
        return len(self._waiting)

    def _run(self) -> None:
        self._prepare()
        while (work := self._next()) is not None:
            if self._take_turn(work):
                with self._changed:
                    self._waiting.remove(work)
        for work in self._waiting:
            _close(work)
            work.tell(("error", EngineError("The engine is stopping. Ask again in a moment.")))

    def _next(self) -> Work | None:
        with self._changed:
            while not self._waiting and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return None
            work = min(self._waiting, key=lambda one: (one.priority, one.turn))
            self._turn += 1
            work.turn = self._turn
            return work

    def _take_turn(self, work: Work) -> bool:
        """Some steps of one piece of work; True when it is finished."""
        until = time.monotonic() + TURN_SECONDS
        while not self._stopped:
            if work.cancelled.is_set():
                return _close(work)
            if _step(work):
                return True
            if time.monotonic() > until or self._more_urgent(work):
                return False
        return False

    def _more_urgent(self, work: Work) -> bool:
        return any(other.priority < work.priority for other in list(self._waiting))


def _step(work: Work) -> bool:
    try:
        if work.steps is None:
            work.steps = work.start()
        work.tell(("step", next(work.steps)))
    except StopIteration as finished:
        work.tell(("result", finished.value))
        return True
    except PartwayError as error:
        work.tell(("error", error))
        return True
    except Exception as error:
        logger.exception("a piece of work failed")
        work.tell(("error", _as_sentence(error)))
        return True
    return False


def _as_sentence(error: Exception) -> EngineError:
    if "out of memory" in str(error).lower():
        return EngineError("The device ran out of memory. Ask for fewer or shorter texts at once.")
    return EngineError(
        f"The engine failed ({type(error).__name__}). Read its log, engine.log in the state folder."
    )


def _close(work: Work) -> bool:
    if work.steps is not None:
        work.steps.close()
    return True
