"""A region for a point whose two coordinates are both uncertain.

The two coordinates of the plane come from different items, so their errors are independent and
the ellipse stands upright; where items are shared the covariance tilts it. 95 % is of both
together: χ² with two degrees of freedom, 2.45 standard errors, not 1.96. The whiskers of one
coordinate are shorter than the ellipse for that reason.
"""

from dataclasses import dataclass
from math import atan2, degrees, log, sqrt
from statistics import NormalDist

import numpy as np

from core.stats.bootstrap import Floats
from core.stats.span import LEVEL


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre, half axes and the tilt of the first half axis, in degrees from the horizontal.

    A half axis of 0 means that this coordinate is known by definition: the region is a line.
    """

    x: float
    y: float
    across: float
    up: float
    tilt: float = 0.0


def upright(x: float, y: float, x_error: float, y_error: float, level: float = LEVEL) -> Ellipse:
    """The region of two independent coordinates with these standard errors."""
    if x_error == 0.0 or y_error == 0.0:  # one coordinate: one degree of freedom
        radius = NormalDist().inv_cdf(0.5 + level / 2)
    else:
        radius = _radius(level)
    return Ellipse(x, y, radius * x_error, radius * y_error)


def tilted(x: float, y: float, samples: Floats, level: float = LEVEL) -> Ellipse:
    """The region of two coordinates drawn together: `samples` is (resamples × 2)."""
    sizes, axes = np.linalg.eigh(np.cov(samples, rowvar=False))
    (small, large), (_, first) = sizes, axes.T
    angle = degrees(atan2(float(first[1]), float(first[0])))
    radius = _radius(level)
    wide, narrow = radius * sqrt(max(float(large), 0.0)), radius * sqrt(max(float(small), 0.0))
    return Ellipse(x, y, wide, narrow, (angle + 90.0) % 180.0 - 90.0)


def _radius(level: float) -> float:
    """In standard errors: the root of the χ² quantile with two degrees of freedom."""
    return sqrt(-2.0 * log(1.0 - level))
