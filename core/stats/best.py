"""Which columns are tied with the best: multiple comparisons with the best.

The best of several is picked from the very data it is then compared on, so a test against it
that ignores the picking (Holm's, too) finds differences that are not there: among 11 equal
columns 9 times in 100 instead of 5. Here a column stays in when best − column is at most q
standard errors of that difference, where q is the 95 % quantile of the widest centred
difference between any two columns, each in its own standard errors (Tukey's range in the
bootstrap's form). The truly best column is then in the set at least 95 times in 100, however
many columns there are. Counted in points instead, the range of one noisy column would keep
columns that are plainly worse than a quiet best. `python -m tests.bench.coverage` prints both.
"""

from dataclasses import dataclass

import numpy as np

from core.stats.bootstrap import Floats
from core.stats.span import LEVEL


@dataclass(frozen=True, slots=True)
class Tied:
    """The best-looking column, and all that cannot be told from the best."""

    best: int
    members: tuple[int, ...]  # ascending, the best among them
    slack: tuple[float, ...]  # how far below the best each column may lie


def tied_with_best(values: Floats, samples: Floats, level: float = LEVEL) -> Tied:
    """`values` are (columns), `samples` (resamples × columns) of the same draws.

    Raises:
        ValueError: no column.
    """
    if not len(values):
        raise ValueError("no column to pick the best from")
    best = int(np.argmax(values))
    slack = _widest(samples - values, level) * (samples - samples[:, [best]]).std(axis=0, ddof=1)
    members = np.flatnonzero(values[best] - values <= slack)
    return Tied(best, tuple(map(int, members)), tuple(map(float, slack)))


def _widest(centred: Floats, level: float) -> float:
    """The quantile of the widest difference between two columns, in its standard errors."""
    left, right = np.triu_indices(centred.shape[1], 1)
    gaps = centred[:, left] - centred[:, right]
    errors = gaps.std(axis=0, ddof=1)
    varying = errors > 0
    if not varying.any():
        return 0.0
    return float(np.quantile(np.abs(gaps[:, varying] / errors[varying]).max(axis=1), level))
