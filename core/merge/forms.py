"""Resident or streamed: where the tensors of a pair are held, the model being the same.

resident   live, base and instruct in buffers on the device; a λ is one `lerp` over each
spread     the same on several devices, each with its layers; see `core/merge/spread.py`
paired     base and instruct alone on the device; see `core/merge/paired.py`
streamed   only live on the device; see `core/merge/streamed.py`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core.merge.flat import Layout, lay_out, rebind
from core.merge.materialised import Match, Materialised, Slot
from core.merge.paired import pair_up
from core.merge.spread import Placement, spread
from core.merge.streamed import pin, stage, staging_for
from core.pairs.hearing import READING, begin

Form = Literal["resident", "spread", "paired", "streamed"]
HOST = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class _Part:
    """All tensors of one dtype: by name, as they are written, and what must be pinned."""

    views: dict[str, Tensor]
    slots: list[Slot]
    written: list[Slot]
    pinned: tuple[Tensor, ...] = ()


def hold(
    model: nn.Module, matches: Sequence[Match], device: torch.device, form: Form
) -> Materialised:
    """Let `model` be the live copy on the device, the parents held as the form says.

    Raises:
        NotBlendable: the form is `paired` and the model does not allow it.
    """
    layouts = lay_out(matches)
    if form != "streamed" or device.type == "cuda":  # else nothing is copied yet
        begin(READING, 2 * sum(layout.numbers * layout.dtype.itemsize for layout in layouts))
    parts = [_part(layout, device, form) for layout in layouts]
    rebind(model, {name: view for part in parts for name, view in part.views.items()})
    live = model.to(device).eval().requires_grad_(False)
    slots = [slot for part in parts for slot in part.slots]
    written = [slot for part in parts for slot in part.written]
    merged = Materialised(live, slots, written)
    for part in parts:
        for buffer in part.pinned:
            pin(buffer, merged)
    return pair_up(merged) if form == "paired" else merged


def hold_spread(model: nn.Module, matches: Sequence[Match], placement: Placement) -> Materialised:
    """Let `model` be the live copy, each layer and its parents on the layer's device.

    Raises:
        NotSpreadable: the model does not compute so.
    """
    begin(READING, 2 * sum(match.live.nbytes for match in matches))
    by_device: dict[torch.device, list[Match]] = {}
    for match in matches:
        by_device.setdefault(placement.device_of(match.name), []).append(match)
    parts = [
        _resident(layout, layout.allocate(device))
        for device, found in by_device.items()
        for layout in lay_out(found)
    ]
    rebind(model, {name: view for part in parts for name, view in part.views.items()})
    live = spread(model, placement).eval().requires_grad_(False)
    slots = [slot for part in parts for slot in part.slots]
    return Materialised(live, slots, [slot for part in parts for slot in part.written])


def _part(layout: Layout, device: torch.device, form: Form) -> _Part:
    if form == "paired":
        return _paired(layout, device)
    live = layout.allocate(device)
    if form == "resident":
        return _resident(layout, live)
    if device.type == "cuda":
        return pinned_part(layout, live)
    return mapped_part(layout, live, staged=device.type != "cpu")


def _resident(layout: Layout, live: Tensor) -> _Part:
    base = layout.fill(layout.allocate(live.device), "base")
    instruct = layout.fill(layout.allocate(live.device), "instruct")
    whole = [Slot(str(layout.dtype), live, base, instruct)]
    return _Part(layout.views(live), layout.slots(live, base, instruct), whole)


def _paired(layout: Layout, device: torch.device) -> _Part:
    """The model's own tensors are the base's."""
    base = layout.fill(layout.allocate(device), "base")
    instruct = layout.fill(layout.allocate(device), "instruct")
    return _Part(layout.views(base), layout.slots(base, base, instruct), [])


def mapped_part(layout: Layout, live: Tensor, *, staged: bool) -> _Part:
    """Parents in the pages of their files, where the device has no memory of its own."""
    slots = layout.slots_of(live)
    if staged:  # the device cannot compute with them where they are
        slots = stage(slots, staging_for(layout, live.device))
    return _Part(layout.views(live), slots, slots)


def pinned_part(layout: Layout, live: Tensor) -> _Part:
    """Parents in host buffers, written into the live buffer through a piece of its device."""
    base = layout.fill(layout.allocate(HOST), "base")
    instruct = layout.fill(layout.allocate(HOST), "instruct")
    staging = staging_for(layout, live.device)
    slots = stage(layout.slots(live, base, instruct), staging)
    written = stage([Slot(str(layout.dtype), live, base, instruct)], staging)
    parents = (base, instruct) if live.device.type == "cuda" else ()
    return _Part(layout.views(live), slots, written, parents)
