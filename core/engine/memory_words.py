"""A pair's memory in words: what was planned, what it took, and how that was measured."""

from core.engine.memory_use import MemoryUse
from core.engine.room import as_size


def memory_words(use: MemoryUse) -> str:
    """Plan and measurement in one line."""
    planned = as_size(use.planned_device)
    if use.planned_host:
        planned += f" and {as_size(use.planned_host)} of host memory"
    if use.used_device is None:
        return f"planned {planned}; taken: not measured, because {use.how}"
    taken = as_size(use.used_device)
    if use.used_host is not None:
        taken += f" and {as_size(use.used_host)} of host memory"
    return f"planned {planned}; taken {taken} ({use.how})"
