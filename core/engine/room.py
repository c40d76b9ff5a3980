"""The memory plan of a pair, by bytes, before anything is loaded; pure arithmetic, no torch.

    resident   both parents and the live copy on the device: the quickest form
    spread     the same, the layers on several devices (`core/engine/spread_plan.py`)
    paired     the parents alone, on a device with memory of its own: each module is merged into
               a scratch when it computes, so one λ at a time is slower and several are not
    streamed   only the live copy on the device; each λ is written from parents in host memory
               (pinned for a GPU with memory of its own, else mapped from their files)
    refused    not even that fits, and the sentence holds the sum

Two limits: what the device has free, and what `PARTWAY_ENGINE_BYTES` allows all pairs together.
What loaded pairs hold counts as free unless they are in use. Not here: loading and dropping
(`core/engine/residents.py`), reading the free bytes (`core/engine/device.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

GIB, MIB = 1024**3, 1024**2
COPIES = 3  # base, instruct and the live weights
WORKING_SHARE = 10  # a tenth of one copy stays free for keys, values and activations
STAGING_BYTES = 64 * MIB  # through which parents in host memory reach another device

PlanForm = Literal["resident", "spread", "paired", "streamed", "refused"]


@dataclass(frozen=True, slots=True)
class Room:
    """What there is to be had; None where the system does not say or nothing was set."""

    device: str
    free: int | None  # bytes free on the device now
    host_free: int | None  # bytes free in host memory now
    budget: int | None = None  # PARTWAY_ENGINE_BYTES
    held: int = 0  # device bytes of loaded pairs
    in_use: int = 0  # those of them that are leased and stay
    host_held: int = 0
    host_in_use: int = 0

    @property
    def own_memory(self) -> bool:
        """Whether the device has memory beside the host's."""
        return self.device.startswith("cuda")


@dataclass(frozen=True, slots=True)
class Share:
    """What one device holds of a pair that is spread over several."""

    device: str
    layers: int
    device_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """How a pair would be held, and the numbers behind it."""

    form: PlanForm
    weights_bytes: int  # of one model
    device_bytes: int  # that the pair would take on the device; of a refused one, what it lacks
    host_bytes: int  # pinned or private bytes in host memory beside the device
    available: int | None  # device bytes to be had once idle pairs have left
    why: str
    shares: tuple[Share, ...] = ()  # of a pair that is spread, in the order of its layers

    def bytes_on(self, device: str, home: str) -> int:
        """Bytes that this plan takes on one device, `home` being the pair's own."""
        if self.shares:
            return sum(share.device_bytes for share in self.shares if share.device == device)
        return self.device_bytes if device == home else 0


def plan_from_json(content: Mapping[str, Any]) -> MemoryPlan:
    """A plan as `dataclasses.asdict` writes it; fields of other versions are left out."""
    names = {field.name for field in fields(MemoryPlan)}
    known = {name: value for name, value in content.items() if name in names}
    shares = tuple(Share(**share) for share in known.pop("shares", ()))
    return MemoryPlan(**known, shares=shares)


def plan_memory(
    weights_bytes: int, room: Room, copies: int = COPIES, scratch: int | None = None
) -> MemoryPlan:
    """The quickest form that fits; `copies` 1 is a model that is merged with nothing.

    `scratch` is what merging one module at a time takes; None for a pair that does not allow it.
    """
    if copies == 1:
        return _plan_alone(weights_bytes, room)
    there = _available(room)
    resident, streamed = COPIES * weights_bytes, _streamed_bytes(weights_bytes, room)
    host = 2 * weights_bytes if room.own_memory else 0
    spare = weights_bytes // WORKING_SHARE
    if _fits(resident, spare, room):
        why = f"Both parents and the live copy fit on {room.device}: {_sum(weights_bytes)}."
        return MemoryPlan("resident", weights_bytes, resident, 0, there, why)
    paired = None if scratch is None or room.device == "cpu" else 2 * weights_bytes + scratch
    if paired is not None and _fits(paired, spare, room):
        why = _why_paired(weights_bytes, scratch or 0, room)
        return MemoryPlan("paired", weights_bytes, paired, 0, there, why)
    if _fits(streamed, spare, room) and _host_fits(host, room):
        return MemoryPlan(
            "streamed", weights_bytes, streamed, host, there, _why_streamed(weights_bytes, room)
        )
    return MemoryPlan(
        "refused", weights_bytes, streamed, host, there, _why_refused(weights_bytes, room)
    )


