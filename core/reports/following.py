"""What is measured of answers, over λ and seen in the views of few-shot accuracy.

Win rate and pass rate in percent, the output's length in characters, the share cut because it
ran out of tokens. Differences are paired by item; every view of one quantity rests on the
same draws. Not here: which runs make a table (`trade_off.py`), drawing (`core/figures`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.lam import Lam
from core.reports.few_shot import ZERO, ZERO_DRAWN, beside_instruct, fraction
from core.reports.measures import Resampled, difference, mean_of, share
from core.reports.points import Measure
from core.reports.views import VIEWS, View
from core.stats.bootstrap import Floats

Quantity = Literal["win_rate", "pass_rate", "length", "cut"]
QUANTITIES: tuple[Quantity, ...] = ("win_rate", "pass_rate", "length", "cut")
Seen = Mapping[View, tuple[Measure, ...]]  # one measure a λ


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """Every quantity in every view; "corrected" is "absolute": nothing is guessed here."""

    lams: tuple[Lam, ...]
    seen: Mapping[Quantity, Seen]

    def at(self, quantity: Quantity, view: View, lam: Lam) -> Measure:
        """The measure at this λ, which must be one of `lams`."""
        return self.seen[quantity][view][self.lams.index(lam)]


def seen(drawn: Resampled, absolute: Sequence[Measure], stream: int) -> Seen:
    """All views of a quantity whose table was drawn under this stream."""
    columns = range(len(absolute))
    gaps = tuple(difference(drawn, column) for column in columns)
    base, samples = beside_instruct(drawn, stream)
    fractions = tuple(_fraction(drawn, gaps[at], base, samples, at) for at in columns)
    views: dict[View, tuple[Measure, ...]] = dict.fromkeys(VIEWS, tuple(absolute))
    return views | {"difference": gaps, "fractional": fractions}


def lengths(drawn: Resampled) -> tuple[Measure, ...]:
    """Mean characters at each λ."""
    return tuple(mean_of(drawn, column) for column in range(len(drawn.values)))


def shares(drawn: Resampled) -> tuple[Measure, ...]:
    """Percent of the answers at each λ."""
    return tuple(share(drawn, column) for column in range(len(drawn.values)))


def _fraction(
    drawn: Resampled, gap: Measure, base: Floats, base_samples: Floats, column: int
) -> Measure:
    if gap.value is None or drawn.gap_samples is None:
        return gap
    if not base[column] > 0:
        return Measure(None, gap.n, reason=ZERO.replace("accuracy", "the value"))
    undefined = ZERO_DRAWN.replace("accuracy", "the value")
    samples = (drawn.gap_samples[:, column], base_samples[:, column])
    return fraction(gap, float(base[column]), samples, undefined)
