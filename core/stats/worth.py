"""The best λ when a point of one quantity is worth r points of another.

    U = first + r · second

The set of λ that cannot be told from the best is that of best.py, applied to U: it compares all
λ at once and so may use every item. The *gain* of the best-looking λ may not: picked and
reported on the same items it looks too good. `Halves` therefore picks on one half of every
task's items (passages stay whole) and reports on the other, both ways round, over many splits;
the difference to the naive gain is the optimism. r is fixed beforehand: a person who tries many
r and keeps the nicest has no 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from core.stats.best import Tied, tied_with_best
from core.stats.bootstrap import SEED, Floats, Table, macro, unit_sizes, unit_sums
from core.stats.draws import Draws
from core.stats.span import LEVEL, Span

SPLITS = 200
_STREAM = 92  # other draws than any task's


@dataclass(frozen=True, slots=True)
class Gain:
    """What the picked λ gains in U against the reference column."""

    naive: float  # picked and reported on the same items
    crossed: float  # picked on one half, reported on the other
    interval: Span | None  # of the crossed gain; None where nothing varies
    picked: tuple[float, ...]  # share of halves that picked each column

    @property
    def optimism(self) -> float:
        """How much of the naive gain is the picking."""
        return self.naive - self.crossed


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Means of both halves of every split: (splits × 2 × columns) each."""

    first: Floats
    second: Floats


def utility(first: Floats, second: Floats, rate: float) -> Floats:
    """U of values or of draws."""
    weighed: Floats = first + rate * second
    return weighed


def best_set(first: Draws, second: Draws, rate: float) -> Tied:
    """The λ tied with the best in U; the two quantities were drawn independently."""
    values = utility(first.values, second.values, rate)
    return tied_with_best(values, utility(first.samples, second.samples, rate))


def halves(first: Draws, second: Draws, splits: int = SPLITS) -> Halves:
    """Split every task's units in two, again and again; independent of r, so made once."""
    generator = np.random.default_rng([SEED, _STREAM])
    return Halves(
        _half_means(first.tables, splits, generator),
        _half_means(second.tables, splits, generator),
    )


def gain(first: Draws, second: Draws, split: Halves, rate: float, reference: int) -> Gain:
    """The gain of the best-looking column over the reference, naive and crossed."""
    whole = utility(first.values, second.values, rate)
    each = utility(split.first, split.second, rate)
    picks = each.argmax(axis=2)  # (splits × 2)
    reported = np.take_along_axis(each[:, ::-1], picks[..., None], axis=2)[..., 0]
    crossed = float((reported - each[:, ::-1, reference]).mean())
    shares = np.bincount(picks.ravel(), minlength=len(whole)) / picks.size
    drawn = utility(first.samples, second.samples, rate)
    variances = (drawn - drawn[:, [reference]]).var(axis=0, ddof=1)
    return Gain(
        naive=float(whole.max() - whole[reference]),
        crossed=crossed,
        interval=_around(crossed, sqrt(float(shares @ variances))),
        picked=tuple(float(share) for share in shares),
    )


def _around(value: float, error: float) -> Span | None:
    """Each half has twice the variance of the whole, and two of them are averaged."""
    reach = NormalDist().inv_cdf(0.5 + LEVEL / 2) * error
    return Span(value - reach, value + reach) if error else None


def _half_means(tables: Sequence[Table], splits: int, generator: np.random.Generator) -> Floats:
    return macro([_task_halves(table, splits, generator) for table in tables])


def _task_halves(table: Table, splits: int, generator: np.random.Generator) -> Floats:
    """(splits × 2 × columns) means of one task; of an odd number the halves take turns."""
    order = generator.random((splits, table.units)).argsort(axis=1).argsort(axis=1)
    cut = (table.units + np.arange(splits) % 2) // 2
    chosen = (order < cut[:, None]).astype(np.float64)
    masks = np.stack([chosen, 1.0 - chosen], axis=1)
    means: Floats = (masks @ unit_sums(table)) / (masks @ unit_sizes(table))
    return means
