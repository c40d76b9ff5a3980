"""The memory plan of one pair, on one device or over several; pure arithmetic, no torch.

    plan_pair(sizes, rooms).why     # rooms: the device it is put on alone first

The quickest form that fits: whole on one device; its layers on several; then the slower forms on
one (`core/engine/room.py`). Not here: loading (`core/engine/residents.py`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from core.engine.room import COPIES, MemoryPlan, PlanForm, Room, plan_memory
from core.engine.spread_plan import not_even_together, plan_spread
from core.pairs.sizes import Sizes


def plan_pair(
    sizes: Sizes,
    rooms: Sequence[Room],
    copies: int = COPIES,
    without: Collection[PlanForm] = (),
) -> MemoryPlan:
    """How it would be held; `without` are forms that the pair does not allow."""
    scratch = None if "paired" in without else sizes.largest
    alone = plan_memory(sizes.total, rooms[0], copies, scratch)
    if alone.form == "resident" or len(rooms) < 2 or "spread" in without:
        return alone
    spread = plan_spread(sizes, rooms, copies)
    if spread is None and alone.form == "refused":
        return replace(alone, why=f"{alone.why} {not_even_together(sizes, rooms, copies)}")
    return spread or alone
