"""The heat map as drawn: centred at 0, and a click leads back to exactly its cell."""

import pytest

from core.figures.heat import heat
from core.figures.panels import panels
from core.lam import Lam
from core.reports.heat import cell_number, heat_rows
from core.reports.views import VIEWS, View
from tests.made_trade_off import made_trade_off

LINE = made_trade_off()
ROWS = heat_rows(LINE)


def test_the_scale_is_centred_at_no_difference_and_holds_every_value() -> None:
    axis = heat(ROWS).layout.coloraxis
    values = [abs(cell.difference.value or 0.0) for row in ROWS for cell in row.cells]
    assert axis.cmid == 0 and axis.cmin == -axis.cmax and axis.cmax >= max(values)


def test_a_click_carries_the_lam_and_the_task_of_its_cell() -> None:
    (squares,) = [trace for trace in heat(ROWS).data if trace.type == "scatter"]
    for number, (thousandths, task) in enumerate(squares.customdata, start=1):
        assert cell_number(ROWS, task, Lam(thousandths)) == number
    assert len(squares.customdata) == len(ROWS) * len(LINE.points)


def test_squares_lie_on_the_cells_they_stand_for() -> None:
    figure = heat(ROWS)
    (squares,) = [trace for trace in figure.data if trace.type == "scatter"]
    drawn = {
        (x, y): value
        for block in figure.data
        if block.type == "heatmap"
        for y, line in zip(block.y, block.z, strict=True)
        for x, value in zip(block.x, line, strict=True)
    }
    held = {(row.task, cell.lam.thousandths): cell for row in ROWS for cell in row.cells}
    places = zip(squares.x, squares.y, squares.customdata, strict=True)
    for x, y, (thousandths, task) in places:
        assert drawn[x, y] == held[task, thousandths].difference.value
    assert len(drawn) == len(held)


def test_every_cell_says_its_number_without_colour() -> None:
    blocks = [trace for trace in heat(ROWS).data if trace.type == "heatmap"]
    shown = [text for block in blocks for line in block.text for text in line]
    assert shown == [
        f"<b>{cell.text}</b>" if cell.said in ("better", "worse") else cell.text
        for row in ROWS
        for cell in row.cells
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_panels_hold_the_readings_of_their_category(view: View) -> None:
    figure = panels(LINE.few_shot, view)
    curves = [trace for trace in figure.data if trace.mode == "lines+markers"]
    for trace, group in zip(curves, LINE.few_shot.categories, strict=True):
        assert list(trace.y) == [one.measure.value for one in group.views[view]]
    windows = {axis.range for axis in figure.select_yaxes()}
    assert (len(windows) > 1) == (view == "fractional")  # heights compare, but for percentages
