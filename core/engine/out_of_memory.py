"""When memory runs out in the middle of work: smaller batches from then on, then a sentence.

    for part in halving(rows, work, resident): …

Which error it is differs by device, and some of them are plain `RuntimeError`s with a text.
A step that failed has left no trace that counts: caches belong to the batch and go with it.
Not here: making room for a pair (`core/engine/residents.py`).
"""

import gc
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from core.engine.device import give_back_cached
from core.engine.resident import Resident
from core.errors import EngineError

logger = logging.getLogger(__name__)
SMALLEST_PIECE = 16  # tokens of one text that are read at a time at least
SIGNS = ("out of memory", "can't allocate memory", "not enough memory")

Row = TypeVar("Row")
Found = TypeVar("Found")


def ran_out(error: BaseException) -> bool:
    """Whether this is a device or the host saying that there is no more memory."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in SIGNS)


def halves(
    rows: Sequence[Row], resident: Resident, error: BaseException
) -> tuple[Sequence[Row], Sequence[Row]]:
    """What to try instead of all rows at once; later batches are built smaller, too.

    Call it when the failed step's tensors are gone: after the `except` block, not within.

    Raises:
        EngineError: there was only one row, and it does not fit.
    """
    resident.prefixes.clear()
    gc.collect()
    give_back_cached(resident.device)
    if len(rows) < 2:
        raise _too_large(resident)
    resident.batch.halve()
    logger.warning("memory ran out with %d rows (%s); going on in halves", len(rows), error)
    middle = (len(rows) + 1) // 2
    return rows[:middle], rows[middle:]


def smaller_piece(size: int, resident: Resident, error: BaseException) -> int:
    """Half as many tokens of one text at a time, for work on a single text.

    Call it when the failed step's tensors are gone, as `halves`.

    Raises:
        EngineError: the pieces are small already, or the text must be read in one go.
    """
    gc.collect()
    give_back_cached(resident.device)
    if size <= SMALLEST_PIECE or not resident.pads:
        raise _too_large(resident)
    logger.warning("memory ran out with %d tokens (%s); going on in halves", size, error)
    return max(SMALLEST_PIECE, size // 2)


def _too_large(resident: Resident) -> EngineError:
    return EngineError(
        f"One text of this request does not fit into the memory left on {resident.device}. "
        "Shorten it, ask for fewer tokens, or unload a pair."
    )


def in_parts(
    work: Callable[[Sequence[Row]], list[Found]], rows: Sequence[Row], resident: Resident
) -> list[Found]:
    """`work(rows)`, in halves of halves where memory runs out.

    Raises:
        EngineError: a single row does not fit.
    """
    try:
        return work(rows)
    except Exception as error:
        if not ran_out(error):
            raise
        told = without_frames(error)
    first, second = halves(rows, resident, told)
    return in_parts(work, first, resident) + in_parts(work, second, resident)


def without_frames(error: Exception) -> Exception:
    """The error without its traceback, whose frames hold the step's tensors."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
