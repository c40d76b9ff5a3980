"""One thread that does all model work, in small steps, interactive work first.

A piece of work is a generator: between two of its steps the thread may turn to another one.
So a conversation waits for one step of a sweep, never for the sweep; work that nobody wants
any more ends before the next step, whoever's it is. The engine sets λ before every step, hence
work at two λ may be interleaved freely. Work that is `together` shares the engine's forwards
(`core/engine/writer.py`): it has its turns in common, each piece a step in every round, and
counts as one beside work at another λ. Not here: HTTP.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from typing import Any

from core.errors import EngineError, EngineUnavailable, PartwayError

logger = logging.getLogger(__name__)
INTERACTIVE, BATCH = 0, 1
# Work of equal priority takes turns. A step of each turn may have to write λ into the weights,
# so a turn lasts for a few times its longest step, within bounds.
TURN_SECONDS = {INTERACTIVE: 0.1, BATCH: 1.0}
TURN_LONGEST_STEPS = 4
LONGEST_TURN_SECONDS = 5.0
STOPPING = "The engine is stopping. Ask again in a moment."

Event = tuple[str, Any]  # ("step", value) · ("result", value) · ("error", PartwayError)
Steps = Generator[Any, None, Any]


@dataclass(eq=False)
class Work:
    """Something to be done, and whom to tell."""

    start: Callable[[], Steps]
    priority: int
    tell: Callable[[Event], None]
    together: Hashable = None  # equal for work that shares its steps; None for work by itself
    cancelled: threading.Event = field(default_factory=threading.Event)
    steps: Steps | None = None
    turn: int = 0  # the last turn it had; the one that waited longest goes on


class WorkQueue:
    """Pieces of work and the thread that does them."""

    def __init__(
        self, prepare: Callable[[], None], idle: Callable[[], bool] = lambda: False
    ) -> None:
        self._prepare = prepare
        self._idle = idle  # a small step while nothing waits; False when there is no more to do
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
            self._take_turn(work)
            del work  # what it held is gone now, not when the next piece of work comes
        for left in self._waiting:
            _close(left)
            left.tell(("error", EngineUnavailable(STOPPING)))

    def _next(self) -> Work | None:
        """The work that has waited longest; all that is together with it has its turn now."""
        while not self._waiting and not self._stopped and self._idle():
            pass
        with self._changed:
            while not self._waiting and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return None
            work = min(self._waiting, key=lambda one: (one.priority, one.turn))
            self._turn += 1
            for one in self._with(work):
                one.turn = self._turn
            return work

    def _with(self, work: Work) -> list[Work]:
        """What shares its steps with this work, itself among it; asked anew in every round."""
        waiting = list(self._waiting)
        if work.together is None:
            return [one for one in waiting if one is work]
        key = (work.priority, work.together)
        return [one for one in waiting if (one.priority, one.together) == key]

    def _take_turn(self, work: Work) -> None:
        """Some rounds: a step of each piece of work that has its turn."""
        began, longest = time.monotonic(), 0.0
        while members := self._with(work):
            for member in members:
                before = time.monotonic()
                self._drop_unwanted()
                if not member.cancelled.is_set() and _step(member):
                    self._remove(member)
                longest = max(longest, time.monotonic() - before)
                if self._stopped or self._more_urgent(work):
                    return
            if time.monotonic() - began > _turn_seconds(work.priority, longest):
                return

    def _drop_unwanted(self) -> None:
        """Work that nobody wants gives its memory back at once, whether it has its turn or not."""
        for other in list(self._waiting):
            if other.cancelled.is_set():
                _close(other)
                self._remove(other)

    def _remove(self, work: Work) -> None:
        with self._changed:
            self._waiting.remove(work)

    def _more_urgent(self, work: Work) -> bool:
        return any(other.priority < work.priority for other in list(self._waiting))


def _turn_seconds(priority: int, longest_step: float) -> float:
    usual = max(TURN_SECONDS[priority], TURN_LONGEST_STEPS * longest_step)
    return min(usual, LONGEST_TURN_SECONDS)


def _step(work: Work) -> bool:
    try:
        if work.steps is None:
            work.steps = work.start()
        work.tell(("step", next(work.steps)))
    except StopIteration as finished:
        work.tell(("result", finished.value))
        return True
    except PartwayError as error:
        work.tell(("error", _without_frames(error)))
        return True
    except Exception as error:
        logger.exception("a piece of work failed")
        work.tell(("error", _as_sentence(error)))
        return True
    return False


def _as_sentence(error: Exception) -> EngineError:
    if isinstance(error, MemoryError) or "memory" in str(error).lower():
        return EngineError("The device ran out of memory. Ask for fewer or shorter texts at once.")
    return EngineError(
        f"The engine failed ({type(error).__name__}). Read its log, engine.log in the state folder."
    )


def _without_frames(error: PartwayError) -> PartwayError:
    """The error alone: the frames of its traceback hold the tensors of the failed step."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _close(work: Work) -> None:
    """End the work where it stands; its own clean-up may fail without harm to others."""
    if work.steps is not None:
        try:
            work.steps.close()
        except Exception:
            logger.exception("a piece of work failed while it was ended")
