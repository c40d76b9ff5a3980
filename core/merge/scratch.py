"""Memory for the merged weights of one module at a time, written over again and again.

    W_λ of one module → its forward → the next module's W_λ in the same place

So a model is read at any λ from its two parents without a third copy. What a module is given
here counts until the next one asks. The weights are written by `Slot.write`, hence the same
bit for bit as those of a whole merged model.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.lam import Lam
from core.merge.materialised import Slot

ALIGNMENT_BYTES = 64


@dataclass(frozen=True, slots=True)
class Ends:
    """One tensor of both parents."""

    base: Tensor
    instruct: Tensor


def twin(module: nn.Module, tensors: Mapping[str, Tensor]) -> Any:
    """The same module with other tensors of its own; nothing is copied."""
    other = copy.copy(module)
    other.__dict__["_modules"] = dict(module._modules)
    other.__dict__["_parameters"] = dict(module._parameters)
    other.__dict__["_buffers"] = dict(module._buffers)
    for name, tensor in tensors.items():
        if name in other._parameters:
            other._parameters[name] = nn.Parameter(tensor, requires_grad=False)
        else:
            other._buffers[name] = tensor
        other.__dict__[name] = tensor  # found at once, where a module's own are searched for
    return other


@dataclass(frozen=True, slots=True)
class _Placed:
    """A module whose own tensors lie in the scratch."""

    module: Any
    slots: tuple[Slot, ...]


class Scratch:
    """Room for the largest module that was merged, in one buffer a dtype."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._buffers: dict[torch.dtype, Tensor] = {}
        self._placed: dict[int, _Placed] = {}

    @property
    def nbytes(self) -> int:
        """Bytes it takes now."""
        return sum(buffer.nbytes for buffer in self._buffers.values())

    def merge(self, module: nn.Module, ends: Mapping[str, Ends], lam: Lam) -> Any:
        """The module with weights of this λ; they count until the next one is merged.

        `ends` names it, and must live as long as the scratch.
        """
        if id(ends) not in self._placed:
            self._grow(_sizes(ends))
            slots = tuple(self._slots(ends))
            merged = twin(module, {slot.name: slot.live for slot in slots})
            self._placed[id(ends)] = _Placed(merged, slots)
        placed = self._placed[id(ends)]
        for slot in placed.slots:
            slot.write(lam.value)
        return placed.module

    def clear(self) -> None:
        """Give the memory back until a module is merged again."""
        self._buffers, self._placed = {}, {}

    def place(self, name: str, pair: Ends) -> Slot:
        """One tensor with its place here; it counts until something else is placed."""
        alone = {name: pair}
        self._grow(_sizes(alone))
        return next(self._slots(alone))

    def _grow(self, sizes: Mapping[torch.dtype, int]) -> None:
        for dtype, numbers in sizes.items():
            if dtype not in self._buffers or self._buffers[dtype].numel() < numbers:
                self._placed = {}  # they hold the smaller buffer
                self._buffers.pop(dtype, None)
                self._buffers[dtype] = torch.empty(numbers, dtype=dtype, device=self._device)

    def _slots(self, ends: Mapping[str, Ends]) -> Iterator[Slot]:
        used = dict.fromkeys(self._buffers, 0)
        for name, pair in ends.items():
            dtype, size = pair.base.dtype, pair.base.numel()
            live = self._buffers[dtype][used[dtype] : used[dtype] + size].view(pair.base.shape)
            yield Slot(name, live, pair.base, pair.instruct)
            used[dtype] += _padded(pair.base)


def _sizes(module: Mapping[str, Ends]) -> dict[torch.dtype, int]:
    sizes: dict[torch.dtype, int] = {}
    for ends in module.values():
        sizes[ends.base.dtype] = sizes.get(ends.base.dtype, 0) + _padded(ends.base)
    return sizes


def _padded(tensor: Tensor) -> int:
    step = max(1, ALIGNMENT_BYTES // tensor.dtype.itemsize)
    return -(-tensor.numel() // step) * step
