"""A pair on the device without a live copy: both parents, and a scratch for one module.

At a single λ every module merges its weights into the scratch just before it computes
(`core/merge/scratch.py`), so the model is the merged one, bit for bit, at each forward; a third
copy of the weights is never there. That costs one more pass over the parents a forward: little
beside a prompt or a batch, as much as the token itself when one row is written. At several λ
the blended form answers, as ever.
Not here: when a pair is held so (`core/engine/room.py`).
"""

from collections.abc import Iterator

import torch
from torch import nn

from core.lam import BASE, INSTRUCT, Lam
from core.merge.blended import (
    Blended,
    build_steps,
    finish,
    logprobs,
    made_up,
    owners_of,
    parent_models,
    try_steps,
)
from core.merge.blended_kinds import NotBlendable
from core.merge.materialised import Materialised, Slot
from core.merge.scratch import Ends, Scratch


class Paired(Materialised):
    """Takes the place of a live model; its slots' `live` are the base's own tensors: read only."""

    def __init__(self, model: nn.Module, blended: Blended, base: Materialised) -> None:
        super().__init__(model, base.slots)
        self.blended = blended
        self.base = base.model  # the plain model with the base's tensors

    def set_lam(self, lam: Lam) -> bool:
        """Let every module merge at this λ; nothing is written before it computes."""
        changed = lam != self._lam
        self.blended.at([lam], merge_from=1)
        self._lam = lam
        return changed

    @property
    def trial_slots(self) -> Iterator[Slot]:
        """Each tensor with a place in a scratch."""
        scratch = Scratch(self.slots[0].base.device)
        for slot in self.slots:
            yield scratch.place(slot.name, Ends(slot.base, slot.instruct))


@torch.inference_mode()
def pair_up(merged: Materialised) -> Paired:
    """Make a paired form of a model whose live tensors are the base's own.

    Raises:
        NotBlendable: it does not give what the parents give, or cannot be made.
    """
    owners = owners_of(merged)
    models = dict(zip((BASE, INSTRUCT), parent_models(merged, owners), strict=True))
    blended = finish(build_steps(merged, owners))
    for _ in try_steps(blended, models.__getitem__, (BASE, INSTRUCT)):
        pass
    tokens = made_up(merged.model)
    for lam, parent in models.items():
        found = logprobs(blended.at([lam], merge_from=1), tokens)
        if not torch.equal(found, logprobs(parent, tokens)):
            raise NotBlendable(f"read module by module, λ={lam} is not the parent bit for bit")
    return Paired(blended.at([BASE], merge_from=1), blended, merged)
