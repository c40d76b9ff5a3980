"""The heat map in a real browser: a click opens the cell's items, and nothing is drawn again."""

from pathlib import Path

import pytest

from core.lam import Lam
from core.reports.heat import HeatRow, cell_number, heat_rows
from core.reports.items import read_items
from core.reports.points import TradeOff
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.store.runs import RunStore
from tests.browser.conftest import Visit
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
MAP = ".st-key-heat-card .js-plotly-plot"
PANEL = ":is(.st-key-items-card, .st-key-items-hint)"
SQUARES = ".st-key-heat-card .scatterlayer .points path"
SAYS = "([selector, text]) => document.querySelector(selector)?.innerText.includes(text)"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    """What the server reads: the same invented sweep (from fixed draws), and what ships."""
    folder: Path = tmp_path_factory.mktemp("same")
    write_synthetic_sweep(folder, Invented(items=20, instructions=20, parents=parents_now()))
    return RunStore(folder, also=(PUBLISHED,))


def read_line(store: RunStore) -> TradeOff:
    line = read_trade_off(store, "tinyworld", content=parents_now())
    assert line is not None
    return line


def said(store: RunStore, task: str, lam: Lam) -> str:
    """What the panel must say of this cell, counted from its items."""
    point = read_line(store).at(lam)
    assert point is not None
    (score,) = [one for one in point.tasks if one.task == task]
    items = read_items(store, score.run_id, score.metric)
    return f"{sum(item.correct for item in items)} of {len(items)} right"


def click(visit: Visit, rows: tuple[HeatRow, ...], task: str, lam: Lam) -> None:
    number = cell_number(rows, task, lam)
    assert number is not None
    visit.page.locator(MAP).scroll_into_view_if_needed()
    box = visit.page.locator(SQUARES).nth(number - 1).bounding_box()
    assert box is not None
    # Away from the middle: the whole cell must take the click.
    visit.page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"])


def shows(visit: Visit, text: str) -> None:
    visit.page.wait_for_function(SAYS, arg=[PANEL, text])


def test_a_click_on_a_cell_opens_its_items(visit: Visit, store: RunStore) -> None:
    line, page = read_line(store), visit.page
    rows = heat_rows(line)
    task, other = rows[len(rows) // 2].task, rows[-1].task
    page.goto(f"{visit.url}/?lam=0.8")
    page.locator(SQUARES).last.wait_for(state="attached")
    page.locator(MAP).scroll_into_view_if_needed()
    drawn = page.locator(".st-key-heat-card .heatmap-label").count()
    assert drawn == len(rows) * len(line.points)  # a number in every cell
    shows(visit, "Click a cell of the map")
    page.evaluate("selector => document.querySelector(selector).drawn = 'once'", MAP)
    before = page.locator(MAP).bounding_box()

    click(visit, rows, task, Lam(300))
    shows(visit, said(store, task, Lam(300)))
    page.wait_for_function("() => /lam=0.3&/.test(location.search + '&')")
    assert f"task={task}" in page.url
    number = cell_number(rows, task, Lam(300))
    assert number is not None
    marked = page.locator(SQUARES).nth(number - 1)
    assert marked.evaluate("square => getComputedStyle(square).opacity") == "1"

    page.locator(".st-key-dial input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    shows(visit, "has not been measured at λ = 0.35")
    click(visit, rows, task, Lam(300))  # Plotly takes its selection back; we go there again
    shows(visit, said(store, task, Lam(300)))
    click(visit, rows, other, Lam(1000))
    shows(visit, said(store, other, Lam(1000)))

    page.locator(MAP).scroll_into_view_if_needed()
    assert page.evaluate("selector => document.querySelector(selector).drawn", MAP) == "once"
    after = page.locator(MAP).bounding_box()
    assert (
        before
        and after
        and (before["width"], before["height"])
        == (
            after["width"],
            after["height"],
        )
    )
    assert visit.complaints == []
