"""The memory plan of a pair that fits on no single device but on several together; no torch.

    plan_spread(sizes, rooms)     # rooms: the device that is home first

Layers follow each other over the devices, as few of them as hold the pair, each filled to about
the same share of what is free there. What is no layer lies on the first.
Not here: moving tensors and computing so (`core/merge/spread.py`).
"""

from collections.abc import Sequence

from core.engine.room import COPIES, WORKING_SHARE, MemoryPlan, Room, Share, as_size
from core.pairs.sizes import Sizes

LEVELS = 20  # how finely the shares are made alike


def plan_spread(sizes: Sizes, rooms: Sequence[Room], copies: int = COPIES) -> MemoryPlan | None:
    """The plan over as few of these devices as do; None where it cannot be.

    Needs two devices that say what is free, and more than one layer.
    """
    there = [(room.device, available) for room in rooms if (available := _free(room)) is not None]
    needed = copies * sizes.total
    if len(sizes.layers) < 2 or _over_budget(needed, rooms):
        return None
    for count in range(2, len(there) + 1):
        shares = _level(sizes, there[:count], copies)
        if shares is not None:
            why = _why(sizes, shares, copies, there)
            free = sum(available for _, available in there[:count])
            return MemoryPlan("spread", sizes.total, needed, 0, free, why, shares)
    return None


def not_even_together(sizes: Sizes, rooms: Sequence[Room], copies: int = COPIES) -> str:
    """A sentence on why not even all of them hold it."""
    free = [f"{room.device} {as_size(found)}" for room in rooms if (found := _free(room))]
    return (
        f"Nor do {len(rooms)} devices together hold {copies} × {as_size(sizes.total)} and the "
        f"memory to work in, layer by layer; free are {', '.join(free) or 'no bytes'}."
    )


def _free(room: Room) -> int | None:
    return None if room.free is None else max(0, room.free + room.held - room.in_use)


def _over_budget(needed: int, rooms: Sequence[Room]) -> bool:
    budget = rooms[0].budget if rooms else None
    return budget is not None and needed > budget - sum(room.in_use for room in rooms)


def _level(sizes: Sizes, there: Sequence[tuple[str, int]], copies: int) -> tuple[Share, ...] | None:
    """All devices filled to the lowest of some levels at which everything finds room."""
    for level in range(1, LEVELS + 1):
        limits = [available * level // LEVELS for _, available in there]
        layers = _fill(sizes, limits, copies)
        if layers is not None and all(layers):
            return tuple(_shares(sizes, there, layers, copies))
    return None


def _fill(sizes: Sizes, limits: Sequence[int], copies: int) -> list[int] | None:
    """How many layers each limit takes, in their order; None where some are left."""
    taken = [0] * len(limits)
    at, used = 0, _need(sizes.outside, copies)
    if used > limits[0]:
        return None
    for layer in sizes.layers:
        while used + _need(layer, copies) > limits[at]:
            at, used = at + 1, 0
            if at == len(limits):
                return None
        used += _need(layer, copies)
        taken[at] += 1
    return taken


def _need(model_bytes: int, copies: int) -> int:
    """With the working share of this part."""
    return copies * model_bytes + model_bytes // WORKING_SHARE


def _shares(
    sizes: Sizes, there: Sequence[tuple[str, int]], layers: Sequence[int], copies: int
) -> list[Share]:
    shares, start = [], 0
    for (device, _), count in zip(there, layers, strict=True):
        own = sum(sizes.layers[start : start + count]) + (0 if start else sizes.outside)
        shares.append(Share(device, count, copies * own))
        start += count
    return shares


def _why(
    sizes: Sizes, shares: Sequence[Share], copies: int, there: Sequence[tuple[str, int]]
) -> str:
    placed = ", ".join(
        f"{share.layers} on {share.device} ({as_size(share.device_bytes)})" for share in shares
    )
    device, available = there[0]
    return (
        f"{copies} × {as_size(sizes.total)} = {as_size(copies * sizes.total)} do not fit on "
        f"{device}, where {as_size(available)} are free, so the {len(sizes.layers)} layers are "
        f"spread over {len(shares)} devices: {placed}; answers are the same."
    )
