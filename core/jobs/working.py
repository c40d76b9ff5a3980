"""Work in a process of its own: the locks it holds, its events, its heartbeat, how it ends.

    with at_work(locks, handles):
        run_work(folder, work, Steered(folder, end_this_process))

Whatever ends it is written down as the last event, and what was flushed is kept. Used by
jobs (`worker.py`) and by looks at weights. Not here: the work.
"""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import FrameType

from core.errors import PartwayError, RunLocked, StoreError
from core.jobs.events import EventLog
from core.jobs.holding import inherited, try_hold
from core.jobs.job_folder import HELD, LOG, TURN
from core.jobs.progress import Report
from core.jobs.steered import Cancelled, Paused, Steered, Stopped, Terminated
from core.jobs.wish import read_wish

STOPPED = "The worker was told to end, as when the machine shuts down. It goes on from there."
CANCELLED, PAUSED = "Cancelled.", "Paused."  # what that means is told by `state.py`
EXIT_STOPPED, EXIT_BUG = 130, 1
RESERVE, RESERVED_BYTES = "reserve", 8192  # given back when the disk is full, so this can be said
_TAKEN = {
    TURN: "Another job is running; they share one engine. {folder} waits for its turn by itself.",
    HELD: "Another process is at work on {folder} already. One is enough; this one ends.",
}
logger = logging.getLogger(__name__)
Work = Callable[[EventLog, Report], str]  # returns its last word


@dataclass(frozen=True, slots=True)
class Ending:
    """The last event of an attempt, and the process's exit code."""

    event: str
    message: str
    exit_code: int


_TOLD_TO_END = Ending("stopped", STOPPED, EXIT_STOPPED)


def run_work(
    folder: Path, work: Work, steered: Steered | None = None, cancelled: str = CANCELLED
) -> Ending:
    """Do the work until it ends or is stopped; what it returns is the last word."""
    wish = read_wish(folder)
    events = EventLog(folder, round_=wish.round if wish else 1)
    reserve = folder / RESERVE
    with suppress(OSError):
        reserve.write_bytes(b"\0" * RESERVED_BYTES)
    ending = _TOLD_TO_END
    with suppress(Stopped), steered or Steered(folder) as hand:
        ending = _attempt(folder, work, events, hand, cancelled)
        _deafen()  # a signal now must not cut short the writing of the last word
    with suppress(OSError):
        reserve.unlink()
    try:
        events.write(ending.event, message=ending.message, exit_code=ending.exit_code)
    except StoreError as error:
        logger.error("%s", error)  # seen by others as a worker that ended without a word
    return ending


def _attempt(folder: Path, work: Work, events: EventLog, hand: Steered, cancelled: str) -> Ending:
    ended = Ending("cancelled", cancelled, EXIT_STOPPED)
    try:
        events.write("started", pid=os.getpid())
        hand.obey()
        return Ending("finished", work(events, hand.watching(events.progress)), 0)
    except Paused:
        return Ending("paused", PAUSED, 0)
    except Cancelled:
        return ended
    except Terminated:
        return ended if hand.cancelled else _TOLD_TO_END
    except PartwayError as error:
        return Ending("failed", str(error), error.exit_code)
    except Exception as error:
        logger.exception("the work failed")
        message = f"The worker met a bug ({type(error).__name__}). The log is {folder / LOG}."
        return Ending("failed", message, EXIT_BUG)


@contextmanager
def at_work(locks: tuple[Path, ...], handles: list[int]) -> Iterator[None]:
    """Log, listen to signals, and hold the locks: handed over, or taken now.

    Raises:
        RunLocked: another process has one of them.  StoreError: one cannot be taken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    with ExitStack() as ours:
        for path, handle in zip_longest(locks, handles):
            held = try_hold(path) if handle is None else inherited(handle)
            if held is None:
                raise RunLocked(_TAKEN[path.name].format(folder=locks[-1].parent))
            ours.enter_context(held)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _on_signal)
        yield


def alone(arguments: list[str], run: Callable[[Path], int]) -> int:
    """The entry point of work that waits for no turn: its folder, and its lock's handle."""
    folder, handles = Path(arguments[0]), [int(handle) for handle in arguments[1:]]
    try:
        with at_work((folder / HELD,), handles):
            return run(folder)
    except PartwayError as error:
        logger.error("%s", error)
        return error.exit_code


def end_this_process() -> None:
    """Wake the main thread from whatever it waits for, from any thread."""
    os.kill(os.getpid(), signal.SIGTERM)


def _deafen() -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(name) is _on_signal:  # else this is not a worker's own process
            signal.signal(name, signal.SIG_IGN)


def _on_signal(number: int, frame: FrameType | None) -> None:
    _deafen()
    raise Terminated
