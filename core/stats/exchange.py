"""How much is gained of one thing for each point lost of another, with Fieller's interval.

A ratio of two uncertain numbers has no useful standard error near a loss of 0. Fieller's
interval holds for any size of loss, and where the interval of the loss itself contains 0 there
is none: the rate could be anything, so it is absent and the reason is said.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from core.stats.draws import Gap
from core.stats.span import LEVEL, Span

NO_LOSS = "no loss is shown: its 95 % interval contains 0"
NO_PRICE = "nothing is lost: it is gained"


@dataclass(frozen=True, slots=True)
class Exchange:
    """Points gained per point lost, or the reason for having no such number."""

    rate: float | None
    interval: Span | None
    reason: str | None = None


def exchange(gained: Gap, lost: Gap, level: float = LEVEL) -> Exchange:
    """`lost` is positive when something was lost; the two were measured on different items."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    spread = lost.value**2 - (z * lost.error) ** 2
    if spread <= 0:
        return Exchange(None, None, NO_LOSS)
    if lost.value < 0:
        return Exchange(None, None, NO_PRICE)
    middle = gained.value * lost.value
    inner = middle**2 - spread * (gained.value**2 - (z * gained.error) ** 2)
    reach = sqrt(max(inner, 0.0))  # never negative: both errors are independent
    ends = Span((middle - reach) / spread, (middle + reach) / spread)
    return Exchange(gained.value / lost.value, ends)
