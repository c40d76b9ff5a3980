"""Side by side in a real browser: columns grow together, and nothing is lost on the way.

Named so that it runs after the Trade-off page's tests, which look at an engine that has not
been started.
"""

from pathlib import Path

import pytest

from core.engine.protocol import Message
from core.lam import BASE, INSTRUCT
from core.spec import Decoding, PairIdentity
from core.store.filmstrip import Asked, Column, ColumnAnswer, Filmstrip
from core.store.filmstrips import FilmstripStore
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TOLD = ".st-key-film-told"
BEGINS = "([selector, word]) => document.querySelector(selector)?.innerText.match(`^(${word})`)"
STORY = "Tell me a story about a cat."  # of which two λ find no end
LONGEST = 400
HOSTILE = (
    "<img src=x onerror=\"window.broken='img'\"><script>window.broken='script'</script> **bold** "
    "$x^2$ :red[red] [a](javascript:b) `c` <b>d</b>\n# no heading\u202egnp"
)


def open_page(visit: Visit, query: str = "") -> None:
    visit.page.goto(f"{visit.url}/side_by_side{query}")
    visit.page.get_by_label("Prompt", exact=True).wait_for()


def has_prompt(visit: Visit, text: str) -> None:
    from playwright.sync_api import expect

    expect(visit.page.get_by_label("Prompt", exact=True)).to_have_value(text, timeout=20_000)


def generate(visit: Visit, prompt: str, tokens: int) -> None:
    """Ask in the middle of the longest answers that there are: a base that never stops."""
    page = visit.page
    page.get_by_label("At most tokens").fill(str(tokens))
    page.get_by_label("At most tokens").press("Enter")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function(BEGINS, arg=[TOLD, "Writing"])


def texts(visit: Visit) -> list[str]:
    return visit.page.locator(".card .text").all_inner_texts()


def all_begun(visit: Visit) -> list[str]:
    """The texts once every column has some, while the answers are still being written."""
    found = texts(visit)
    while len(found) < 11 or not all(text.strip() for text in found):
        visit.page.wait_for_timeout(30)
        found = texts(visit)
    assert visit.page.locator(TOLD).inner_text().startswith("Writing")
    return found


def test_eleven_columns_stream_together_and_stop_stops(visit: Visit) -> None:
    page = visit.page
    open_page(visit)
    generate(visit, STORY, LONGEST)
    begun = all_begun(visit)
    writing = page.locator(".card .badge", has_text="writing")
    assert len(begun) == 11 and writing.count() > 1
    page.get_by_role("button", name="Stop").click()
    page.locator(".card .badge", has_text="stopped").first.wait_for()
    page.wait_for_function(BEGINS, arg=[TOLD, "Done"])
    stopped = texts(visit)
    page.wait_for_timeout(600)
    assert texts(visit) == stopped and writing.count() == 0
    assert page.get_by_role("button", name="Generate").is_enabled()
    assert visit.complaints == []


def test_a_reload_in_the_middle_goes_on_and_the_link_restores_it(visit: Visit) -> None:
    page = visit.page
    open_page(visit)
    generate(visit, STORY, LONGEST)
    begun = all_begun(visit)
    page.wait_for_function("() => location.search.includes('film=')")
    page.reload()
    page.wait_for_function(BEGINS, arg=[TOLD, "Writing|Done"])  # not "Kept": it is the same film
    has_prompt(visit, STORY)
    page.wait_for_function(BEGINS, arg=[TOLD, "Done"])
    page.wait_for_function("() => /strip=[0-9a-f]{20}/.test(location.search)")
    assert "film=" not in page.url
    page.locator(".card").nth(10).wait_for()
    said, link = texts(visit), page.url
    assert all(text.startswith(part) for text, part in zip(said, begun, strict=True))
    assert said != begun
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function(BEGINS, arg=[TOLD, "Kept"])
    page.locator(".card").nth(10).wait_for()
    assert texts(visit) == said
    has_prompt(visit, STORY)
    assert visit.complaints == []


def kept(folder: Path, prompt: str, answers: tuple[str, ...]) -> str:
    """A filmstrip that needs no engine; returns its id."""
    pair = PairIdentity("tinyworld", "0" * 20, "1" * 20)
    columns = tuple(Column(pair, lam) for lam in (BASE, INSTRUCT))
    asked = Asked("chat", (Message("user", prompt),), columns, Decoding(80))
    told = tuple(ColumnAnswer(text, 5, "stop") for text in answers)
    strip = Filmstrip(asked, told, {"tinyworld": prompt}, "2026-01-31T12:00:00+00:00")
    FilmstripStore(folder / "results").save(strip)
    return strip.strip_id


def test_what_a_browser_would_act_on_is_shown_as_it_is(visit: Visit, folder: Path) -> None:
    page = visit.page
    hostile = kept(folder, HOSTILE, (HOSTILE, f"shared {HOSTILE}"))
    open_page(visit, f"?strip={hostile}")
    page.locator(".card .text").nth(1).wait_for()
    seen = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    assert texts(visit) == [seen, f"shared {seen}"]
    page.get_by_text("The exact text that the models were given").click()
    page.locator("[data-testid=stCode]").wait_for()
    assert page.evaluate("window.broken") is None
    assert page.locator(".card img, .card script, .card a, .card b + b").count() == 0
    assert visit.complaints == []


def test_arrow_keys_move_along_lambda_as_along_a_film(visit: Visit, folder: Path) -> None:
    page = visit.page
    open_page(visit, f"?strip={kept(folder, 'Two?', ('one two', 'one three'))}")
    page.locator(".card").nth(1).wait_for()
    page.keyboard.press("Enter")
    shown = page.locator(".card:visible")
    assert shown.count() == 1 and "λ 0" in shown.inner_text()
    page.keyboard.press("ArrowRight")
    assert "λ 1" in shown.inner_text() and "three" in shown.inner_text()
    page.keyboard.press("ArrowRight")  # the film has an end
    assert "λ 1" in shown.inner_text()
    page.keyboard.press("Home")
    assert "λ 0" in shown.inner_text()
    page.keyboard.press("Escape")
    assert shown.count() == 2
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.press("Enter")  # typing is typing
    assert shown.count() == 2
    assert visit.complaints == []


def test_why_it_changed_is_shown_for_the_place_that_is_clicked(visit: Visit) -> None:
    page = visit.page
    open_page(visit)
    columns = page.locator(".st-key-ask_columns input")
    columns.fill("0, 0.5, 1")
    columns.press("Enter")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function(BEGINS, arg=[TOLD, "Done"])
    page.locator(".card").nth(2).get_by_text("Why this?").click()
    words = page.locator(".st-key-why-flips p").first
    words.wait_for()
    before = words.inner_text()
    last = page.locator(".heat .token").count() - 1
    page.locator(".heat .token").nth(last).click()
    assert "Behind the last token" not in before
    page.wait_for_function(
        "() => document.querySelector('.st-key-why-flips p').innerText.startsWith('Behind')"
    )
    assert page.locator(".heat tbody tr").count() == 3
    assert visit.complaints == []
