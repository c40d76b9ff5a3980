"""The form of a pair whose three copies do not all fit on the device: parents in host memory.

The live weights stand on the device and are the same, bit for bit, as in the resident form;
only writing a λ takes longer, because the parents come over the bus in pieces. Where there is
no other memory (CPU, Apple), the parents stay in their files, mapped: one private copy
instead of three, and the system may drop their pages and read them again. A file must then
not be overwritten in place while it is in use; replacing it by renaming is safe.

Tested on a CPU and, pinned, on a CUDA device (`tests/gpu`).
"""

import logging
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.merge.flat import Layout, allocate
from core.merge.materialised import Slot

logger = logging.getLogger(__name__)
STAGING_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class StreamedSlot(Slot):
    """A slot whose parents lie elsewhere; all three are contiguous."""

    staging: Tensor  # on the live tensor's device, for pieces of the instruct parent

    def write(self, value: float) -> None:
        """Set the live tensor to λ = `value`, piece by piece."""
        if value in (0.0, 1.0) or not self.live.is_floating_point():
            Slot.write(self, value)
            return
        size = self.staging.numel()
        live, base, instruct = (t.view(-1) for t in (self.live, self.base, self.instruct))
        for start in range(0, live.numel(), size):
            piece = live[start : start + size]
            piece.copy_(base[start : start + size], non_blocking=True)
            staged = self.staging[: piece.numel()]
            staged.copy_(instruct[start : start + size], non_blocking=True)
            torch.lerp(piece, staged, value, out=piece)


def staging_for(layout: Layout, device: torch.device) -> Tensor:
    """Memory on the device for one piece of a parent."""
    numbers = min(layout.numbers, STAGING_BYTES // layout.dtype.itemsize)
    return allocate(max(1, numbers), layout.dtype, device)


def stage(slots: Iterable[Slot], staging: Tensor) -> list[Slot]:
    """The same slots, written by streaming through that memory."""
    return [StreamedSlot(s.name, s.live, s.base, s.instruct, staging) for s in slots]


def pin(buffer: Tensor, owner: object) -> None:
    """Fix a host buffer in memory, so that the GPU reads it by itself, while `owner` lives.

    Registered and not allocated so: torch's own pinned allocations are rounded up to a power
    of two.
    """
    runtime = torch.cuda.cudart()  # type: ignore[no-untyped-call]
    place = buffer.data_ptr()
    failed = int(runtime.cudaHostRegister(place, buffer.nbytes, 0))
    if failed:
        logger.warning("host memory cannot be pinned (CUDA error %d); λ is slower", failed)
        return
    weakref.finalize(owner, _unpin, runtime, place, buffer)


def _unpin(runtime: Any, place: int, buffer: Tensor) -> None:
    runtime.cudaHostUnregister(place)  # `buffer` is a parameter so that it lives until here
