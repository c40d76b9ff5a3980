"""May texts that begin alike be computed together? Tried with numbers when a pair is loaded.

A few made-up requests are scored both ways. In float32 they must agree. Half precisions round
at every layer, and otherwise in every layout, so there two things are asked: computed in float32
from the same weights both ways must agree, which shows that nobody sees a wrong token; and in
half precision sharing must be about as near to that as computing each text alone is.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

import torch

from core.engine.encoding import EncodedPair
from core.engine.prefix_cache import supports_prefix
from core.engine.resident import Resident
from core.engine.scoring import score_steps
from core.lam import BASE
from core.merge.blended_kinds import NotBlendable
from core.merge.in_float32 import in_float32
from core.pairs.hearing import SHARING, begin, moved

logger = logging.getLogger(__name__)
FINE = (torch.float32, torch.float64)
TOLERANCE = 1e-3  # in float32
# In half precision, root mean square: this, or so many times what computing alone is off.
TOLERANCE_HALF, NOISE_FACTOR = 0.1, 3.0
FURTHEST_HALF = 0.25  # apart, for a model that cannot be computed in float32


def sharing_is_exact(resident: Resident) -> bool:
    """Whether sharing changes nothing but roundings."""
    if not supports_prefix(resident.model.config):
        return False
    pairs = _requests(resident)
    begin(SHARING, 2 if resident.dtype in FINE else 4)
    try:
        shared = _score(resident.with_sharing(True), pairs)
    except (RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        logger.warning("this architecture cannot share prefixes: %s", error)
        return False
    alone = _score(resident.with_sharing(False), pairs)
    if resident.dtype in FINE:
        return _within(_furthest(shared, alone), TOLERANCE, "shared prefixes change scores by")
    try:
        return _as_true(resident, pairs, shared, alone)
    except (NotBlendable, RuntimeError, ValueError, TypeError) as error:
        logger.warning("scores cannot be tried in float32: %s", error)
    return _within(_furthest(shared, alone), FURTHEST_HALF, "shared prefixes change scores by")


def _as_true(
    resident: Resident,
    pairs: Sequence[EncodedPair],
    shared: Sequence[float],
    alone: Sequence[float],
) -> bool:
    resident.at(BASE)
    fine = replace(resident, merged=in_float32(resident.merged))
    truth = _score(fine.with_sharing(False), pairs)
    structure = _furthest(_score(fine.with_sharing(True), pairs), truth)
    allowed = max(TOLERANCE_HALF, NOISE_FACTOR * _spread(alone, truth))
    return _within(structure, TOLERANCE, "in float32 shared prefixes change scores by") and _within(
        _spread(shared, truth), allowed, "shared prefixes are off by"
    )


def _within(found: float, allowed: float, told: str) -> bool:
    level = logging.INFO if found <= allowed else logging.WARNING
    logger.log(level, "%s %.2g, where %.2g may be", told, found, allowed)
    return found <= allowed


def _furthest(some: Sequence[float], others: Sequence[float]) -> float:
    return max(abs(one - other) for one, other in zip(some, others, strict=True))


def _spread(found: Sequence[float], truth: Sequence[float]) -> float:
    """Root mean square."""
    squares = [(one - other) ** 2 for one, other in zip(found, truth, strict=True)]
    return float((sum(squares) / len(squares)) ** 0.5)


def _requests(resident: Resident) -> list[EncodedPair]:
    rows = resident.model.get_input_embeddings().weight.shape[0]
    draw = torch.randint(0, rows, (48,), generator=torch.Generator().manual_seed(0)).tolist()
    common, own, tail = tuple(draw[:20]), draw[20:32], draw[32:]
    contexts = [(*common, *own[:size]) for size in (2, 7, 12)]
    conts = [tuple(tail[:1]), tuple(tail[1:4]), tuple(tail[4:9])]
    return [EncodedPair(context, cont) for context in contexts for cont in conts]


def _score(resident: Resident, pairs: Sequence[EncodedPair]) -> list[float]:
    steps = score_steps(resident, BASE, pairs, worth=0)  # few tokens, but every path is taken
    while True:
        try:
            next(steps)
        except StopIteration as done:
            moved(1)
            return [score.logprob for score in done.value]
