"""What may stand for each kind of module, found by trying and not by its name.

The model reads a few made-up tokens while its modules are watched. Then one module of each
kind is given again what it was given, with its weights merged, and a replacement that blends
must give what that gives. Modules of one class and with tensors of equal shapes compute alike.
"""

import copy
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import EngineError
from core.lam import Lam
from core.merge.blended_experts import EXPERT_WEIGHTS, ROUTER_WEIGHTS, Experts, Router
from core.merge.blended_leaf import (
    Leaf,
    Lookup,
    Outputs,
    Products,
    RowLams,
    RowWeights,
    is_plain_product,
    only_vectors,
)
from core.merge.scratch import Ends

logger = logging.getLogger(__name__)
BETWEEN = Lam(500)
TABLE_WEIGHTS = frozenset({"weight"})
# How far a replacement may be off, as a share of the module's largest output.
TOLERANCE, TOLERANCE_HALF = 1e-4, 0.05

Kind = tuple[object, ...]
Tensors = dict[str, Ends]


class NotBlendable(EngineError):
    """This pair cannot be blended; the message is half a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A module that has weights of its own, and the parents' tensors for them."""

    module: nn.Module
    ends: Tensors

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return next(iter(self.ends.values())).base.device

    @property
    def kind(self) -> Kind:
        """What decides which replacement is right."""
        shapes = tuple((name, pair.base.shape) for name, pair in self.ends.items())
        return type(self.module), shapes


@dataclass(frozen=True, slots=True)
class Given:
    """What one module was given."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def first_of_each(owners: Mapping[str, Owner]) -> dict[Kind, Owner]:
    """One module of each kind, the first in the model."""
    return {owner.kind: owner for owner in reversed(list(owners.values()))}


def watch(model: nn.Module, owners: Mapping[Kind, Owner], tokens: Tensor) -> dict[Kind, Given]:
    """What those modules are given while the model reads the tokens."""
    seen: dict[Kind, Given] = {}

    def note(kind: Kind) -> Any:
        def hook(module: nn.Module, args: Any, kwargs: Any) -> None:
            seen[kind] = copy.deepcopy(Given(args, kwargs))

        return hook

    hooks = [
        owner.module.register_forward_pre_hook(note(kind), with_kwargs=True)
        for kind, owner in owners.items()
    ]
    try:
        model(input_ids=tokens, use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def choose(owner: Owner, given: Given | None, rows: RowLams, count: int) -> type[Leaf]:
    """The first replacement that gives what the merged module gives, for `count` rows.

    Raises:
        NotBlendable: none does.
    """
    name = type(owner.module).__name__
    if given is None:
        raise NotBlendable(f"{name} was not reached by made-up tokens")
    rows.set([BETWEEN] * count)
    merged = rows.scratch.merge(owner.module, owner.ends, BETWEEN)
    expected = copy.deepcopy(merged.forward(*given.args, **given.kwargs))
    for leaf in _candidates(owner, given):
        try:
            output = leaf(owner.module, owner.ends, rows)(*given.args, **given.kwargs)
            if _same(output, expected, half=_is_half(owner.ends)):
                return leaf
        except torch.OutOfMemoryError:
            raise  # it says nothing about the module
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            logger.debug("%s cannot stand for %s: %s", leaf, name, error)
    raise NotBlendable(f"{name} is not affine in its weights")


def _candidates(owner: Owner, given: Given) -> Iterator[type[Leaf]]:
    ends = owner.ends
    if only_vectors(ends):
        yield RowWeights
    if ends.keys() == TABLE_WEIGHTS and given.args and not given.args[0].is_floating_point():
        yield Lookup
    if is_plain_product(owner.module, ends):
        yield Products
    yield Outputs
    if ends.keys() == ROUTER_WEIGHTS:
        yield Router
    if ends.keys() == EXPERT_WEIGHTS:
        yield Experts


def _is_half(ends: Tensors) -> bool:
    return any(pair.base.dtype.itemsize < 4 for pair in ends.values())


def _same(output: Any, expected: Any, *, half: bool) -> bool:
    """In half precision choices are not compared: two experts may be equal but for a rounding."""
    if isinstance(expected, tuple):
        pairs = zip(output, expected, strict=True)
        return all(_same(one, other, half=half) for one, other in pairs)
    if len(expected) == 1:  # one for all rows, such as learned positions
        expected = expected.expand_as(output)
    if output.shape != expected.shape or output.dtype != expected.dtype:
        return False
    if not expected.is_floating_point():
        return half or torch.equal(output, expected)
    largest = float(expected.float().abs().max())
    worst = float((output.float() - expected.float()).abs().max())
    return worst <= (TOLERANCE_HALF if half else TOLERANCE) * largest