def _plan_alone(weights_bytes: int, room: Room) -> MemoryPlan:
    fits = _fits(weights_bytes, weights_bytes // WORKING_SHARE, room)
    why = f"The model needs {as_size(weights_bytes)} on {room.device}; {_there(room)}."
    if not fits:
        why += " Choose a smaller model, or wait until the pairs in use are done."
    form: PlanForm = "resident" if fits else "refused"
    return MemoryPlan(form, weights_bytes, weights_bytes, 0, _available(room), why)


def _streamed_bytes(weights_bytes: int, room: Room) -> int:
    staging = 0 if room.device == "cpu" else min(STAGING_BYTES, weights_bytes)
    return weights_bytes + staging


def _available(room: Room) -> int | None:
    """Bytes that weights may take at most, after everything idle has left."""
    limits = []
    if room.free is not None:
        limits.append(room.free + room.held - room.in_use)
    if room.budget is not None:
        limits.append(room.budget - room.in_use)
    return max(0, min(limits)) if limits else None


def _fits(needed: int, spare: int, room: Room) -> bool:
    """The working share must be free on the device, but is no part of the pairs' budget."""
    if room.budget is not None and needed > room.budget - room.in_use:
        return False
    return room.free is None or needed + spare <= room.free + room.held - room.in_use


def _host_fits(needed: int, room: Room) -> bool:
    return room.host_free is None or needed <= room.host_free + room.host_held - room.host_in_use


def _sum(weights_bytes: int) -> str:
    return f"{COPIES} × {as_size(weights_bytes)} = {as_size(COPIES * weights_bytes)}"


def _why_paired(weights_bytes: int, scratch: int, room: Room) -> str:
    return (
        f"Both parents and the live copy need {_sum(weights_bytes)} and {_there(room)} on "
        f"{room.device}, so only the parents are held, and {as_size(scratch)} in which one part of "
        "the model at a time is merged; answers are the same, writing at a single λ is slower."
    )


def _why_streamed(weights_bytes: int, room: Room) -> str:
    where = "pinned host memory" if room.own_memory else "their files, mapped into memory"
    return (
        f"Both parents and the live copy need {_sum(weights_bytes)} and {_there(room)} on "
        f"{room.device}, so each λ is written from {where}; answers are the same, "
        "changing λ is slower."
    )


def _why_refused(weights_bytes: int, room: Room) -> str:
    needed = _streamed_bytes(weights_bytes, room)
    lacking = f"at least {as_size(needed)} for its live copy"
    if room.own_memory:
        lacking += f" and {as_size(2 * weights_bytes)} of host memory for its parents"
    spare = as_size(weights_bytes // WORKING_SHARE)
    told = (
        f"The pair needs {_sum(weights_bytes)} on {room.device}, or {lacking}, and {spare} to "
        f"work in; {_there(room)}."
    )
    if room.in_use:
        return f"{told} Wait until the pairs in use are done, or choose a smaller pair."
    return f"{told} Choose a smaller pair, a higher PARTWAY_ENGINE_BYTES, or a larger machine."


def _there(room: Room) -> str:
    there = _available(room)
    used = f", {as_size(room.in_use)} being in use by other work" if room.in_use else ""
    named = f" within PARTWAY_ENGINE_BYTES = {as_size(room.budget)}" if room.budget else ""
    if there is None:
        return "how much is free is not known"
    return f"{as_size(there)} are free{named}{used}"


def as_size(amount: int) -> str:
    """Bytes as a person reads them."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if amount >= unit:
            return f"{amount / unit:.1f} {name}"
    return f"{amount / 1024:.1f} KiB"
