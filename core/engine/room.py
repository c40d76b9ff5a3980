"""Room for one more pair: what was used longest ago leaves before the new one comes.

A pair takes both parents and one live copy. Whether that fits is known before anything is
loaded. Work under way keeps its pair alive until it ends.
"""

import gc
import logging
from collections.abc import Callable
from pathlib import Path

import torch

from core.engine.resident import Resident
from core.errors import EngineError

logger = logging.getLogger(__name__)
COPIES = 3  # base, instruct and the live weights
GIB = 1024**3

FreeBytes = Callable[[torch.device], int | None]


def free_bytes(device: torch.device) -> int | None:
    """Memory that can still be had on the device; None where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(found[0][1]) * 1024 if found else None


def make_room(
    residents: dict[str, Resident],
    weights_bytes: int,
    device: torch.device,
    free: FreeBytes = free_bytes,
) -> None:
    """Drop pairs, the first of `residents` first, until the new one fits.

    Raises:
        EngineError: it does not fit even alone.
    """
    needed = COPIES * weights_bytes
    while (left := free(device)) is not None and left < needed:
        if not residents:
            raise EngineError(
                f"The pair needs {needed / GIB:.1f} GiB on {device} and {left / GIB:.1f} GiB are "
                "free. Choose a smaller pair, or a machine with more memory."
            )
        oldest = next(iter(residents))
        logger.info("dropping %s to make room", oldest)
        del residents[oldest]
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()
