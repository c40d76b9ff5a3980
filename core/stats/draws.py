"""One quantity at several λ together: its values, and the same draws of all of them.

What compares more than two λ at a time (the best, the front, a weighing of two quantities)
needs them on the same items, so an item that one of them lacks is left out, and counted. Which
λ stand in which column is the caller's to know. Two quantities with different items are drawn
under different streams: independently.

    draw([Table(values)], columns=range(13), stream=1)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.stats.bootstrap import (
    RESAMPLES,
    Floats,
    Table,
    complete,
    macro,
    means,
    resampled_means,
)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """The mean over tasks on the items that every column has."""

    tables: tuple[Table, ...]  # of those items alone
    values: Floats  # (columns)
    samples: Floats  # (resamples × columns)
    n: int  # items that every column has
    of: int  # items that any column has

    @property
    def errors(self) -> Floats:
        """The standard error of each column."""
        spread: Floats = self.samples.std(axis=0, ddof=1)
        return spread

    def gap(self, column: int, other: int) -> "Gap":
        """One column minus another, paired by item."""
        drawn = self.samples[:, column] - self.samples[:, other]
        value = float(self.values[column] - self.values[other])
        return Gap(value, float(drawn.std(ddof=1)), self.n)


@dataclass(frozen=True, slots=True)
class Gap:
    """A paired difference, its standard error, and over how many items."""

    value: float
    error: float
    n: int


def draw(
    tables: Sequence[Table], columns: Sequence[int], stream: int, resamples: int = RESAMPLES
) -> Draws | None:
    """Draw these columns together; None where a task has fewer than two units to draw from.

    The task at place t is drawn under stream + t.
    """
    kept = tuple(complete(table, list(columns)) for table in tables)
    if not kept or any(table.units < 2 for table in kept):
        return None
    drawn = [resampled_means(table, stream + at, resamples) for at, table in enumerate(kept)]
    items = sum(len(table.values) for table in kept)
    of = sum(int((~np.isnan(t.values[:, list(columns)])).any(axis=1).sum()) for t in tables)
    return Draws(kept, macro([means(table) for table in kept]), macro(drawn), items, of)
