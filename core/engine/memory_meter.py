"""By how much memory grows while a pair is loaded: the device's own count, or the process's.

    meter = MemoryMeter(device, …); …load…; meter.use(plan)

On CUDA it is what torch has allocated there, and for the host the private memory of the process.
On a CPU it is that alone: pages of mapped files are not counted, because the system may drop
them. What is imported for the first pair, and what libraries keep on a GPU from their first use
on, counts too, so a pair of some megabytes seems larger.
"""

import ctypes
import gc
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch

from core.engine.memory_use import MemoryUse
from core.engine.room import MemoryPlan

STATUS = Path("/proc/self/status")
PRIVATE = ("RssAnon:", "RssShmem:")
ON_CUDA = "by torch's count of the device's memory and the process's private memory"
ON_CPU = "by the private memory of the process, with what was imported for the pair"
UNTOLD = "the system does not tell how much private memory a process has"
OTHER = "nobody counts the memory of this kind of device"
MORE = "the process gave back more memory than it took meanwhile"


class MemoryMeter:
    """A mark before loading, and the difference after it."""

    def __init__(self, *devices: torch.device) -> None:
        self._devices = devices  # of one kind
        _tidy()
        self._allocated, self._private = _allocated(self._devices), private_bytes()

    def use(self, plan: MemoryPlan) -> MemoryUse:
        """What has come since, beside the plan."""
        _tidy()  # what loading left behind is no part of the pair
        host = _grown(self._private, private_bytes())
        kinds = {device.type for device in self._devices}
        if kinds == {"cuda"}:
            device, beside = _grown(self._allocated, _allocated(self._devices)), host
            how = MORE if device is None else ON_CUDA
        elif kinds == {"cpu"}:
            device, beside = host, None
            how = ON_CPU if host is not None else UNTOLD if self._private is None else MORE
        else:
            device, beside, how = None, None, OTHER
        return MemoryUse(plan.form, plan.device_bytes, plan.host_bytes, device, beside, how)


def _tidy() -> None:
    """Give back what nobody uses: it would be taken again unseen."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library than glibc keeps less
        ctypes.CDLL(None).malloc_trim(0)


def private_bytes() -> int | None:
    """Memory of this process that no file holds; None where the system does not say."""
    try:
        lines = STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith(PRIVATE)]
    return sum(found) if found else None


def _allocated(devices: Sequence[torch.device]) -> int | None:
    """By torch's count on all of them together."""
    if any(device.type != "cuda" for device in devices):
        return None
    return sum(torch.cuda.memory_allocated(device) for device in devices)


def _grown(before: int | None, after: int | None) -> int | None:
    """None where nobody counts, or where less is held than before."""
    if before is None or after is None or after < before:
        return None
    return after - before
