"""One module at as many λ as there are rows, computed from both parents' weights as they lie.

A module that owns weights is replaced by one of these. Given a few lines a λ, such as the next
token of every row, it blends; each way is right under a condition, which
`core/merge/blended.py` tries with numbers, module type by module type, before it is used:

    RowWeights   small vectors: every row gets its own merged vector, computed as ever
    Lookup       a table: the rows that are looked up are merged, each at its λ, and no others
    Outputs      the output is affine in the weights: both parents' outputs, interpolated
    Products     the same for a plain linear layer, without asking its module for them

Given many lines a λ, such as a prompt, arithmetic costs more than reading weights, and blending
needs twice as much of it: then the module's weights are merged into a scratch
(`core/merge/scratch.py`), one λ after another, and the module itself runs on the lines of that
λ. λ varies over the first dimension of what comes in: the rows of a batch, or the tokens of all
rows one after another. All interpolation is in float32, rounded once. Routers and experts are
in `core/merge/blended_experts.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.lam import Lam
from core.merge.scratch import Ends, Scratch, twin


class Run(NamedTuple):
    """Neighbouring rows of one λ."""

    lam: Lam
    start: int
    stop: int


class RowLams:
    """The λ of every row of the batch that is being computed; shared by a device's modules."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.scratch = Scratch(device)
        self.merge_from: int | None = None  # lines a λ from which a module merges; None: never
        self.runs: tuple[Run, ...] = ()
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
        self.runs = tuple(_runs(lams))
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


class DeviceRows:
    """The rows' λ on every device that has modules of the model."""

    def __init__(self) -> None:
        self._on: dict[torch.device, RowLams] = {}

    def on(self, device: torch.device) -> RowLams:
        """Those of the modules that lie there."""
        return self._on.setdefault(device, RowLams(device))

    def set(self, lams: Sequence[Lam], merge_from: int | None) -> None:
        """Let row i have lams[i] everywhere."""
        for rows in self._on.values():
            rows.set(lams)
            rows.merge_from = merge_from

    def clear(self) -> None:
        """Give the scratches back until a module is merged again."""
        for rows in self._on.values():
            rows.scratch.clear()

    @property
    def scratch_bytes(self) -> int:
        """What the scratches take."""
        return sum(rows.scratch.nbytes for rows in self._on.values())


def _runs(lams: Sequence[Lam]) -> Iterator[Run]:
    start = 0
    for lam, rows in groupby(lams):
        stop = start + len(list(rows))
        yield Run(lam, start, stop)
        start = stop


def interpolate(left: Tensor, right: Tensor, lams: Tensor) -> Tensor:
    """Interpolate in float32: exactly left at λ = 0, exactly right at λ = 1."""
    if left.dtype == torch.float32:
        return torch.lerp(left, right, lams)
    return torch.lerp(left.float(), right.float(), lams).to(left.dtype)


