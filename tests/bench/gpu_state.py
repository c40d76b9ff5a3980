"""What the sections of `tests/bench/gpu.py` share: the device, the clock and the made pair."""

import gc
import sys
import time
from collections.abc import Callable, Sequence

import torch

from core.engine.device import give_back_cached
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.settings import read_settings
from tests.bench.made_pair import make_pair

STARTED = time.perf_counter()


class State:
    """One run of the bench; the pair is made when a section first needs it."""

    def __init__(self, device: torch.device, shape: str) -> None:
        self.device, self.shape = device, shape
        self.copied: float | None = None  # bytes a second on the device, read and written
        self.bus: float | None = None  # bytes a second from pinned host memory
        self._engine: TorchEngine | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the program began."""
        return time.perf_counter() - STARTED

    @property
    def engine(self) -> TorchEngine:
        """An engine that holds the made pair under the name of its shape."""
        if self._engine is None:
            began = time.perf_counter()
            made = make_pair(self.shape, self.device, torch.bfloat16)
            self._engine = TorchEngine(read_settings())
            self._engine._residents.adopt(self.shape, made)
            sync(self.device)
            say(
                f"made {made.loaded.parameters / 1e9:.2f} G parameters, bfloat16, three copies, in "
                f"{time.perf_counter() - began:.1f} s; prefixes shared: {made.shares}"
            )
        return self._engine

    @property
    def resident(self) -> Resident:
        """The made pair."""
        return self.engine.resident(self.shape)

    @property
    def tiny(self) -> bool:
        """Whether this is only a rehearsal."""
        return self.shape == "tiny"

    def forget(self) -> None:
        """Give back the made pair's memory."""
        if self._engine is not None:
            self._engine.close()
        self._engine = None
        gc.collect()
        give_back_cached(self.device)


def say(line: str) -> None:
    """One line, as soon as it is known."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def sync(device: torch.device) -> None:
    """Wait for the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(act: Callable[[], object], device: torch.device) -> float:
    """How long it takes, the device's work included."""
    sync(device)
    began = time.perf_counter()
    act()
    sync(device)
    return time.perf_counter() - began


def fastest(
    acts: Sequence[Callable[[], object]], device: torch.device, turns: int = 5
) -> list[float]:
    """The least that each takes, by turns, after one turn that does not count."""
    found = [[seconds(act, device) for act in acts] for _ in range(turns + 1)][1:]
    return [min(each) for each in zip(*found, strict=True)]


def allocated(device: torch.device) -> int:
    """Bytes of tensors on the device now; 0 where nobody counts."""
    return torch.cuda.memory_allocated(device) if device.type == "cuda" else 0


def peak(device: torch.device) -> int:
    """The most there was since `reset_peak`; 0 where nobody counts."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0


def reset_peak(device: torch.device) -> None:
    """Count anew."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
