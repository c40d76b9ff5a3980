"""The Judge page in a real browser: a deep link, a click on a bar, λ by keyboard."""

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
BARS = ".st-key-bars-card .js-plotly-plot .main-svg"
CHART = ".js-plotly-plot .main-svg"
SENTENCE = ".st-key-claim p"


def test_a_click_on_a_bar_and_the_keyboard_move_lambda(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/?lam=0.5")
    page.wait_for_selector(CHART)
    page.get_by_role("link", name="Judge").click()
    page.wait_for_selector(BARS)
    assert "prefers λ = 0.5" in page.locator(SENTENCE).first.inner_text()
    page.locator(".st-key-bars-card .barlayer .trace").last.locator("path").nth(0).click(force=True)
    page.wait_for_function("() => /lam=0($|&)/.test(location.search)")
    page.wait_for_function(
        "() => document.querySelector('.st-key-claim p').innerText.includes('λ = 0 ')"
    )
    page.locator(".st-key-dial input[type=range]").focus()
    page.keyboard.press("ArrowRight")  # 0.05: between measured λ
    page.wait_for_function(
        "() => document.querySelector('.st-key-claim p').innerText.includes('has no verdicts')"
    )
    assert page.evaluate("document.activeElement.type") == "range"
    assert visit.complaints == []
