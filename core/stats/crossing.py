"""Where two curves over k cross, with an interval by drawing the items again.

The curves are means over items (items × k), paired. The crossing is the first k, interpolated
in a straight line, at which the difference changes its sign for good over at least one step.
Where the mean curves do not cross there is none, and the reason says which lies above.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.stats.bootstrap import RESAMPLES, Floats, drawn_weights
from core.stats.span import LEVEL, Span

FEWEST_CROSSING = 0.95  # of the draws, for an interval to be one of crossings
_STREAM = 94


@dataclass(frozen=True, slots=True)
class Crossing:
    """The k of the crossing; None with the reason."""

    at: float | None
    interval: Span | None
    share: float | None  # of the draws in which the curves cross at all
    reason: str | None = None


def crossing(first: Floats, second: Floats, resamples: int = RESAMPLES) -> Crossing:
    """Both are (items × k) with the same items in the same order; k counts from 1."""
    if first.shape != second.shape or len(first) < 2 or first.shape[1] < 2:
        return Crossing(None, None, None, "at least two items and two k are needed")
    gaps = first - second
    mean = gaps.mean(axis=0)
    at = _place(mean)
    units = len(gaps)
    drawn = np.concatenate(list(drawn_weights(units, _STREAM, resamples, units - 1)))
    places = [_place(row) for row in drawn @ gaps / (units - 1)]
    crossed = [place for place in places if place is not None]
    share = len(crossed) / len(places)
    if at is None:
        return Crossing(None, None, share, _reason(mean))
    if share < FEWEST_CROSSING:
        told = f"the curves cross in {share:.0%} of the draws, so the crossing has no interval"
        return Crossing(at, None, share, told)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(crossed, [tail, 1 - tail])
    return Crossing(at, Span(float(low), float(high)), share)


def _place(gaps: Floats) -> float | None:
    """The first change of sign; a stretch of zeros between two signs crosses in its middle."""
    signs = np.sign(np.where(np.abs(gaps) < 1e-12, 0.0, gaps))
    held = np.flatnonzero(signs)
    for before, after in pairwise(held):
        if signs[before] != signs[after]:
            if after > before + 1:
                return float((before + after) / 2 + 1)
            part = gaps[before] / (gaps[before] - gaps[after])
            return float(before + part + 1)
    return None


def _reason(mean: Floats) -> str:
    if bool((np.abs(mean) < 1e-12).all()):
        return "the curves are equal"
    above, below = ("first", "second") if mean[np.abs(mean).argmax()] > 0 else ("second", "first")
    return f"the curves do not cross: the {above} is never below the {below}"
