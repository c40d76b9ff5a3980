"""Every view of few-shot accuracy as CSV: all tasks and categories, both intervals.

One line a group, view and λ. Absent values are empty, with the reason in a column of its own.
"""

import csv
import io
from collections.abc import Iterator

from core.reports.points import Measure, TradeOff
from core.reports.views import VIEWS, Group

COLUMNS = (
    "pair", "group", "tasks", "view", "lam", "value", "n",
    "items_low", "items_high", "items_reason",
    "tasks_low", "tasks_high", "tasks_reason", "sweep_id",
)  # fmt: skip


def views_csv(line: TradeOff) -> str:
    """RFC 4180 text with a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for group in (line.few_shot.overall, *line.few_shot.categories):
        writer.writerows(_rows(line, group))
    return out.getvalue()


def _rows(line: TradeOff, group: Group) -> Iterator[list[object]]:
    for view in VIEWS:
        for reading in group.views[view]:
            measure = reading.measure
            about = [line.pair, group.name, len(group.tasks), view, str(reading.lam)]
            value = "" if measure.value is None else measure.value
            spans = [*_span(measure), *_span(reading.across_tasks)]
            yield [*about, value, measure.n, *spans, line.sweep_id]


def _span(measure: Measure) -> tuple[object, object, str]:
    ends = (measure.interval.low, measure.interval.high) if measure.interval else ("", "")
    return *ends, measure.reason or ""
