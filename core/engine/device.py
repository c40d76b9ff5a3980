"""Which devices the engine works on, what is free there, and with how many threads.

Tested on CPUs and on one CUDA device (`tests/gpu`). Several of them are tried with made-up ones
(`tests/pretended.py`) and Apple's MPS not at all: both follow their documentation. As a program
it prints what it found as JSON, for those who must not import torch:

    python -m core.engine.device
"""

import json
import math
import os
import sys
from pathlib import Path

import torch

from core.errors import EngineError
from core.settings import Settings, read_settings

CGROUP_CPU = Path("/sys/fs/cgroup/cpu.max")


def choose_device(settings: Settings) -> torch.device:
    """The device asked for, else a GPU where there is one, else the CPU.

    Of several GPUs it is the one with the most free memory, unless one was named.

    Raises:
        EngineError: the device asked for does not exist here.
    """
    return choose_devices(settings)[0]


def choose_devices(settings: Settings) -> tuple[torch.device, ...]:
    """All that one pair may be spread over, the one it is put on alone first.

    Those named, in their order; or every GPU, the freest first; or a single device.

    Raises:
        EngineError: a device asked for does not exist here.
    """
    name = settings.device or _best_kind()
    try:
        devices = _by_room() if name == "cuda" else _named(name)
        for device in devices:
            torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "not usable"
        raise EngineError(
            f"PARTWAY_DEVICE = {name!r} cannot be used here ({reason}). Give cpu, cuda, mps, or "
            "GPUs by number: cuda:0,cuda:1."
        ) from error
    return devices


def _named(names: str) -> tuple[torch.device, ...]:
    return tuple(dict.fromkeys(torch.device(name.strip()) for name in names.split(",")))


def free_bytes(device: torch.device) -> int | None:
    """Memory that can still be had on the device; None where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return host_free_bytes()


def host_free_bytes() -> int | None:
    """Host memory that can still be had; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(found[0][1]) * 1024 if found else None


def give_back_cached(device: torch.device) -> None:
    """Hand memory that torch keeps for itself back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def steady_attention() -> None:
    """Do without cuDNN's attention, which plans its work anew for every length of text.

    A token whose text was never so long before took 61 ms with it, and 21 ms where that length
    had been seen (8 billion parameters, H100).
    """
    torch.backends.cuda.enable_cudnn_sdp(False)


def use_threads(settings: Settings) -> None:
    """The thread count of the settings, else no more than this process may really use."""
    torch.set_num_threads(settings.threads or usable_threads())


def usable_threads() -> int:
    """As many as torch would use, or fewer where the process was given fewer cores."""
    return max(1, min(torch.get_num_threads(), _own_cores(), _quota()))


def _own_cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota() -> int:
    try:
        quota, period = CGROUP_CPU.read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no cgroup, or "max"
        return sys.maxsize


def _best_kind() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _by_room() -> tuple[torch.device, ...]:
    """Every GPU, the one with the most free memory first, by number among equals."""
    free = {n: torch.cuda.mem_get_info(n)[0] for n in range(torch.cuda.device_count())}
    ordered = sorted(free, key=lambda number: -free[number])
    return tuple(torch.device("cuda", number) for number in ordered or [0])


def _report(settings: Settings) -> dict[str, object]:
    device, *others = choose_devices(settings)
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "device": str(device),
        "free_bytes": free_bytes(device),
        "others": [str(other) for other in others],
        "gpus": names,
        "threads": settings.threads or usable_threads(),
    }


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps(_report(read_settings())) + "\n")
    except EngineError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(problem.exit_code)
