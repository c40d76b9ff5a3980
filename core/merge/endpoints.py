"""Three promises, checked on the real tensors each time a pair is loaded.

λ=0 equals the base bit for bit, λ=1 equals the instruct parent bit for bit, and a λ in
between has the same bits whichever λ was visited before. A pair that breaks one is refused.
"""

import torch
from torch import Tensor

from core.errors import PairError
from core.lam import BASE, INSTRUCT, Lam
from core.merge.materialised import Materialised, Slot
from core.pairs.hearing import CHECKING, begin, moved

BETWEEN = Lam(500)


def check_endpoints(merged: Materialised) -> None:
    """Take every tensor to 0.5, 1, 0.5 and 0 and compare bits; ends at λ=0.

    Raises:
        PairError: an end point is not exact, or the way there leaves a trace.
    """
    begin(CHECKING, sum(slot.base.nbytes for slot in merged.slots))
    with torch.no_grad():
        for slot in merged.trial_slots:
            _check_slot(slot)
            moved(slot.base.nbytes)
    merged.set_lam(BASE)


def _check_slot(slot: Slot) -> None:
    slot.write(BETWEEN.value)
    first = slot.live.clone()
    slot.write(INSTRUCT.value)
    _compare(slot, "λ=1", "instruct", slot.instruct)
    slot.write(BETWEEN.value)
    if not same_bits(slot.live, first):
        raise PairError(
            f"The merge of {slot.name} at λ=0.5 depends on the λ before it, so no measurement "
            "would be repeatable. The pair is refused; choose another."
        )
    slot.write(BASE.value)
    _compare(slot, "λ=0", "base", slot.base)


def _compare(slot: Slot, label: str, parent: str, expected: Tensor) -> None:
    # The parents of a streamed pair lie in host memory.
    if slot.live.is_floating_point() and not same_bits(slot.live, expected.to(slot.live.device)):
        raise PairError(
            f"The merge at {label} differs from the {parent} parent in {slot.name}. "
            "The pair is refused; check that both parents are stored in one dtype."
        )


def same_bits(left: Tensor, right: Tensor) -> bool:
    """Equal byte for byte: a NaN equals itself, and −0 is not 0."""
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    return torch.equal(_raw(left), _raw(right))


def _raw(tensor: Tensor) -> Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)
