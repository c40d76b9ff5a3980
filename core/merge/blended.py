"""One model at many λ in one batch, with no merged weights: row i of a batch has its own λ.

    W(λ)·x = W_base·x + λ·(W_instruct·x − W_base·x)

The module tree of the live model is copied without its tensors, and every module that owns
weights is replaced by one that reads both parents' (`core/merge/blended_leaf.py`). Nothing
here knows an architecture. What may stand for a module is found by trying: the live model
runs on a few made-up tokens, and a replacement must give what the module gave. Then the whole
is tried, rows at different λ against the merged model at each. A pair for which this fails
has no blended form, and `NotBlendable` says why.
Not here: when blending is worth it (`core/engine/many_choice.py`).
"""

import copy
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import EngineError
from core.lam import Lam
from core.merge.blended_experts import EXPERT_WEIGHTS, ROUTER_WEIGHTS, Experts, Router
from core.merge.blended_leaf import Leaf, Lookup, Outputs, RowLams, RowWeights, only_vectors
from core.merge.materialised import Materialised
from core.merge.scratch import Ends

logger = logging.getLogger(__name__)
BETWEEN = Lam(500)
TRIED = (Lam(0), Lam(300), Lam(1000), Lam(1300))
TOKENS = 4
TABLE_WEIGHTS = frozenset({"weight"})
# How far the replacement of a module may be off, as a share of its largest output.
MODULE_TOLERANCE = 1e-4
MODULE_TOLERANCE_HALF = 0.05
# How far log-probabilities may be off, each counted by how probable its token is. Half
# precisions round merged weights, which are not there when blending.
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-4}
TOLERANCE_HALF = 0.1

Kind = tuple[object, ...]  # modules of one kind compute alike
Tensors = dict[str, Ends]


class NotBlendable(EngineError):
    """This pair cannot be blended; the message is half a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one module was given, and what it answered."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Any


class Blended:
    """The model at many λ; shares every tensor with the parents."""

    def __init__(self, model: nn.Module, rows: RowLams) -> None:
        self._model, self._rows = model, rows

    def at(self, lams: Sequence[Lam], *, merging: bool = False) -> nn.Module:
        """The model whose row i has lams[i]. Ask before every forward, keep it for none.

        With `merging` modules that are given many tokens of a λ merge their weights for them:
        for reading prompts, which that makes quicker.
        """
        self._rows.set(lams)
        self._rows.merging = merging
        return self._model

    def merge_from(self, lines: int) -> int:
        """Merge where a module is given so many lines a λ, blend below; returns what it was."""
        before, self._rows.merge_from = self._rows.merge_from, lines
        return before

    @property
    def scratch_bytes(self) -> int:
        """Memory beside the parents that merging takes."""
        return self._rows.scratch.nbytes


@torch.inference_mode()
def blend(merged: Materialised) -> Blended:
    """Build the blended form and try it. The live model is left at some λ.

    Raises:
        NotBlendable: there is none, or it does not give what the merged model gives.
    """
    owners = _owners(merged)
    device = next(merged.model.parameters()).device
    rows = RowLams(device)
    tokens = _made_up(merged.model, device)
    kinds = _choose(merged, owners, tokens, rows)
    leaves = {
        name: kinds[_kind(module, ends)](module, ends, rows)
        for name, (module, ends) in owners.items()
    }
    blended = Blended(_copy_tree(merged.model, leaves), rows)
    _try_whole(merged, blended, tokens)
    return blended


def _owners(merged: Materialised) -> dict[str, tuple[nn.Module, Tensors]]:
    """Every module that owns merged tensors, by its name, with the parents' tensors."""
    if not merged.parents_beside:
        raise NotBlendable("the parents are not on the device of the live model")
    slots = {slot.live.data_ptr(): slot for slot in merged.slots if slot.live.is_floating_point()}
    found: dict[str, tuple[nn.Module, Tensors]] = {}
    for name, module in merged.model.named_modules():
        own = {**module._parameters, **{b: module._buffers[b] for b in _kept_buffers(module)}}
        ends: Tensors = {}
        for key, tensor in own.items():
            slot = slots.get(tensor.data_ptr()) if tensor is not None else None
            if tensor is None or not tensor.is_floating_point() or not tensor.numel():
                continue
            if slot is None or slot.live.shape != tensor.shape:
                raise NotBlendable(f"{name}.{key} does not have as many rows in both parents")
            ends[key] = Ends(slot.base.detach(), slot.instruct.detach())
        if ends:
            _refuse_inner(name, module)
            found[name] = (module, ends)
    return found


def _kept_buffers(module: nn.Module) -> Iterator[str]:
    return (name for name in module._buffers if name not in module._non_persistent_buffers_set)


def _refuse_inner(name: str, module: nn.Module) -> None:
    if any(True for child in module.children() for _ in child.parameters()):
        raise NotBlendable(
            f"{type(module).__name__} ({name}) has weights of its own beside those of the modules "
            "in it"
        )


def _kind(module: nn.Module, ends: Tensors) -> Kind:
    return type(module), tuple((name, pair.base.shape) for name, pair in ends.items())


