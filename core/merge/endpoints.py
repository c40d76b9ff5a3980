"""Three promises, checked on the real tensors each time a pair is loaded.

λ=0 equals the base bit for bit, λ=1 equals the instruct parent bit for bit, and a λ in
between has the same bits whichever λ was visited before. A pair that breaks one is refused.
"""

import hashlib

import torch
from torch import Tensor

from core.errors import PairError
from core.lam import BASE, INSTRUCT, Lam
from core.merge.materialised import Materialised

BETWEEN = Lam(500)


def check_endpoints(merged: Materialised) -> None:
    """Visit 0.5, 1, 0.5, 0 and compare bits.

    Raises:
        PairError: an end point is not exact, or the way there leaves a trace.
    """
    merged.set_lam(BETWEEN)
    first = _fingerprint(merged)
    merged.set_lam(INSTRUCT)
    _compare(merged, "λ=1", "instruct")
    merged.set_lam(BETWEEN)
    if _fingerprint(merged) != first:
        raise PairError(
            "The merge at λ=0.5 depends on the λ before it, so no measurement would be "
            "repeatable. Report this pair; it is refused."
        )
    merged.set_lam(BASE)
    _compare(merged, "λ=0", "base")


def _compare(merged: Materialised, label: str, parent: str) -> None:
    for slot in merged.slots:
        expected = slot.instruct if parent == "instruct" else slot.base
        if not same_bits(slot.live, expected.to(slot.live)):
            raise PairError(
                f"The merge at {label} differs from the {parent} parent in {slot.name}. "
                "The pair is refused; check that both parents are stored in one dtype."
            )


def same_bits(left: Tensor, right: Tensor) -> bool:
    """Equal byte for byte: a NaN equals itself, and −0 is not 0."""
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    return torch.equal(_raw(left), _raw(right))


def _fingerprint(merged: Materialised) -> str:
    digest = hashlib.blake2b()
    for slot in merged.slots:
        digest.update(memoryview(_raw(slot.live).cpu().numpy()))
    return digest.hexdigest()


def _raw(tensor: Tensor) -> Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)
