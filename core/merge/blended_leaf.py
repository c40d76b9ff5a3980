"""One module at as many λ as there are rows, computed from both parents' weights as they lie.

A module that owns weights is replaced by one of these. Each is right under a condition, which
`core/merge/blended.py` tries with numbers, module type by module type, before it is used:

    RowWeights   small vectors: every row gets its own merged vector, computed as ever
    Outputs      the output is affine in the weights: both parents' outputs, interpolated

λ varies over the first dimension of what comes in: the rows of a batch, or the tokens of all
rows one after another. All interpolation is in float32, rounded once. Routers and experts are
in `core/merge/blended_experts.py`.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.lam import Lam


@dataclass(frozen=True, slots=True)
class Ends:
    """One tensor of both parents."""

    base: Tensor
    instruct: Tensor


class RowLams:
    """The λ of every row of the batch that is being computed; shared by all modules."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._lams: tuple[Lam, ...] = ()
        self._shaped: dict[tuple[int, int], Tensor] = {}
        self.values = torch.empty(0, device=device)
        self.turn = 0  # changes whenever the rows do

    def set(self, lams: Sequence[Lam]) -> None:
        """Let row i have lams[i]."""
        if tuple(lams) == self._lams:
            return
        self._lams = tuple(lams)
        self._shaped = {}
        self.values = torch.tensor([lam.value for lam in lams], device=self._device)
        self.turn += 1

    def like(self, first: int, dims: int) -> Tensor:
        """λ as a tensor of `dims` dimensions that fits one whose first has size `first`."""
        if (first, dims) not in self._shaped:
            shape = (-1, *[1] * (dims - 1))
            self._shaped[first, dims] = self.repeat(self.values, first).view(shape)
        return self._shaped[first, dims]

    def repeat(self, rows: Tensor, first: int) -> Tensor:
        """Something a row, as often as a first dimension of that size needs it."""
        if first in (1, len(rows)):
            return rows  # one for all: the result has a line for every row
        if first % len(rows):
            raise ValueError(f"{first} lines cannot be shared out to {len(rows)} rows")
        return rows.repeat_interleave(first // len(rows), dim=0)


def interpolate(left: Tensor, right: Tensor, lams: Tensor) -> Tensor:
    """Interpolate in float32: exactly left at λ = 0, exactly right at λ = 1."""
    if left.dtype == torch.float32:
        return torch.lerp(left, right, lams)
    return torch.lerp(left.float(), right.float(), lams).to(left.dtype)


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


class Leaf(nn.Module):
    """What stands for one module; attributes it lacks are those of the module."""

    base: Any  # modules whose attributes are tensors, functions or numbers
    instruct: Any

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__()
        self._modules["base"] = twin(module, {name: pair.base for name, pair in ends.items()})
        self._modules["instruct"] = twin(module, {n: pair.instruct for n, pair in ends.items()})
        self.__dict__.update(self._modules, rows=rows)  # as in `twin`

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__["_modules"]
        return own[name] if name in own else getattr(own["base"], name)


class Outputs(Leaf):
    """Both parents' outputs, interpolated."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """As the module's own."""
        left = self.base.forward(*args, **kwargs)
        return self._mix(left, self.instruct.forward(*args, **kwargs))

    def _mix(self, left: Any, right: Any) -> Any:
        if isinstance(left, tuple):
            return tuple(self._mix(one, other) for one, other in zip(left, right, strict=True))
        return interpolate(left, right, self.rows.like(left.shape[0], left.dim()))


class RowWeights(Leaf):
    """Vectors only: each row's own, merged and rounded as `Materialised` does it."""

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__(module, ends, rows)
        self._ends = dict(ends)
        self._turn = -1
        self._merged: dict[tuple[int, int], Any] = {}

    def forward(self, hidden: Tensor, *args: Any, **kwargs: Any) -> Any:
        """As the module's own, each row with its vectors."""
        if self._turn != self.rows.turn:
            self._turn, self._merged = self.rows.turn, {}
        key = hidden.shape[0], hidden.dim()
        if key not in self._merged:
            self._merged[key] = twin(self.base, self._vectors(*key))
        return self._merged[key].forward(hidden, *args, **kwargs)

    def _vectors(self, first: int, dims: int) -> dict[str, Tensor]:
        lams = self.rows.like(len(self.rows.values), 2)
        merged = {n: interpolate(e.base, e.instruct, lams) for n, e in self._ends.items()}
        return {
            name: (rows := self.rows.repeat(vectors, first)).view(
                len(rows), *[1] * (dims - 2), rows.shape[-1]
            )
            for name, vectors in merged.items()
        }


def only_vectors(ends: Mapping[str, Ends]) -> bool:
    """Whether `RowWeights` can be tried."""
    return all(pair.base.dim() == 1 for pair in ends.values())
