"""Which λ is best when a win-rate point is worth r few-shot points, at what price, how surely.

    choose(together, 0.5).members           # the set of λ* at r = 0.5

The set compares all λ at once on every item; the gain is reported on items that did not choose
it. Every question costs milliseconds, because the draws are made. Not here: words.
"""

from dataclasses import dataclass

from core.lam import Lam
from core.reports.together import Together
from core.stats.draws import Gap
from core.stats.exchange import Exchange, exchange
from core.stats.settle import Settle, to_settle
from core.stats.worth import Gain, best_set, gain, utility

# ICL points that one point of following is worth; the slider's stops.
RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
PREFERRED_RATE = 1.0  # fixed before anything was measured: both count the same


@dataclass(frozen=True, slots=True)
class Choice:
    """λ* at one rate: the best-looking λ, and all that cannot be told from the best."""

    rate: float
    best: Lam
    members: tuple[Lam, ...]
    utilities: tuple[tuple[Lam, float], ...]  # points against λ=1, or against 0 without it
    gain: Gain | None  # over λ=1; None without it


@dataclass(frozen=True, slots=True)
class Settling:
    """What is needed to tell one λ from another, on each side."""

    lam: Lam
    other: Lam
    icl_gap: Gap
    follow_gap: Gap
    icl: Settle
    follow: Settle


def choose(together: Together, rate: float) -> Choice:
    """The set of λ* when one point of following is worth `rate` few-shot points."""
    icl, follow = together.icl, together.follow
    found = best_set(icl, follow, rate)
    worth = utility(icl.values, follow.values, rate)
    against = 0.0 if together.one is None else float(worth[together.one])
    return Choice(
        rate=rate,
        best=together.lams[found.best],
        members=tuple(together.lams[column] for column in found.members),
        utilities=tuple(
            (lam, float(value) - against) for lam, value in zip(together.lams, worth, strict=True)
        ),
        gain=None
        if together.one is None
        else gain(icl, follow, together.split, rate, together.one),
    )


def price(together: Together, lam: Lam) -> Exchange | None:
    """Few-shot points gained for each point of following lost, against λ=1.

    None where either was not measured, and at λ=1 itself.
    """
    column, one = together.column(lam), together.one
    if column is None or one is None or column == one:
        return None
    return exchange(together.icl.gap(column, one), together.follow.gap(one, column))


def settling(together: Together, lam: Lam, other: Lam) -> Settling | None:
    """How many more items would tell these two apart; None where one was not measured."""
    left, right = together.column(lam), together.column(other)
    if left is None or right is None or left == right:
        return None
    icl, follow = together.icl.gap(left, right), together.follow.gap(left, right)
    return Settling(
        lam=lam,
        other=other,
        icl_gap=icl,
        follow_gap=follow,
        icl=to_settle(icl, together.seconds_per_item),
        follow=to_settle(follow),
    )
