"""What a point is worth, moved by a person: other words, other stars, and a link that keeps it."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_trade_off import open_page, wait_until_changed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SAID, SENTENCE = ".st-key-weighed p", ".st-key-sentence p"


def test_moving_the_worth_by_keyboard_changes_the_words_and_the_link(visit: Visit) -> None:
    page = visit.page
    open_page(visit, "?lam=0.8&r=1")
    said = page.locator(SAID).first.inner_text()
    sentence = page.locator(SENTENCE).first.inner_text()
    assert "worth 1 few-shot point" in said
    page.locator(".st-key-weigh-row input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    assert "worth 0.7 few-shot points" in wait_until_changed(visit, SAID, said)
    page.wait_for_function("() => /r=0.7($|&)/.test(location.search)")
    assert page.evaluate("document.activeElement.type") == "range"  # the keyboard stays there
    assert page.locator(SENTENCE).first.inner_text() == sentence  # λ has not moved
    page.get_by_text("Why? The numbers behind this").click()
    page.get_by_text("Exchange rate of λ = 0.8").wait_for()
    assert visit.complaints == []
