"""From tables of items to numbers with an interval, or with the reason for having none.

Values are on the scale 0–100. Not here: which runs make a table (`joined.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.reports.points import Interval, Measure
from core.stats.bootstrap import (
    RESAMPLES,
    Floats,
    Table,
    counts,
    differences,
    macro,
    means,
    resampled_differences,
    resampled_means,
    span_of,
)
from core.stats.few_units import ENOUGH, span_by_units
from core.stats.span import Span
from core.stats.wilson import wilson

PERCENT = 100.0
BY_ITEM = f"95 %, bootstrap by item, {RESAMPLES} resamples"
BY_CLUSTER = f"95 %, bootstrap by passage or template, {RESAMPLES} resamples"
BY_FEW = f"95 %, Student's t from {{units}} {{things}}, error by bootstrap, {RESAMPLES} resamples"
WITHIN_TASK = f"95 %, paired bootstrap by item within task, {RESAMPLES} resamples, tasks fixed"
WILSON = "95 %, Wilson"
ALL_EQUAL = "95 %, Wilson, because all items agree"
NO_ITEM = "not measured yet"
NO_REFERENCE = "λ=1 is not measured on this curve"
ALL_AGREE = "within each task all items agree, so drawing them again shows no spread"
SAME_ITEMS = "all {n} items are the same as at λ=1"
NO_SPREAD = "too few items, passages or templates to draw from for an interval"
BY_DEFINITION = "0 by definition: this is λ=1"


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """A table with its draws; `reference` is the column of λ=1, if it was measured."""

    table: Table
    reference: int | None
    values: Floats
    samples: Floats
    gaps: Table | None
    gap_values: Floats | None
    gap_samples: Floats | None


def resample(table: Table, reference: int | None, stream: int) -> Resampled:
    """Draw the table, and its differences to the reference column, with the same draws."""
    samples = resampled_means(table, stream)
    if reference is None or not counts(table)[reference]:
        return Resampled(table, None, means(table), samples, None, None, None)
    gaps = differences(table, reference)
    drawn = resampled_differences(table, reference, samples, stream)
    return Resampled(table, reference, means(table), samples, gaps, means(gaps), drawn)


def share(drawn: Resampled, column: int) -> Measure:
    """The mean of one column: Wilson for yes/no items that stand alone, else bootstrap."""
    n = int(counts(drawn.table)[column])
    if n == 0:
        return Measure(None, 0, reason=NO_ITEM)
    value = float(drawn.values[column])
    return _with_interval(value, n, _share_interval(drawn, column, value))


def mean_of(drawn: Resampled, column: int) -> Measure:
    """The mean of one column that is no share: of lengths, say."""
    n = int(counts(drawn.table)[column])
    if n == 0:
        return Measure(None, 0, reason=NO_ITEM)
    value = float(drawn.values[column])
    found = _drawn(drawn.table, value, drawn.samples[:, column])
    if found is not None and found.low == found.high:
        return Measure(value, n, reason=ALL_AGREE)
    return _with_interval(value, n, found)


def difference(drawn: Resampled, column: int) -> Measure:
    """The column minus that of λ=1, over the items that both have."""
    if drawn.gaps is None or drawn.gap_values is None or drawn.gap_samples is None:
        return Measure(None, 0, reason=NO_REFERENCE)
    n = int(counts(drawn.gaps)[column])
    if column == drawn.reference:
        return Measure(0.0, n, reason=BY_DEFINITION)
    if n == 0:
        return Measure(None, 0, reason=NO_ITEM)
    value = float(drawn.gap_values[column])
    if not np.nan_to_num(drawn.gaps.values[:, column]).any():
        return Measure(value, n, reason=SAME_ITEMS.format(n=n))
    return _with_interval(value, n, _drawn(drawn.gaps, value, drawn.gap_samples[:, column]))


def macro_mean(tasks: Sequence[Resampled], column: int) -> Measure:
    """The mean over tasks; absent until every task is measured."""
    held = [int(counts(task.table)[column]) for task in tasks]
    if not all(held) or not held:
        return Measure(None, sum(held), reason=_unfinished(held))
    value = float(np.mean([task.values[column] for task in tasks]))
    span = span_of(macro([task.samples[:, column] for task in tasks]))
    if span is not None and span.low == span.high:
        return Measure(value, sum(held), reason=ALL_AGREE)
    return _with_interval(value, sum(held), _interval(span, WITHIN_TASK))


def macro_difference(tasks: Sequence[Resampled], column: int) -> Measure:
    """The mean over tasks of the differences to λ=1."""
    gaps = [
        (task.gaps, task.gap_values, task.gap_samples)
        for task in tasks
        if task.gaps is not None and task.gap_values is not None and task.gap_samples is not None
    ]
    if len(gaps) < len(tasks) or not gaps:
        return Measure(None, 0, reason=NO_REFERENCE)
    held = [int(counts(table)[column]) for table, _, _ in gaps]
    if not all(held):
        return Measure(None, sum(held), reason=_unfinished(held))
    if column == tasks[0].reference:
        return Measure(0.0, sum(held), reason=BY_DEFINITION)
    value = float(np.mean([values[column] for _, values, _ in gaps]))
    if not any(np.nan_to_num(table.values[:, column]).any() for table, _, _ in gaps):
        return Measure(value, sum(held), reason=SAME_ITEMS.format(n=sum(held)))
    drawn = macro([samples[:, column] for _, _, samples in gaps])
    return _with_interval(value, sum(held), _interval(span_of(drawn), WITHIN_TASK))


def _share_interval(drawn: Resampled, column: int, value: float) -> Interval | None:
    held = drawn.table.values[:, column]
    held = held[~np.isnan(held)]
    alone = drawn.table.clusters is None
    binary = bool(np.isin(held, (0.0, PERCENT)).all())
    equal = bool((held == held[0]).all())
    if (binary and alone) or equal:
        # Items that all agree make every resample equal: the bootstrap would claim certainty.
        units = len(held) if alone else drawn.table.units
        span = wilson(value / PERCENT * units, units)
        return _interval(_scaled(span), WILSON if binary and alone else ALL_EQUAL)
    found = _drawn(drawn.table, value, drawn.samples[:, column])
    return found and replace(found, low=max(found.low, 0.0), high=min(found.high, PERCENT))


def _drawn(table: Table, value: float, samples: Floats) -> Interval | None:
    """Percentiles of the draws, or t where there are few units to draw from."""
    alone = table.clusters is None
    method = BY_ITEM if alone else BY_CLUSTER
    if table.units < ENOUGH:
        things = "items" if alone else "passages or templates"
        method = BY_FEW.format(units=table.units, things=things)
    return _interval(span_by_units(value, samples, table.units), method)


def _with_interval(value: float, n: int, interval: Interval | None) -> Measure:
    return Measure(value, n, interval, None if interval else NO_SPREAD)


def _scaled(span: Span | None) -> Span | None:
    return span and Span(span.low * PERCENT, span.high * PERCENT)


def _interval(span: Span | None, method: str) -> Interval | None:
    return span and Interval(span.low, span.high, method)


def _unfinished(held: Sequence[int]) -> str:
    there = sum(1 for n in held if n)
    return f"{there} of {len(held)} tasks measured so far" if there else NO_ITEM
