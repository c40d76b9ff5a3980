"""Whether a model of so many bytes would fit on this machine's device, as a finding.

Imports torch, so pages ask the engine host instead (`api.memory_plan`).
"""

from core.engine.room import Room, plan_memory
from core.pairs.findings import Finding, Level
from core.settings import Settings

LEVELS: dict[str, Level] = {"resident": "green", "refused": "red"}  # others: amber


def memory_finding(weights_bytes: int, settings: Settings) -> Finding:
    """How the engine would hold the pair, were nothing else loaded."""
    from core.engine.device import choose_device, free_bytes, host_free_bytes

    device = choose_device(settings)
    room = Room(
        device=str(device),
        free=free_bytes(device),
        host_free=host_free_bytes(),
        budget=settings.engine_bytes,
        held=0,
        in_use=0,
        host_held=0,
        host_in_use=0,
    )
    plan = plan_memory(weights_bytes, room)
    return Finding(LEVELS.get(plan.form, "amber"), "memory", plan.why)
