"""The flip ledger in a real browser: squares and keys open items, and the address keeps them."""

import pytest

from core.reports.ledger import Ledger, read_ledger
from core.reports.ledger_view import Asked, look
from core.store.runs import RunStore
from tests.browser.conftest import Visit
from tests.browser.test_task_map import store  # noqa: F401  (the same invented sweep)
from tests.synthetic_sweep import parents_now

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
ROWS, OPEN = ".ledger .item-row", ".ledger .item-row.open"


def invented(store: RunStore) -> Ledger:  # noqa: F811
    ledger = read_ledger(store, "tinyworld", "few-shot", content=parents_now())
    assert ledger is not None
    return ledger


def opens(visit: Visit, item: str) -> None:
    visit.page.wait_for_function(
        "item => document.querySelector('.st-key-flip-item')?.innerText.includes(item)"
        " && location.search.includes(item)",
        arg=item,
    )


def test_squares_and_keys_open_items(visit: Visit, store: RunStore) -> None:  # noqa: F811
    ledger, page = invented(store), visit.page
    task = ledger.tasks[1].name
    rows = look(ledger, Asked(task=task)).rows.tolist()
    page.goto(f"{visit.url}/items?lam=0.5&task={task}")
    page.locator(ROWS).first.wait_for()
    assert page.locator(ROWS).count() == len(rows)
    marks = page.locator(ROWS).nth(3).locator(".mark").all_inner_texts()
    assert marks == ["✓" if right else "✗" for right in ledger.right[rows[3]]]

    page.locator(ROWS).nth(3).locator(".mark").nth(2).click()
    opens(visit, ledger.items[rows[3]])
    page.wait_for_function(f"() => location.search.includes('lam={ledger.lams[2]}')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    opens(visit, ledger.items[rows[5]])
    for _ in range(6):  # quicker than the server answers: none of them is taken back
        page.keyboard.press("ArrowDown")
    opens(visit, ledger.items[rows[11]])
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    opens(visit, ledger.items[rows[5]])
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => location.search.includes('lam={ledger.lams[3]}')")
    page.keyboard.press("j")
    opens(visit, ledger.items[rows[6]])
    page.keyboard.press("k")
    opens(visit, ledger.items[rows[5]])
    assert page.locator(OPEN).count() == 1

    page.reload()  # the address alone brings it back
    page.locator(OPEN).wait_for()
    opens(visit, ledger.items[rows[5]])
    assert page.locator(ROWS).count() == len(rows)
    assert visit.complaints == []