class Leaf(nn.Module):
    """What stands for one module; attributes it lacks are those of the module."""

    base: Any  # modules whose attributes are tensors, functions or numbers
    instruct: Any

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__()
        self._modules["base"] = twin(module, {name: pair.base for name, pair in ends.items()})
        self._modules["instruct"] = twin(module, {n: pair.instruct for n, pair in ends.items()})
        self.__dict__.update(self._modules, rows=rows)  # as in `twin`
        self._ends = dict(ends)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__["_modules"]
        return own[name] if name in own else getattr(own["base"], name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """As the module's own."""
        if self.rows.merge_from is not None and self._merges(args[0], self.rows.merge_from):
            return self._one_lam_after_another(args, kwargs)
        return self.blend(*args, **kwargs)

    def blend(self, *args: Any, **kwargs: Any) -> Any:
        """As the module's own, all λ at once."""
        raise NotImplementedError

    def at(self, lam: Lam) -> Any:
        """The module with weights of this λ; use it before any other leaf is asked."""
        if lam.is_base or lam.is_instruct:
            return self.base if lam.is_base else self.instruct
        return self.rows.scratch.merge(self.base, self._ends, lam)

    def _merges(self, given: Tensor, lines: int) -> bool:
        enough = lines * len(self.rows.runs) * given.shape[-1]
        return given.shape[0] % len(self.rows.values) == 0 and given.numel() >= enough

    def _one_lam_after_another(self, args: Any, kwargs: Any) -> Any:
        first, share = args[0].shape[0], args[0].shape[0] // len(self.rows.values)
        found = []
        for lam, start, stop in self.rows.runs:
            lines = slice(start * share, stop * share)
            own = [_cut(arg, first, lines) for arg in args]
            named = {name: _cut(arg, first, lines) for name, arg in kwargs.items()}
            found.append(self.at(lam).forward(*own, **named))
        return found[0] if len(found) == 1 else _joined(found)


def _cut(value: Any, first: int, lines: slice) -> Any:
    """The lines of something that has one for each, else the thing itself."""
    if isinstance(value, Tensor) and value.dim() and value.shape[0] == first:
        return value[lines]
    return value


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(torch.cat(each) for each in zip(*parts, strict=True))
    return torch.cat(list(parts))


class Outputs(Leaf):
    """Both parents' outputs, interpolated."""

    def blend(self, *args: Any, **kwargs: Any) -> Any:
        """As the module's own, all λ at once."""
        left = self.base.forward(*args, **kwargs)
        return self._mix(left, self.instruct.forward(*args, **kwargs))

    def _mix(self, left: Any, right: Any) -> Any:
        if isinstance(left, tuple):
            return tuple(self._mix(one, other) for one, other in zip(left, right, strict=True))
        return interpolate(left, right, self.rows.like(left.shape[0], left.dim()))


class Products(Outputs):
    """Both products of a plain linear layer (`is_plain_product`), interpolated.

    A small model's step is bound by Python: this is the shortest way to the two products.
    """

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__(module, ends, rows)
        none = Ends(None, None)  # type: ignore[arg-type]  # a layer without a bias
        weight, bias = ends["weight"], ends.get("bias", none)
        self.__dict__["_left"] = weight.base, bias.base
        self.__dict__["_right"] = weight.instruct, bias.instruct

    def blend(self, hidden: Tensor) -> Tensor:
        """As the module's own, all λ at once."""
        left = linear(hidden, *self._left)
        right = linear(hidden, *self._right)
        return interpolate(left, right, self.rows.like(left.shape[0], left.dim()))


def is_plain_product(module: nn.Module, ends: Mapping[str, Ends]) -> bool:
    """Whether the module does what torch's linear layer does, and both parents have all of it."""
    own = {name for name, tensor in module._parameters.items() if tensor is not None}
    plain = type(module).forward is nn.Linear.forward and "forward" not in module.__dict__
    return plain and own == ends.keys()


class RowWeights(Leaf):
    """Vectors only: each row's own, merged and rounded as `Materialised` does it."""

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__(module, ends, rows)
        self._turn = -1
        self._twins: dict[tuple[int, int], Any] = {}

    def forward(self, hidden: Tensor, *args: Any, **kwargs: Any) -> Any:
        """As the module's own, each row with its vectors."""
        if self._turn != self.rows.turn:
            self._turn, self._twins = self.rows.turn, {}
        key = hidden.shape[0], hidden.dim()
        if key not in self._twins:
            self._twins[key] = twin(self.base, self._vectors(*key))
        return self._twins[key].forward(hidden, *args, **kwargs)

    def _vectors(self, first: int, dims: int) -> dict[str, Tensor]:
        lams = self.rows.like(len(self.rows.values), 2)
        merged = {n: interpolate(e.base, e.instruct, lams) for n, e in self._ends.items()}
        return {
            name: (rows := self.rows.repeat(vectors, first)).view(
                len(rows), *[1] * (dims - 2), rows.shape[-1]
            )
            for name, vectors in merged.items()
        }


class Lookup(Leaf):
    """A table with the merged rows that are asked for, and what the module does with a table."""

    def forward(self, numbers: Tensor) -> Any:
        """As the module's own: numbers of rows, [rows or 1, length]."""
        lams = self.rows.like(len(numbers), numbers.dim())
        numbers = numbers.expand(len(lams), *numbers.shape[1:])
        ends, flat = self._ends["weight"], numbers.reshape(-1)
        each = lams.expand_as(numbers).reshape(-1, 1)
        found = interpolate(ends.base[flat], ends.instruct[flat], each)
        table = twin(self.base, {"weight": found})
        table.padding_idx = None  # the number of a row, which it no longer has
        return table.forward(torch.arange(len(flat), device=flat.device).view(numbers.shape))


def only_vectors(ends: Mapping[str, Ends]) -> bool:
    """Whether `RowWeights` can be tried."""
    return all(pair.base.dim() == 1 for pair in ends.values())
