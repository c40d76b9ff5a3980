"""How many more items would show a difference as large as the measured one, and their price.

Items of the same tasks in the same mixture make the standard error fall with their root. The
answer is for a true difference of the measured size; if the truth is smaller, more are needed,
and if there is none, no number of items shows one. 80 % means: of a hundred such measurements
eighty would have an interval without 0.
"""

from dataclasses import dataclass
from math import ceil
from statistics import NormalDist

from core.stats.draws import Gap
from core.stats.span import LEVEL

POWER = 0.8
MOST_TIMES = 1000.0  # more than this many times the items: said to be out of reach
SETTLED = "the 95 % interval already leaves out 0"
EQUAL = "the measured difference is 0"
OUT_OF_REACH = "more than {times:,.0f} times the items measured so far"


@dataclass(frozen=True, slots=True)
class Settle:
    """Items beyond those measured, at both λ; None with the reason."""

    more_items: int | None
    seconds: float | None  # for both λ; None where no time per item was measured
    reason: str | None = None


def to_settle(gap: Gap, seconds_per_item: float | None = None, power: float = POWER) -> Settle:
    """More items of the same mixture for an interval that leaves out 0."""
    z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    if abs(gap.value) > z * gap.error:
        return Settle(0, 0.0, SETTLED)
    if gap.value == 0:
        return Settle(None, None, EQUAL)
    times = ((z + NormalDist().inv_cdf(power)) * gap.error / gap.value) ** 2
    if times > MOST_TIMES:
        return Settle(None, None, OUT_OF_REACH.format(times=MOST_TIMES))
    more = ceil(gap.n * (times - 1))
    return Settle(more, None if seconds_per_item is None else 2 * more * seconds_per_item)
