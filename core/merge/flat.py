"""The weights of a model in one buffer a dtype, so that a λ is written in one pass.

A model's own tensors come to lie wherever the loader put them: in the pages of a mapped file,
off the cache line, hundreds of them. Here they become views of one buffer, each beginning at
a multiple of 64 bytes; both parents are laid out alike, so one `torch.lerp` writes them all.
The bits are those of tensor-by-tensor writes (tests/merge/test_streamed.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.merge.materialised import Match, Slot
from core.pairs.hearing import moved

ALIGNMENT_BYTES = 64


@dataclass(frozen=True, slots=True)
class Region:
    """Where one live tensor lies in the buffer of its dtype, in numbers, not bytes."""

    match: Match
    start: int

    def view(self, buffer: Tensor) -> Tensor:
        """This tensor in a buffer that is laid out so."""
        live = self.match.live
        return buffer[self.start : self.start + live.numel()].view(live.shape)


@dataclass(frozen=True, slots=True)
class Layout:
    """The buffer of one dtype."""

    dtype: torch.dtype
    regions: tuple[Region, ...]
    numbers: int

    def allocate(self, device: torch.device) -> Tensor:
        """A buffer for one model, gaps set to zero."""
        return allocate(self.numbers, self.dtype, device)

    def fill(self, buffer: Tensor, parent: str) -> Tensor:
        """The buffer, holding the tensors of that parent."""
        for region in self.regions:
            target, live = region.view(buffer), region.match.live
            for slot in region.match.slots:
                rows = _rows_of(slot, live, target)
                rows.copy_(slot.base if parent == "base" else slot.instruct)
                moved(rows.nbytes)
        return buffer

    def slots(self, live: Tensor, base: Tensor, instruct: Tensor) -> list[Slot]:
        """The tensors by name, as views of three buffers."""
        return [
            Slot(region.match.name, *(region.view(one) for one in (live, base, instruct)))
            for region in self.regions
        ]

    def slots_of(self, live: Tensor) -> list[Slot]:
        """The tensors by name, the parents' being where they were loaded."""
        return [
            Slot(
                slot.name,
                _rows_of(slot, region.match.live, region.view(live)),
                slot.base,
                slot.instruct,
            )
            for region in self.regions
            for slot in region.match.slots
        ]

    def views(self, live: Tensor) -> dict[str, Tensor]:
        """Every name in the state dict, with its part of the live buffer."""
        return {name: region.view(live) for region in self.regions for name in region.match.names}


def allocate(numbers: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """All large memory of the merge is asked for here."""
    return torch.zeros(numbers, dtype=dtype, device=device)


def lay_out(matches: Iterable[Match]) -> tuple[Layout, ...]:
    """One layout a dtype of the live tensors."""
    by_dtype: dict[torch.dtype, list[Match]] = {}
    for match in matches:
        by_dtype.setdefault(match.live.dtype, []).append(match)
    return tuple(_layout(dtype, found) for dtype, found in by_dtype.items())


def _layout(dtype: torch.dtype, matches: Sequence[Match]) -> Layout:
    step = max(1, ALIGNMENT_BYTES // dtype.itemsize)
    regions, end = [], 0
    for match in matches:
        regions.append(Region(match, end))
        end += -(-match.live.numel() // step) * step
    return Layout(dtype, tuple(regions), end)


def _rows_of(slot: Slot, live: Tensor, target: Tensor) -> Tensor:
    """The part of `target` that a slot of some rows of `live` fills."""
    if slot.live.shape == live.shape:
        return target
    start = (slot.live.storage_offset() - live.storage_offset()) // live.stride(0)
    return target[start : start + slot.live.shape[0]]


def rebind(model: nn.Module, views: Mapping[str, Tensor]) -> None:
    """Let the model's tensors of these state-dict names be these; tied ones stay tied."""
    made: dict[int, nn.Parameter] = {}
    for name, view in views.items():
        path, _, last = name.rpartition(".")
        module = model.get_submodule(path)
        if last in module._parameters:
            old = module._parameters[last]
            new = made.setdefault(id(old), nn.Parameter(view, requires_grad=False))
            module._parameters[last] = new
        else:
            module._buffers[last] = view
