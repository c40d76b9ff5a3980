"""Every task at every λ: the cells are the table's differences, and each says what it allows."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from core.lam import BASE, INSTRUCT, Lam
from core.reports.heat import (
    ABSENT,
    HeatCell,
    by_category,
    cell_number,
    heat_csv,
    heat_rows,
    in_words,
)
from core.reports.points import Interval, Measure, TradeOff
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.store.runs import RunStore
from tests.made_trade_off import TASKS, made_trade_off


@pytest.fixture(scope="module", params=["made", "published"])
def line(request: pytest.FixtureRequest) -> TradeOff:
    found = made_trade_off()
    if request.param == "published":
        read = read_trade_off(RunStore(Path(PUBLISHED)), "tinyworld")
        assert read is not None
        return read
    return found


def cell(low: float, value: float, high: float, lam: Lam = BASE) -> HeatCell:
    return HeatCell(lam, Measure(value, 100, Interval(low, high, "made")), "run")


def test_a_cell_is_the_difference_of_its_task_at_its_lam(line: TradeOff) -> None:
    rows = {row.task: row for row in heat_rows(line)}
    for at, point in enumerate(line.points):
        assert {task.task for task in point.tasks} == set(rows)
        for task in point.tasks:
            held = rows[task.task].cells[at]
            assert (held.lam, held.difference) == (point.lam, task.difference)
            assert held.run_id == task.run_id


def test_categories_stand_together(line: TradeOff) -> None:
    rows = heat_rows(line)
    blocks = by_category(rows)
    assert tuple(row for block in blocks.values() for row in block) == rows
    assert list(blocks) == list(dict.fromkeys(task.category for task in line.points[0].tasks))


def test_tasks_of_a_category_come_together_where_the_suite_mixes_them() -> None:
    line = made_trade_off()
    mixed = tuple(replace(p, tasks=p.tasks[::2] + p.tasks[1::2]) for p in line.points)
    rows = heat_rows(replace(line, points=mixed))
    assert len(by_category(rows)) == len({category for _, category, _ in TASKS})
    assert sum(map(len, by_category(rows).values())) == len(TASKS)


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (cell(2.0, 12.4, 20.0), "+12"),
        (cell(0.5, 2.25, 4.0), "+2.2"),
        (cell(1.0, 3.0, 4.0), "+3"),
        (cell(-30.0, -12.0, -1.0), "−12"),
        (cell(-1.0, 4.0, 9.0), "(+4)"),
        (cell(-9.0, -0.5, 8.0), "(−0.5)"),
        (cell(-1.0, 0.0, 1.0), "(0)"),
        (HeatCell(INSTRUCT, Measure(0.0, 9, reason="0 by definition"), "run"), "0"),
        (HeatCell(BASE, Measure(None, 0, reason="not measured"), None), ABSENT),
    ],
)
def test_brackets_say_that_no_difference_is_shown(held: HeatCell, text: str) -> None:
    assert held.text == text


def test_brackets_are_there_exactly_where_the_interval_holds_zero(line: TradeOff) -> None:
    for row in heat_rows(line):
        for held in row.cells:
            interval = held.difference.interval
            if interval is not None and not held.lam.is_instruct:
                inside = interval.low <= 0 <= interval.high
                assert (held.text[0] == "(") == inside, (row.task, held)


def test_what_is_not_measured_is_absent_and_never_zero() -> None:
    line = made_trade_off()
    first = replace(line.points[0], tasks=line.points[0].tasks[1:])
    rows = heat_rows(replace(line, points=(first, *line.points[1:])))
    (missing,) = [row for row in rows if row.task == TASKS[0][0]]
    assert missing.cells[0].text == ABSENT and missing.cells[0].run_id is None
    assert missing.cells[1].difference.value is not None


def test_words_count_the_cells(line: TradeOff) -> None:
    rows = heat_rows(line)
    others = [held.said for row in rows for held in row.cells if not held.lam.is_instruct]
    words = in_words(rows)
    assert f"Of {len(others)} differences" in words
    assert f"{others.count('better')} are shown better" in words
    assert f"{others.count('worse')} worse" in words


def test_without_lam_one_the_words_say_so() -> None:
    line = made_trade_off()
    none = Measure(None, 0, reason="λ=1 is not measured yet")
    points = tuple(
        replace(p, tasks=tuple(replace(task, difference=none) for task in p.tasks))
        for p in line.points[:3]
    )
    assert in_words(heat_rows(replace(line, points=points))).startswith("Nothing can be compared")


def test_a_cell_is_found_by_its_number(line: TradeOff) -> None:
    rows = heat_rows(line)
    columns = len(line.points)
    assert cell_number(rows, rows[0].task, line.points[0].lam) == 1
    assert cell_number(rows, rows[2].task, line.points[3].lam) == 2 * columns + 4
    assert cell_number(rows, rows[0].task, Lam(333)) is None
    assert cell_number(rows, "nobody", BASE) is None


def test_the_file_holds_every_cell(line: TradeOff) -> None:
    rows = heat_rows(line)
    read = list(csv.DictReader(io.StringIO(heat_csv(line, rows))))
    assert len(read) == len(rows) * len(line.points)
    for written, held in zip(read, [one for row in rows for one in row.cells], strict=True):
        assert written["lam"] == str(held.lam) and written["run_id"] == held.run_id
        assert float(written["difference_to_instruct"]) == held.difference.value
        assert (written["low"] == "") == (held.difference.interval is None)
