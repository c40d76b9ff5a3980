"""Every task at every λ against λ=1: the rows behind the heat map, in words and as CSV.

Each cell is the paired difference that the task table shows at that λ, with its interval. A
cell says of itself whether the interval leaves out 0, so that no colour has to. Not here:
drawing (`core/figures/heat.py`).
"""

import csv
import io
from dataclasses import dataclass
from itertools import groupby

from core.lam import Lam
from core.reports.points import Measure, TradeOff
from core.reports.sentences import Verdict, points_text, verdict
from core.reports.task_names import reading_names

NOT_MEASURED = Measure(None, 0, reason="not measured at this λ")
ABSENT = "–"
_WHOLE_FROM = 9.95  # points; larger differences are shown without a decimal
COLUMNS = (
    "pair", "category", "task", "lam", "difference_to_instruct", "low", "high", "n",
    "verdict", "reason", "run_id", "sweep_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One task at one λ."""

    lam: Lam
    difference: Measure  # to λ=1, points
    run_id: str | None  # None: not measured here

    @property
    def said(self) -> Verdict:
        """What the interval allows to be said."""
        return verdict(self.difference)

    @property
    def text(self) -> str:
        """The difference for a small cell; in brackets where no difference is shown."""
        value = self.difference.value
        if value is None:
            return ABSENT
        short = points_text(value)
        if abs(value) >= _WHOLE_FROM or short.endswith(".0"):
            short = f"{value:+.0f}".replace("-", "−") if round(value) else "0"
        if self.lam.is_instruct:
            return short
        return short if self.said in ("better", "worse") else f"({short})"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One task over every λ of the line."""

    task: str
    name: str  # for reading
    category: str
    cells: tuple[HeatCell, ...]


def heat_rows(line: TradeOff) -> tuple[HeatRow, ...]:
    """One row a task, categories together, in the suite's order."""
    categories = {task.task: task.category for point in line.points for task in point.tasks}
    names = reading_names(list(categories))
    order = list(dict.fromkeys(categories.values()))
    tasks = sorted(categories, key=lambda task: order.index(categories[task]))
    return tuple(HeatRow(task, names[task], categories[task], _cells(line, task)) for task in tasks)


def by_category(rows: tuple[HeatRow, ...]) -> dict[str, tuple[HeatRow, ...]]:
    """The rows of each category."""
    return {name: tuple(found) for name, found in groupby(rows, lambda row: row.category)}


def cell_number(rows: tuple[HeatRow, ...], task: str, lam: Lam) -> int | None:
    """Which square, from 1 in the order of drawing, is this task at this λ; None without one."""
    order = [(row.task, cell.lam) for row in rows for cell in row.cells]
    return order.index((task, lam)) + 1 if (task, lam) in order else None


def in_words(rows: tuple[HeatRow, ...]) -> str:
    """How many cells say what, and where the largest gain and loss are."""
    others = [(row, cell) for row in rows for cell in row.cells if not cell.lam.is_instruct]
    said = [cell.said for _, cell in others]
    shown = [(row, cell) for row, cell in others if cell.said in ("better", "worse")]
    total = sum(one != "not compared" for one in said)
    if not total:
        return "Nothing can be compared with λ = 1 yet."
    counted = (
        f"Of {total} differences to λ = 1 ({len(rows)} tasks), {said.count('better')} are shown "
        f"better, {said.count('worse')} worse, and {said.count('no difference shown')} show none."
    )
    return " ".join([counted, *_extremes(shown)])


def heat_csv(line: TradeOff, rows: tuple[HeatRow, ...]) -> str:
    """One line a cell, with its interval or the reason why there is none."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        for cell in row.cells:
            there = cell.difference
            ends = (there.interval.low, there.interval.high) if there.interval else ("", "")
            value = "" if there.value is None else there.value
            asked = (line.pair, row.category, row.task, str(cell.lam))
            about = (cell.said, there.reason or "", cell.run_id or "", line.sweep_id)
            writer.writerow([*asked, value, *ends, there.n, *about])
    return out.getvalue()


def _cells(line: TradeOff, task: str) -> tuple[HeatCell, ...]:
    cells = []
    for point in line.points:
        found = next((one for one in point.tasks if one.task == task), None)
        difference = NOT_MEASURED if found is None else found.difference
        cells.append(HeatCell(point.lam, difference, None if found is None else found.run_id))
    return tuple(cells)


def _extremes(shown: list[tuple[HeatRow, HeatCell]]) -> list[str]:
    """The largest shown gain and loss."""
    found = []
    for name, sign in (("gain", 1), ("loss", -1)):
        side = [(sign * (cell.difference.value or 0.0), row, cell) for row, cell in shown]
        side = [one for one in side if one[0] > 0]
        if side:
            _, row, cell = max(side, key=lambda one: one[0])
            value = points_text(cell.difference.value or 0.0)
            found.append(f"Largest {name}: {row.name}, {value} points at λ = {cell.lam}.")
    return found
