"""Do two λ differ on the same items? McNemar's exact test, with passages kept together.

An item that is right at one λ alone speaks for that λ; items that are right at both or at
neither say nothing. If the two λ were equal, each unit's balance (items only right at the first
minus items only right at the second) could as well have had the other sign. Where every item
is a unit of its own this is McNemar's exact test: twice the binomial tail. Where items share a
passage or template, the whole passage turns its sign, because its items are not independent.

The distribution is exact, not drawn: units of one size are binomial, sizes are convolved.
For one pair of λ chosen beforehand; for many see sign_flip.py (Holm) and best.py.
"""

from collections import Counter
from collections.abc import Iterable
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def exact_p(balances: Iterable[int]) -> float | None:
    """Two-sided p that the balances' sum is 0; None where no unit has a balance but 0.

    `balances` holds one whole number a unit, e.g. +1 and −1 for items that stand alone.
    """
    held = [int(balance) for balance in balances if balance]
    if not held:
        return None
    measured = abs(sum(held))
    sizes = Counter(map(abs, held))
    chances = np.ones(1)
    for size, units in sizes.items():
        chances = np.convolve(chances, _spread(units, size))
    whole = sum(size * units for size, units in sizes.items())
    sums = np.arange(-whole, whole + 1)
    return min(1.0, float(chances[np.abs(sums) >= measured].sum()))


def _spread(units: int, size: int) -> Floats:
    """The chance of each sum from −units·size to +units·size of that many signs."""
    chosen = np.arange(units + 1)
    ways = np.array([lgamma(units + 1) - lgamma(k + 1) - lgamma(units - k + 1) for k in chosen])
    found = np.zeros(2 * units * size + 1)
    found[2 * size * chosen] = np.exp(ways - units * log(2))
    return found
