"""One live model whose weights are set to any λ, always computed from the two parents.

    W_λ = W_base + λ · (W_instruct − W_base)     float32 arithmetic, rounded once

`torch.lerp(base, instruct, float λ, out=live)` does just that inside (for half precisions it
computes in float32). λ goes in as a Python float: a λ tensor in bfloat16 would round 0.37 to
0.36914. At exactly 0 and 1 the parents are copied, so even infinities come through.
Not here: where the parents' tensors come from (`core/merge/parents.py`), and how they lie in
memory (`core/merge/flat.py`, `core/merge/streamed.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from core.errors import PairError
from core.lam import Lam

ValueOf = Callable[[str, Lam], float]  # a tensor's name and λ → the λ of that tensor


@dataclass(frozen=True, slots=True)
class Slot:
    """One live tensor and the two it is made from; all three have one shape."""

    name: str
    live: Tensor
    base: Tensor
    instruct: Tensor

    def write(self, value: float) -> None:
        """Set the live tensor to λ = `value`; exactly 0.0 and 1.0 are the parents."""
        if value == 0.0 or not self.live.is_floating_point():
            self.live.copy_(self.base)
        elif value == 1.0:
            self.live.copy_(self.instruct)
        else:
            torch.lerp(self.base, self.instruct, value, out=self.live)


class Materialised:
    """A model at one λ at a time; changing λ never depends on the λ before.

    `slots` are its tensors by name; `written`, when given, are fewer and larger pieces of the
    same memory, for a λ to be written in fewer passes.
    """

    def __init__(
        self, model: nn.Module, slots: Iterable[Slot], written: Iterable[Slot] | None = None
    ) -> None:
        self.model = model
        self.slots = tuple(slots)
        self._written = self.slots if written is None else tuple(written)
        self._lam: Lam | None = None
        self._value_of: ValueOf | None = None

    def along(self, value_of: "ValueOf") -> None:
        """Let each tensor have a λ of its own from now on, by its name.

        Written tensor by tensor then, and never blended: a row of a batch has one λ.
        """
        self._written, self._value_of, self._lam = self.slots, value_of, None

    @property
    def by_parts(self) -> bool:
        """Whether tensors have λ of their own."""
        return self._value_of is not None

    @cached_property
    def device(self) -> torch.device:
        """Where the model is; kept, because to find it takes a walk through the tree."""
        return next(self.model.parameters()).device

    @cached_property
    def devices(self) -> tuple[torch.device, ...]:
        """Every device that has a part of the model, in the order of its parts."""
        return tuple(dict.fromkeys(one.device for one in self.model.parameters()))

    @property
    def parents_beside(self) -> bool:
        """Whether the parents lie on the device of the live weights, to be computed with."""
        return all(slot.base.device == slot.live.device for slot in self.slots)

    @property
    def trial_slots(self) -> Iterable[Slot]:
        """Every tensor with memory into which any λ may be written to be looked at."""
        return self.slots

    @property
    def lam(self) -> Lam | None:
        """The λ of the live weights; None before the first `set_lam`."""
        return self._lam

    def set_lam(self, lam: Lam) -> bool:
        """Write λ into the live model; False when it already has this λ."""
        if lam == self._lam:
            return False
        self._lam = None  # an interrupted write must not pass for a finished one
        with torch.no_grad():
            for slot in self._written:
                of = self._value_of
                slot.write(lam.value if of is None else of(slot.name, lam))
        self._lam = lam
        return True


@dataclass(frozen=True, slots=True)
class Match:
    """One live tensor, every name it has, and the slots that fill it."""

    live: Tensor
    names: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def name(self) -> str:
        """The first of its names."""
        return self.names[0]


def match_tensors(
    live: Mapping[str, Tensor], base: Mapping[str, Tensor], instruct: Mapping[str, Tensor]
) -> tuple[Match, ...]:
    """Pair every live tensor with its two sources; tied tensors appear once.

    Rows that only one parent has are taken from it at every λ.

    Raises:
        PairError: a parent lacks a tensor, or shapes differ in more than the number of rows.
    """
    places: dict[tuple[object, ...], list[str]] = {}
    for name, tensor in live.items():
        place = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        places.setdefault(place if tensor.numel() else (name,), []).append(name)
    return tuple(_match(live[names[0]], names, base, instruct) for names in places.values())


def _match(
    live: Tensor, names: list[str], base: Mapping[str, Tensor], instruct: Mapping[str, Tensor]
) -> Match:
    sources = _source(base, names[0], "base"), _source(instruct, names[0], "instruct")
    return Match(live, tuple(names), tuple(_slots(names[0], live, *sources)))


def _source(tensors: Mapping[str, Tensor], name: str, parent: str) -> Tensor:
    if name not in tensors:
        raise PairError(
            f"The {parent} parent has no tensor {name}. Choose parents of one architecture."
        )
    return tensors[name]


def fill(name: str, live: Tensor, base: Tensor, instruct: Tensor, value: float) -> None:
    """Write λ = `value` into one tensor from its two sources, as the live model has it.

    Raises:
        PairError: shapes differ in more than the number of rows.
    """
    for slot in _slots(name, live, base, instruct):
        slot.write(value)


def _slots(name: str, live: Tensor, base: Tensor, instruct: Tensor) -> list[Slot]:
    if base.shape == instruct.shape == live.shape:
        return [Slot(name, live, base, instruct)]
    same_columns = base.shape[1:] == instruct.shape[1:] == live.shape[1:]
    if live.dim() == 0 or not same_columns or live.shape[0] != max(len(base), len(instruct)):
        raise PairError(
            f"The tensor {name} has shape {list(base.shape)} in the base and "
            f"{list(instruct.shape)} in the instruct parent. Choose parents of one size."
        )
    shared = min(len(base), len(instruct))
    longer = base if len(base) > shared else instruct
    return [
        Slot(name, live[:shared], base[:shared], instruct[:shared]),
        Slot(f"{name}[{shared}:]", live[shared:], longer[shared:], longer[shared:]),
    ]
