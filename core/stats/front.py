"""The Pareto front of points in two coordinates, and how often a point lies on it.

A point is on the front when no other one is at least as good in both coordinates and better in
one. The share of resamples in which it is there is no probability that it truly is: near ties
share the front out among themselves.
"""

import numpy as np
from numpy.typing import NDArray

from core.stats.bootstrap import Floats

Flags = NDArray[np.bool_]


def on_front(x: Floats, y: Floats) -> Flags:
    """Which points are on the front: arrays (… × points), more is better in both."""
    points = x.shape[-1]
    beaten = np.zeros(x.shape, dtype=bool)
    for other in range(points):
        above, right = y[..., [other]] - y, x[..., [other]] - x
        beaten |= (above >= 0) & (right >= 0) & ((above > 0) | (right > 0))
    return ~beaten


def front_shares(x: Floats, y: Floats) -> Floats:
    """Share of resamples, 0–1, in which each point is on the front: (resamples × points) each.

    The two must have been drawn independently where their items differ.
    """
    shares: Floats = on_front(x, y).mean(axis=0)
    return shares
