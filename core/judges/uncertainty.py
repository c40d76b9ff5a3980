"""How far a win rate could be off: bootstrap over instructions, for both rates.

Whole clusters are drawn where items share a template. Every function draws the same items for
the same n, so a difference between two λ is paired. `standard_error` of the win rate is
AlpacaEval's formula and agrees with the bootstrap; its lc_standard_error does not (about half
of it), because it leaves out the fit: hence the refits here, at the C of the whole. Not here:
the rates themselves (metrics.py, length_control.py).

    win_rate_spread(credits)                      # percent
    paired_difference(credits_at_07, credits_at_1)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.judges.calibration import Calibration
from core.judges.length_control import SMALLEST_N, length_controlled
from core.judges.length_fit import Design, Floats, LengthRow
from core.stats.bootstrap import (
    Table,
    differences,
    drawn_weights,
    means,
    resampled_means,
    span_of,
)
from core.stats.span import Span

PERCENT = 100.0
REFITS = 200  # of the regression: about a second
Clusters = Sequence[str | None]
ALL_EQUAL = "all {n} values are equal, so drawing again shows no spread"
TOO_FEW = "{n} values show no spread"
ONE_CLUSTER = "all values share one passage or template, so drawing again shows no spread"


@dataclass(frozen=True, slots=True)
class Spread:
    """A bootstrap error and 95 % interval in percent, or the reason for having none."""

    standard_error: float | None
    interval: Span | None
    resamples: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One rate minus another over the instructions that both have a verdict on."""

    value: float | None  # points; None without a common instruction
    n: int
    spread: Spread


def win_rate_spread(credits: Sequence[float | None], clusters: Clusters | None = None) -> Spread:
    """The spread of the mean credit (0 lost, 1 won, None missing), in percent."""
    return _spread_of_mean(_table(_column(credits), clusters))


def paired_difference(
    credits: Sequence[float | None],
    others: Sequence[float | None],
    clusters: Clusters | None = None,
) -> Difference:
    """The win rate minus another one, both given in the same order of instructions."""
    both = np.column_stack([_column(credits), _column(others)])
    gaps = Table(differences(_table(both, clusters), 1).values[:, :1], _numbered(clusters))
    n = int((~np.isnan(gaps.values)).sum())
    value = float(means(gaps)[0]) if n else None
    return Difference(value, n, _spread_of_mean(gaps))


def length_controlled_spread(
    rows: Sequence[LengthRow],
    calibration: Calibration | None = None,
    clusters: Clusters | None = None,
) -> Spread:
    """The spread of the length-controlled rate, refitted at each draw; None where it is None."""
    whole = length_controlled(rows, calibration, guarded=False)
    if whole.strength is None or whole.n < SMALLEST_N:
        return Spread(None, None, 0, whole.reason or TOO_FEW.format(n=whole.n))
    if _units(rows, clusters) < 2:
        return Spread(None, None, 0, ONE_CLUSTER)
    return _spread(_refits(rows, calibration, clusters, whole.strength))


def length_controlled_difference(
    rows: Sequence[LengthRow],
    others: Sequence[LengthRow],
    calibration: Calibration | None = None,
    clusters: Clusters | None = None,
) -> Difference:
    """One length-controlled rate minus another, fitted on the instructions that both have."""
    ours, theirs = _common(rows, others)
    n = sum(row.credit is not None for row in ours)
    one = length_controlled(ours, calibration, guarded=False)
    two = length_controlled(theirs, calibration, guarded=False)
    if one.value is None or two.value is None or one.strength is None or two.strength is None:
        return Difference(None, n, Spread(None, None, 0, one.reason or two.reason))
    if n < SMALLEST_N:
        return Difference(one.value - two.value, n, Spread(None, None, 0, TOO_FEW.format(n=n)))
    if _units(rows, clusters) < 2:
        return Difference(one.value - two.value, n, Spread(None, None, 0, ONE_CLUSTER))
    drawn = _refits(ours, calibration, clusters, one.strength)
    drawn = drawn - _refits(theirs, calibration, clusters, two.strength)
    return Difference(one.value - two.value, n, _spread(drawn))


def _common(
    rows: Sequence[LengthRow], others: Sequence[LengthRow]
) -> tuple[list[LengthRow], list[LengthRow]]:
    """Both lists, without the credit where the other one has none."""
    pairs = list(zip(rows, others, strict=True))
    missing = [one.credit is None or two.credit is None for one, two in pairs]
    return (
        [_without(one, gone) for (one, _), gone in zip(pairs, missing, strict=True)],
        [_without(two, gone) for (_, two), gone in zip(pairs, missing, strict=True)],
    )


def _without(row: LengthRow, gone: bool) -> LengthRow:
    return row._replace(credit=None) if gone else row


def _refits(
    rows: Sequence[LengthRow],
    calibration: Calibration | None,
    clusters: Clusters | None,
    strength: float,
) -> Floats:
    numbers = _numbered(clusters)
    units = _units(rows, clusters)
    rates = []
    for block in drawn_weights(units, 0, REFITS, units - 1):
        for drawn in block:
            design = Design.of(rows, calibration, drawn if numbers is None else drawn[numbers])
            rates.append(PERCENT * _refit(design, strength))
    return np.array(rates)


def _units(rows: Sequence[LengthRow], clusters: Clusters | None) -> int:
    numbers = _numbered(clusters)
    return len(rows) if numbers is None else int(numbers.max()) + 1


def _refit(design: Design, strength: float) -> float:
    """The rate of one draw, 0–1; all lost (or won) is 0 (or 1), which no fit can say."""
    if len(set(design.targets)) == 1 and design.targets[0] in (0.0, 1.0):
        return float(design.targets[0])
    return float(design.chances(design.fit(strength)).mean())


def _spread_of_mean(table: Table) -> Spread:
    held = table.values[~np.isnan(table.values)]
    if len(held) < 2:
        return Spread(None, None, 0, TOO_FEW.format(n=len(held)))
    if (held == held[0]).all():
        return Spread(None, None, 0, ALL_EQUAL.format(n=len(held)))
    if table.units < 2:
        return Spread(None, None, 0, ONE_CLUSTER)
    return _spread(resampled_means(table)[:, 0])


def _spread(samples: Floats) -> Spread:
    return Spread(float(samples.std(ddof=1)), span_of(samples), len(samples))


def _column(credits: Sequence[float | None]) -> Floats:
    return np.array([np.nan if credit is None else PERCENT * credit for credit in credits])


def _table(values: Floats, clusters: Clusters | None) -> Table:
    return Table(values if values.ndim == 2 else values[:, None], _numbered(clusters))


def _numbered(clusters: Clusters | None) -> "np.ndarray[tuple[int], np.dtype[np.intp]] | None":
    """Cluster numbers 0 … k−1; an item without a cluster stands alone."""
    if clusters is None or all(cluster is None for cluster in clusters):
        return None
    numbers: dict[tuple[bool, str], int] = {}
    keys = [(name is None, str(row) if name is None else name) for row, name in enumerate(clusters)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
