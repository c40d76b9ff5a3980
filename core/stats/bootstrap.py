"""Paired bootstrap: items are drawn again within their task, the same draws for every λ.

A table holds one row an item and one column a λ; NaN is an absent value. Because each draw
picks rows, columns stay paired, and the interval of a difference is that of the differences.
Where items share a passage or template, whole clusters are drawn. Tasks are fixed: they are
the suite, not a sample of possible suites. Not here: files, λ, percent.

A draw of a mean takes one unit fewer than there are (Rao & Wu 1988). Drawing as many as there
are makes the spread too small by √((k − 1)/k): nothing at 200 items, a fifth at three passages.
A task of one unit shows no spread at all, and gets no interval.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.span import LEVEL, Span

Floats = NDArray[np.float64]
RESAMPLES = 2000
SEED = 2718
_CELLS_AT_ONCE = 4_000_000  # 32 MB of weights


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values of the items of one task: (items × columns), and each item's cluster."""

    values: Floats
    clusters: NDArray[np.intp] | None = None  # numbers 0 … k−1, or None: every item alone

    @property
    def units(self) -> int:
        """How many things are drawn: items, or clusters."""
        if self.clusters is None:
            return len(self.values)
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0


def means(table: Table) -> Floats:
    """Mean of each column over the items it has; NaN where it has none."""
    present = ~np.isnan(table.values)
    totals = np.where(present, table.values, 0.0).sum(axis=0)
    return _ratio(totals, present.sum(axis=0).astype(np.float64))


def counts(table: Table) -> NDArray[np.intp]:
    """How many items each column has."""
    present: NDArray[np.intp] = (~np.isnan(table.values)).sum(axis=0)
    return present


def differences(table: Table, column: int) -> Table:
    """Each column minus one of them; an item counts only where both are present."""
    return Table(table.values - table.values[:, [column]], table.clusters)


def complete(table: Table, columns: Sequence[int] | NDArray[np.intp]) -> Table:
    """The items that all of these columns have, in these columns alone."""
    values = table.values[:, columns]
    rows = ~np.isnan(values).any(axis=1)
    if table.clusters is None:
        return Table(values[rows])
    _, renumbered = np.unique(table.clusters[rows], return_inverse=True)
    return Table(values[rows], renumbered)


def unit_sums(table: Table) -> Floats:
    """(units × columns) sums over the items of each unit; an absent value adds nothing."""
    return _by_unit(np.nan_to_num(table.values), table)


def unit_sizes(table: Table) -> Floats:
    """(units × columns) how many values each unit has."""
    return _by_unit((~np.isnan(table.values)).astype(np.float64), table)


def resampled_means(table: Table, stream: int = 0, resamples: int = RESAMPLES) -> Floats:
    """(resamples × columns) means of drawn tables.

    The same `stream` gives the same draws; different tasks use different streams, so that
    they are drawn independently of each other.
    """
    sums, sizes = unit_sums(table), unit_sizes(table)
    if not np.isnan(table.values).any():  # every column has the same sizes: one is enough
        sizes = sizes[:, :1]
    parts = [
        _ratio(weights @ sums, weights @ sizes)
        for weights in drawn_weights(table.units, stream, resamples, table.units - 1)
    ]
    return np.concatenate(parts) if parts else np.empty((0, table.values.shape[1]))


def resampled_differences(
    table: Table, column: int, samples: Floats, stream: int = 0, resamples: int = RESAMPLES
) -> Floats:
    """What `resampled_means(differences(table, column))` gives, cheaper where it can be.

    `samples` are the table's own draws under the same stream. Without absent values the mean
    of the differences is the difference of the means, draw by draw.
    """
    if not np.isnan(table.values).any():
        return samples - samples[:, [column]]
    return resampled_means(differences(table, column), stream, resamples)


def span_of(samples: Floats, level: float = LEVEL) -> Span | None:
    """The percentile interval; None without samples or when one of them is undefined."""
    if samples.size == 0 or bool(np.isnan(samples).any()):
        return None
    tail, ordered = (1 - level) / 2, np.sort(samples)
    return Span(_quantile(ordered, tail), _quantile(ordered, 1 - tail))


def _quantile(ordered: Floats, share: float) -> float:
    """NumPy's own (linear) quantile of sorted values; a page asks for a thousand of them, and
    `np.quantile` takes ten times as long to find out that there is one axis and no weight.
    """
    at = share * (len(ordered) - 1)
    below = min(int(at), len(ordered) - 2) if len(ordered) > 1 else 0
    left, right = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    part = at - below
    return right - (right - left) * (1 - part) if part >= 0.5 else left + (right - left) * part


def macro(parts: Sequence[Floats]) -> Floats:
    """Mean over tasks, each task weighing the same."""
    averaged: Floats = np.mean(np.stack(parts), axis=0)
    return averaged


def drawn_weights(
    units: int, stream: int, resamples: int, size: int | None = None
) -> Iterator[Floats]:
    """How often each unit was drawn: (rows × units), in blocks small enough for memory.

    Each row adds up to `size`, by default the number of units.
    """
    if units == 0:
        return
    size = units if size is None else size
    generator = np.random.default_rng([SEED, stream])
    rows_at_once = max(1, _CELLS_AT_ONCE // units)
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        drawn = generator.integers(0, units, size=(rows, size), dtype=np.int64)
        drawn += np.arange(rows, dtype=np.int64)[:, None] * units
        flat = np.bincount(drawn.ravel(), minlength=rows * units)
        yield flat.reshape(rows, units).astype(np.float64)


def _by_unit(values: Floats, table: Table) -> Floats:
    if table.clusters is None:
        return values
    summed = np.zeros((table.units, values.shape[1]))
    np.add.at(summed, table.clusters, values)
    return summed


def _ratio(totals: Floats, sizes: Floats) -> Floats:
    there = np.broadcast_to(sizes > 0, totals.shape)
    return np.divide(totals, sizes, out=np.full_like(totals, np.nan), where=there)
