"""Keys in a real browser: votes in a blind tasting, rows of a batch; and a permalink's way back."""

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PANES, TOLD = "[class*=st-key-taste-pane-]", "[data-testid=stCaptionContainer]"
CARD = ".film .card"


def says(visit: Visit, words: str) -> None:
    visit.page.get_by_text(words).first.wait_for()


def test_keys_vote_undo_and_nothing_tells_before_the_reveal(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/side_by_side?part=Taste+blind")
    page.get_by_role("button", name="Begin").click()
    page.locator(PANES).nth(1).wait_for()
    said = []
    for votes, key in enumerate("120x", start=1):
        page.wait_for_timeout(600)  # as quick as is taken for reading
        page.keyboard.press(key)
        says(visit, f"{votes} votes by anonymous")
        said.append(page.locator(PANES).first.inner_text())
    assert len(set(said)) > 1
    assert "λ" not in page.locator(".st-key-taste-panes-row").inner_text()
    page.keyboard.press("u")
    says(visit, "3 votes by anonymous")
    page.get_by_role("button", name="Reveal").click()
    says(visit, "3 votes of 1 person")
    page.locator(".js-plotly-plot").wait_for()
    page.reload()  # votes are on the disk, the sitting was the tab's
    says(visit, "What people chose so far (3 votes)")
    assert visit.complaints == []


def test_keys_step_through_rows_and_history_leads_to_a_permalink(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/side_by_side?part=Batch")
    says(visit, "Row 1 of ")
    page.locator(CARD).first.wait_for()
    page.keyboard.press("j")
    says(visit, "Row 2 of ")
    page.keyboard.press("k")
    says(visit, "Row 1 of ")
    read = page.get_by_role("button", name="Read")
    before = read.count()  # the parts' own switch has one
    page.get_by_text("History", exact=True).click()
    read.nth(before).wait_for()  # a kept filmstrip's, which comes with the list
    read.last.click()
    page.wait_for_function("() => /strip=[0-9a-f]{20}/.test(location.search)")
    page.locator(CARD).nth(10).wait_for()
    text = page.locator(CARD).first.inner_text()
    page.reload()
    page.locator(CARD).nth(10).wait_for()
    assert page.locator(CARD).first.inner_text() == text
    assert visit.complaints == []
