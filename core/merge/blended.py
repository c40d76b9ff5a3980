"""One model at many λ in one batch, with no merged weights: row i of a batch has its own λ.

    W(λ)·x = W_base·x + λ·(W_instruct·x − W_base·x)

The module tree of the model is copied without its tensors, and every module that owns weights
is replaced by one that reads both parents' (`core/merge/blended_leaf.py`). Nothing here knows
an architecture. What may stand for a module is found by trying
(`core/merge/blended_kinds.py`). Then the whole is tried, rows at different λ against the merged
model at each. A pair for which this fails has no blended form, and `NotBlendable` says why.
Not here: when blending is worth it (`core/engine/many_choice.py`).
"""

import copy
import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.lam import Lam
from core.merge.blended_kinds import NotBlendable, Owner, Tensors, choose, first_of_each, watch
from core.merge.blended_leaf import DeviceRows
from core.merge.materialised import Materialised
from core.merge.scratch import Ends, twin

logger = logging.getLogger(__name__)
TRIED = (Lam(0), Lam(300), Lam(1000), Lam(1300))
TOKENS = 4
# How far log-probabilities may be off, each counted by how probable its token is. Half
# precisions round merged weights, which are not there when blending.
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-4}
TOLERANCE_HALF = 0.1
# Lines a λ from which merging a module is quicker than blending it; measured by
# `python -m tests.bench.gpu --only read`.
MERGE_FROM = {"cpu": 16, "cuda": 384}
MERGE_FROM_ELSEWHERE = 64

Reference = Callable[[Lam], nn.Module]
Found = TypeVar("Found")


class Blended:
    """The model at many λ; shares every tensor with the parents."""

    def __init__(self, model: nn.Module, rows: DeviceRows, device: torch.device) -> None:
        self._model, self._rows = model, rows
        self._merge_from = MERGE_FROM.get(device.type, MERGE_FROM_ELSEWHERE)

    def at(self, lams: Sequence[Lam], merge_from: int | None = None) -> nn.Module:
        """The model whose row i has lams[i]; a single λ is that of all rows, however many.

        Modules that are given so many lines a λ merge their weights for them, one λ after
        another; None: none does. Ask before every forward, keep it for none.
        """
        self._rows.set(lams, merge_from)
        return self._model

    def reading(self, lams: Sequence[Lam]) -> nn.Module:
        """As `at`, for prompts: merging where that is the quicker way."""
        return self.at(lams, self._merge_from)

    def give_back(self) -> None:
        """Give the scratch back until a module is merged again."""
        self._rows.clear()

    @property
    def scratch_bytes(self) -> int:
        """Memory beside the parents that merging takes."""
        return self._rows.scratch_bytes


def blend(merged: Materialised) -> Blended:
    """Build the blended form and try it. The live model is left at some λ.

    Raises:
        NotBlendable: there is none, or it does not give what the merged model gives.
    """
    return finish(blend_steps(merged))


def finish(steps: Generator[None, None, Found]) -> Found:
    """All steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


@torch.inference_mode()
def blend_steps(merged: Materialised) -> Generator[None, None, Blended]:
    """`blend` in steps of a forward or less; other work may come between them."""

    def at(lam: Lam) -> nn.Module:
        merged.set_lam(lam)
        return merged.model

    blended = yield from build_steps(merged, owners_of(merged))
    yield from try_steps(blended, at, TRIED)
    blended.give_back()  # trying merges every module, reading a prompt not the largest
    return blended


def build_steps(
    merged: Materialised, owners: Mapping[str, Owner]
) -> Generator[None, None, Blended]:
    """The blended form, each kind of module tried by itself."""
    device = next(merged.model.parameters()).device
    rows, tokens = DeviceRows(), made_up(merged.model)
    first = first_of_each(owners)
    given = watch(merged.model, first, tokens)
    yield
    kinds = {}
    for kind, owner in first.items():
        kinds[kind] = choose(owner, given.get(kind), rows.on(owner.device), len(tokens))
        yield
    leaves = {
        name: kinds[one.kind](one.module, one.ends, rows.on(one.device))
        for name, one in owners.items()
    }
    return Blended(copy_tree(merged.model, leaves), rows, device)


def owners_of(merged: Materialised) -> dict[str, Owner]:
    """Every module that owns merged tensors, by its name.

    Raises:
        NotBlendable: tensors that no module can merge by itself.
    """
    if merged.by_parts:
        raise NotBlendable("its parts have λ of their own, and a row of a batch has one")
    if not merged.parents_beside:
        raise NotBlendable("the parents are not on the device of the live model")
    slots = {slot.live.data_ptr(): slot for slot in merged.slots if slot.live.is_floating_point()}
    found: dict[str, Owner] = {}
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
            refuse_inner(name, module)
            found[name] = Owner(module, ends)
    return found


def parent_models(merged: Materialised, owners: Mapping[str, Owner]) -> tuple[nn.Module, nn.Module]:
    """The parents as plain models, sharing the tensors that lie on the device."""
    base = {
        n: twin(one.module, {k: e.base for k, e in one.ends.items()}) for n, one in owners.items()
    }
    instruct = {
        n: twin(one.module, {k: e.instruct for k, e in one.ends.items()})
        for n, one in owners.items()
    }
    return copy_tree(merged.model, base), copy_tree(merged.model, instruct)


def _kept_buffers(module: nn.Module) -> Iterator[str]:
    return (name for name in module._buffers if name not in module._non_persistent_buffers_set)


def refuse_inner(name: str, module: nn.Module) -> None:
    """Accept a module that has all weights to itself.

    Raises:
        NotBlendable: modules in it have some, too.
    """
    if any(True for child in module.children() for _ in child.parameters()):
        raise NotBlendable(
            f"{type(module).__name__} ({name}) has weights of its own beside those of the modules "
            "in it"
        )


def made_up(model: nn.Module) -> Tensor:
    """Random tokens, a row for each λ that is tried."""
    table = model.get_input_embeddings().weight  # type: ignore[operator]
    draw = torch.Generator().manual_seed(0)
    tokens = torch.randint(0, table.shape[0], (len(TRIED), TOKENS), generator=draw)
    return tokens.to(table.device)


def copy_tree(model: nn.Module, leaves: Mapping[str, nn.Module]) -> nn.Module:
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


def try_steps(
    blended: Blended, reference: Reference, lams: Sequence[Lam]
) -> Generator[None, None, None]:
    """Rows at different λ, each against a model at that λ, all in one batch shape.

    Raises:
        NotBlendable: they differ by more than blended products may.
    """
    tokens = made_up(blended.at(TRIED))
    ways = [logprobs(blended.at(TRIED, merge_from), tokens) for merge_from in (None, 1)]
    yield
    worst = 0.0
    for lam in lams:
        row = TRIED.index(lam)
        alone = logprobs(reference(lam), tokens)[row]
        for together in ways:
            gap = (alone.exp() * (together[row] - alone).abs()).sum(-1)
            worst = max(worst, float(gap.max()))
        yield
    dtype = next(blended.at(TRIED).parameters()).dtype
    if not worst <= TOLERANCE.get(dtype, TOLERANCE_HALF):  # NaN must fail too
        raise NotBlendable(f"blended log-probabilities differ by {worst:.2g} from the merged model")
    logger.info("blended rows agree with merged models to %.2g", worst)


def logprobs(model: nn.Module, tokens: Tensor) -> Tensor:
    """Of every next token, [rows, length, vocabulary]."""
    logits: Tensor = model(input_ids=tokens, use_cache=False).logits
    return logits.float().log_softmax(dim=-1)
