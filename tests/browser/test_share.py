"""What is given to others: the presenter's view, a report, and a link that is opened cold."""

from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_trade_off import open_page, wait_until_changed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SAID, SIDEBAR = ".st-key-present-said p", "[data-testid=stSidebar]"
FITS = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollHeight <= m.clientHeight }"  # noqa: E501


def test_presented_in_one_window_moved_by_arrows_and_left_by_esc(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(visit, "?present=1&lam=0.7")
    said = page.locator(SAID).first.inner_text()
    assert "λ = 0.7" in said and not page.locator(SIDEBAR).is_visible()
    page.locator(".st-key-present-dial input[type=range]").wait_for(state="attached")
    assert page.evaluate(FITS)
    page.keyboard.press("ArrowLeft")
    assert "λ = 0.6" in wait_until_changed(visit, SAID, said)
    page.wait_for_function("() => /lam=0.6/.test(location.search)")
    assert "present=1" in page.url
    assert "λ = 0.6" in page.locator(".st-key-present-say-chosen").inner_text()
    page.keyboard.press("Escape")
    page.locator(SIDEBAR).wait_for(state="visible")
    page.locator(".st-key-cards-row").wait_for()
    assert "present" not in page.url and "lam=0.6" in page.url
    assert visit.complaints == []


def test_a_report_is_saved_and_a_link_opens_another_page_cold(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.goto(f"{visit.url}/share?lam=0.3&r=0.5")
    page.get_by_role("button", name="Make the report at λ = 0.3").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save partway-tinyworld.html").click()
    saving.value.save_as(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "tinyworld at λ = 0.3" in html and "worth 0.5 few-shot points" in html
    page.goto(f"{visit.url}/share?lam=0.3&give=Links")
    address = page.locator(".st-key-links code").filter(has_text="/judge?").inner_text()
    page.goto("about:blank")
    page.goto(address)
    page.locator("[data-testid=stSliderThumbValue]").first.wait_for()
    assert page.locator("[data-testid=stSliderThumbValue]").first.inner_text() == "0.3"
    assert visit.complaints == []
