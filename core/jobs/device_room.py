"""Whether a model of this size would fit on this machine's devices, as a finding.

Imports torch, so pages ask the engine host instead (`api.memory_plan`).
"""

from core.engine.pair_plan import plan_pair
from core.engine.room import Room
from core.pairs.findings import Finding, Level
from core.pairs.sizes import Sizes
from core.settings import Settings

LEVELS: dict[str, Level] = {"resident": "green", "spread": "green", "refused": "red"}  # else: amber


def memory_finding(sizes: Sizes, settings: Settings) -> Finding:
    """How the engine would hold the pair, were nothing else loaded."""
    from core.engine.device import choose_devices, free_bytes, host_free_bytes

    rooms = [
        Room(str(device), free_bytes(device), host_free_bytes(), settings.engine_bytes)
        for device in choose_devices(settings)
    ]
    plan = plan_pair(sizes, rooms)
    return Finding(LEVELS.get(plan.form, "amber"), "memory", plan.why)
