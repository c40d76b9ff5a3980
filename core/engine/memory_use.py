"""What loading a pair took, beside what the plan said it would: plain values.

Measured in the process that loads (`core/engine/memory_meter.py`), told by
`core/engine/memory_words.py`. Absent is None with a reason: it is never guessed from the plan.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Bytes that one pair was planned to take, and bytes by which memory grew while it loaded."""

    form: str  # of the plan: resident, paired, streamed
    planned_device: int
    planned_host: int  # beside the device
    used_device: int | None
    used_host: int | None
    how: str  # by what it was measured, or why it was not
