"""A person's first minutes in a real browser: look, move λ with the keyboard, ask, read."""

import pytest

from pages.ui.menu import TITLES
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
CHART = ".js-plotly-plot .main-svg"
CHANGED = "([selector, before]) => document.querySelector(selector)?.innerText !== before"
SENTENCE = ".st-key-sentence p"
CARDS = ("icl", "follow", "heat", "categories", "answers")
# How many charts are drawn; and, as long as it is one, how high the cards of the others are.
NOTE_CHARTS = """
window.drawn = [];
new MutationObserver(() => {
  const count = document.querySelectorAll(".js-plotly-plot:has(.main-svg)").length;
  if (count !== window.drawn.at(-1)) window.drawn.push(count);
  if (count === 1) window.before = window.heights();
}).observe(document, { subtree: true, childList: true });
window.heights = () => CARDS.map((name) =>
  document.querySelector(`.st-key-${name}-card`)?.getBoundingClientRect().height);
""".replace("CARDS", str(list(CARDS)))
FIRST_METRIC = "[data-testid=stMetricValue]"


def open_page(visit: Visit, query: str = "") -> None:
    visit.page.goto(f"{visit.url}/{query}")
    visit.page.wait_for_selector(CHART)


def wait_until_changed(visit: Visit, selector: str, before: str) -> str:
    visit.page.wait_for_function(CHANGED, arg=[selector, before])
    return visit.page.locator(selector).first.inner_text()


def test_look_move_lambda_by_keyboard_and_generate(visit: Visit) -> None:
    page = visit.page
    open_page(visit, "?lam=0.8")
    sentence = page.locator(SENTENCE).first.inner_text()
    accuracy = page.locator(FIRST_METRIC).first.inner_text()
    assert "λ = 0.8" in sentence and accuracy.endswith("%")

    page.locator(".st-key-dial input[type=range]").focus()
    page.keyboard.press("ArrowLeft")  # 0.75: between measured λ
    assert "has not been measured" in wait_until_changed(visit, SENTENCE, sentence)
    page.keyboard.press("ArrowLeft")
    moved = wait_until_changed(visit, FIRST_METRIC, "—")
    page.wait_for_function("() => location.search.includes('lam=0.7')")
    assert moved.endswith("%") and moved != accuracy
    assert "λ = 0.7" in page.locator(SENTENCE).first.inner_text()
    assert page.evaluate("document.activeElement.type") == "range"  # the keyboard stays there

    assert "engine not started" in page.locator(".st-key-strip").inner_text()
    page.get_by_role("button", name="Generate").click()
    badges = page.locator(".st-key-answers-row .stMarkdownBadge")
    badges.filter(has_text="ended").or_(badges.filter(has_text="cut at")).nth(2).wait_for()
    texts = page.locator(".st-key-answers-row [data-testid=stText]").all_inner_texts()
    assert len(texts) == 3 and all(text.strip() for text in texts)
    assert visit.complaints == []


def test_a_click_on_a_point_goes_to_its_lambda(visit: Visit) -> None:
    page = visit.page
    open_page(visit, "?lam=0.8")
    sentence = page.locator(SENTENCE).first.inner_text()
    points = page.locator(".st-key-plane-card .scatterlayer .points path")
    points.nth(12).click(force=True)  # λ = 1.2 ends the path, away from the crowd
    wait_until_changed(visit, SENTENCE, sentence)
    page.wait_for_function("() => /lam=1.2($|&)/.test(location.search)")
    assert visit.complaints == []


def settled(visit: Visit) -> list[tuple[float, float]]:
    """Top and height of the dial and the plane, once two looks in a row agree."""
    places = [visit.page.locator(f".st-key-{name}") for name in ("dial", "plane-card")]
    before: list[tuple[float, float]] = []
    while True:
        boxes = [place.bounding_box() for place in places]
        now = [(box["y"], box["height"]) for box in boxes if box]
        if now == before:
            return now
        before = now
        visit.page.wait_for_timeout(400)


def test_nothing_moves_under_the_pointer(visit: Visit) -> None:
    page = visit.page
    open_page(visit, "?lam=0.8")
    before = settled(visit)
    page.locator(".st-key-dial input[type=range]").focus()
    for _ in range(5):  # over measured λ and λ in between
        sentence = page.locator(SENTENCE).first.inner_text()
        page.keyboard.press("ArrowRight")
        wait_until_changed(visit, SENTENCE, sentence)
        assert settled(visit) == before


def test_the_first_chart_is_seen_before_the_others_whose_places_are_kept(visit: Visit) -> None:
    page = visit.page
    page.add_init_script(NOTE_CHARTS)
    open_page(visit)
    page.wait_for_function("() => window.drawn.at(-1) === 7")
    assert page.evaluate("window.drawn")[:2] == [0, 1]
    assert page.evaluate("window.before") == page.evaluate("window.heights()")
    assert visit.complaints == []


def test_a_deep_link_on_a_cold_server_shows_no_other_menu_than_ours(cold_menus: list[str]) -> None:
    assert cold_menus == [", ".join(TITLES.values())]


def test_a_link_straight_to_system_opens_without_complaints(visit: Visit) -> None:
    visit.page.goto(f"{visit.url}/system")
    visit.page.get_by_text("Engine: not started").or_(
        visit.page.get_by_text("Engine: ready")
    ).wait_for()
    visit.page.get_by_text("Places and versions").wait_for()
    assert visit.complaints == []
