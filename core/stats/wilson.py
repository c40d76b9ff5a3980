"""Wilson's score interval for one proportion.

Chosen over the textbook ± interval because it stays inside 0 … 1 and says something at 0 of n.
"""

from math import sqrt
from statistics import NormalDist

from core.stats.span import LEVEL, Span


def wilson(successes: float, n: float, level: float = LEVEL) -> Span | None:
    """The interval of a proportion, 0–1; None when n is 0.

    `successes` may be a half number, for draws counted as half a win.

    Raises:
        ValueError: successes lie outside 0 … n.
    """
    if n == 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Span(max(0.0, centre - half), min(1.0, centre + half))