def _made_up(model: nn.Module, device: torch.device) -> Tensor:
    """Random tokens, a row for each λ that is tried."""
    rows = model.get_input_embeddings().weight.shape[0]  # type: ignore[operator]
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, rows, (len(TRIED), TOKENS), generator=draw).to(device)


def _choose(
    merged: Materialised,
    owners: Mapping[str, tuple[nn.Module, Tensors]],
    tokens: Tensor,
    rows: RowLams,
) -> dict[Kind, type[Leaf]]:
    """For every kind of module the first replacement that gives what the module gives."""
    first = {
        _kind(module, ends): (module, ends) for module, ends in reversed(list(owners.values()))
    }
    merged.set_lam(BETWEEN)
    seen = _watch(merged.model, {kind: module for kind, (module, _) in first.items()}, tokens)
    rows.set([BETWEEN] * len(tokens))
    chosen: dict[Kind, type[Leaf]] = {}
    for kind, (module, ends) in first.items():
        if kind in seen:
            chosen[kind] = _first_right(module, ends, seen[kind], rows)
        else:
            raise NotBlendable(f"{type(module).__name__} was not reached by made-up tokens")
    return chosen


def _watch(model: nn.Module, modules: Mapping[Kind, nn.Module], tokens: Tensor) -> dict[Kind, Seen]:
    """What one module of each kind is given and answers while the model reads the tokens."""
    seen: dict[Kind, Seen] = {}

    def note(kind: Kind) -> Any:
        def hook(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            seen[kind] = copy.deepcopy(Seen(args, kwargs, output))

        return hook

    hooks = [m.register_forward_hook(note(k), with_kwargs=True) for k, m in modules.items()]
    try:
        model(input_ids=tokens, use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _first_right(module: nn.Module, ends: Tensors, seen: Seen, rows: RowLams) -> type[Leaf]:
    for leaf in _candidates(ends, seen):
        try:
            output = leaf(module, ends, rows)(*seen.args, **seen.kwargs)
            half = next(iter(ends.values())).base.dtype.itemsize < 4
            if _same(output, seen.output, half=half):
                return leaf
        except torch.OutOfMemoryError:
            raise  # it says nothing about the module
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            logger.debug("%s cannot stand for %s: %s", leaf, type(module), error)
    raise NotBlendable(f"{type(module).__name__} is not affine in its weights")


def _candidates(ends: Tensors, seen: Seen) -> Iterator[type[Leaf]]:
    if only_vectors(ends):
        yield RowWeights
    if ends.keys() == TABLE_WEIGHTS and seen.args and not seen.args[0].is_floating_point():
        yield Lookup
    yield Outputs
    if ends.keys() == ROUTER_WEIGHTS:
        yield Router
    if ends.keys() == EXPERT_WEIGHTS:
        yield Experts


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
    tolerance = MODULE_TOLERANCE_HALF if half else MODULE_TOLERANCE
    largest = float(expected.float().abs().max())
    return float((output.float() - expected.float()).abs().max()) <= tolerance * largest


def _copy_tree(model: nn.Module, leaves: Mapping[str, nn.Module]) -> nn.Module:
    """The same tree with other leaves; tensors are shared, a module used twice stays one."""
    copies: dict[int, nn.Module] = {}

    def copy_of(module: nn.Module, name: str) -> nn.Module:
        if id(module) not in copies:
            copies[id(module)] = leaves.get(name) or twin_without_children(module)
            if name not in leaves:
                for key, child in module._modules.items():
                    inner = f"{name}.{key}" if name else key
                    made = None if child is None else copy_of(child, inner)
                    copies[id(module)]._modules[key] = made
        return copies[id(module)]

    return copy_of(model, "")


def twin_without_children(module: nn.Module) -> nn.Module:
    """The module itself with room for other children."""
    other = copy.copy(module)
    other.__dict__["_modules"] = {}
    return other


def _try_whole(merged: Materialised, blended: Blended, tokens: Tensor) -> None:
    """Rows at different λ, each against the merged model at that λ, all in one batch shape."""
    usual = blended.merge_from(1)
    together = [_logprobs(blended.at(TRIED, merging=merging), tokens) for merging in (False, True)]
    blended.merge_from(usual)
    dtype = next(merged.model.parameters()).dtype
    worst = 0.0
    for row, lam in enumerate(TRIED):
        merged.set_lam(lam)
        alone = _logprobs(merged.model, tokens)[row]
        for both in together:
            gap = (alone.exp() * (both[row] - alone).abs()).sum(-1)
            worst = max(worst, float(gap.max()))
    if not worst <= TOLERANCE.get(dtype, TOLERANCE_HALF):  # NaN must fail too
        raise NotBlendable(f"blended log-probabilities differ by {worst:.2g} from the merged model")
    logger.info("blended rows agree with merged models to %.2g", worst)


def _logprobs(model: nn.Module, tokens: Tensor) -> Tensor:
    logits: Tensor = model(input_ids=tokens, use_cache=False).logits
    return logits.float().log_softmax(dim=-1)
