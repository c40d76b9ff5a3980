"""How far two judges agree about the same items: share of equal verdicts, and Cohen's κ.

κ = (p_o − p_e) / (1 − p_e): agreement beyond what the two would have by chance with the shares
of verdicts that they give (Cohen 1960). 1 is full agreement, 0 none beyond chance. Undefined
where both always say the same one thing. Intervals: percentile bootstrap over items, or over
clusters of items, with the draws of `bootstrap.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.bootstrap import RESAMPLES, Table, resampled_means
from core.stats.span import Span

Floats = NDArray[np.float64]
MOST_UNDEFINED = 0.025  # of the draws; beyond, an interval would rest on the others alone
BOTH_ONE_SIDED = "both judges give one and the same verdict throughout, so chance explains it all"
TOO_FEW = "no item was judged by both"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two judges over the items that both decided; values 0–1, None with a reason."""

    n: int
    agreed: int
    share: float | None
    kappa: float | None
    interval: Span | None  # of κ, 95 %
    reason: str | None = None


def agreement(
    first: Sequence[int], second: Sequence[int], classes: int, clusters: Sequence[int] | None = None
) -> Agreement:
    """Verdicts as numbers from 0 to `classes` − 1, item by item."""
    n = len(first)
    if n == 0:
        return Agreement(0, 0, None, None, None, TOO_FEW)
    cells = _cells(first, second, classes)
    agreed = sum(one == other for one, other in zip(first, second, strict=True))
    value = float(_kappa(cells.mean(axis=0)[None, :], classes)[0])
    if np.isnan(value):
        return Agreement(n, agreed, agreed / n, None, None, BOTH_ONE_SIDED)
    numbers = None if clusters is None else np.array(clusters, dtype=np.intp)
    drawn = _kappa(resampled_means(Table(cells, numbers), resamples=RESAMPLES), classes)
    return Agreement(n, agreed, agreed / n, value, _span(drawn))


def _cells(first: Sequence[int], second: Sequence[int], classes: int) -> Floats:
    """Items × cells of the table of verdicts: 1 where the item lies."""
    cells = np.zeros((len(first), classes * classes))
    where = [one * classes + other for one, other in zip(first, second, strict=True)]
    cells[np.arange(len(first)), where] = 1.0
    return cells


def _kappa(shares: Floats, classes: int) -> Floats:
    """κ of each row of cell shares; NaN where chance explains everything."""
    table = shares.reshape(-1, classes, classes)
    observed = np.trace(table, axis1=1, axis2=2)
    by_chance = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1)
    room = 1 - by_chance
    there = room > 1e-12
    found: Floats = np.divide(
        observed - by_chance, room, out=np.full(len(room), np.nan), where=there
    )
    return found


def _span(drawn: Floats) -> Span | None:
    defined = drawn[~np.isnan(drawn)]
    if len(defined) < (1 - MOST_UNDEFINED) * len(drawn):
        return None
    low, high = np.quantile(defined, [0.025, 0.975])
    return Span(float(low), float(high))
