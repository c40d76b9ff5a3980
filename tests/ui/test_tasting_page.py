"""Taste blind and History on the page: nothing gives λ away, votes stay, deletion asks first."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.lam import Lam
from core.settings import read_settings
from core.store.filmstrip import Column, Filmstrip
from core.store.filmstrips import FilmstripStore
from core.store.votes import VoteStore
from pages.ui import tasting
from tests.store.test_filmstrips import BOMB, asked, strip
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("unmeasured")  # the first page has nothing to compute


@pytest.fixture(autouse=True)
def quick_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasting, "FASTEST_SECONDS", 0.0)


def opened(open_app: OpenApp, **parameters: str) -> AppTest:
    return open_app(**parameters).switch_page("pages/side_by_side.py").run()


def kept(text: str, said: str = "Rhine", day: int = 1) -> Filmstrip:
    """A filmstrip of the embedded pair, as if it had been asked."""
    identity = api.tasting.identity("tinyworld")
    assert identity is not None
    question = asked(text)
    columns = tuple(Column(identity, column.lam) for column in question.columns)
    one = strip(replace(question, columns=columns), said, day=day)
    FilmstripStore(read_settings().results).save(one)
    return one


def begin(app: AppTest, who: str = "Ada", seed: int = 7) -> AppTest:
    app.text_input(key="taste_who").set_value(who)
    app.number_input(key="taste_seed").set_value(seed)
    return app.button(key="taste_begin").click().run()


def choose(app: AppTest, choice: str) -> AppTest:
    (button,) = [b for b in app.button if (b.key or "").startswith(f"taste_{choice}_")]
    return button.click().run()


def words(app: AppTest) -> str:
    """Everything that the part says."""
    values = [one.value for one in (*app.main.text, *app.main.markdown, *app.main.caption)]
    return " ".join([*values, *(button.label for button in app.main.button)])


def test_a_sitting_is_blind_until_it_is_revealed(open_app: OpenApp, no_engine: None) -> None:
    app = begin(opened(open_app, part="Taste blind"), "<b>Ada</b>")
    assert not app.exception and len(app.main.columns) == 2
    shown = [text.value for text in app.main.text]
    sitting = app.session_state["taste_round"]
    assert list(sitting.turn.texts) == [text if text.strip() else "(empty)" for text in shown[-2:]]
    assert "λ =" not in words(app)
    for choice in "12x":
        app = choose(app, choice)
    store = VoteStore(read_settings().results)
    cast = store.standing(sitting.rows.pair)
    assert [vote.choice for vote in cast] == list("12x")
    assert all((v.who, v.seed, v.turn) == ("<b>Ada</b>", 7, n) for n, v in enumerate(cast))
    app.button(key="taste_undo").click().run()
    assert len(store.standing(sitting.rows.pair)) == 2
    app.button(key="taste_reveal").click().run()
    assert not app.exception and not app.error
    revealed = app.dataframe[0].value
    assert list(revealed["2 was"]) == [f"λ = {vote.second}" for vote in reversed(cast[:2])]
    assert any("2 votes of 1 person" in one.value for one in app.caption)
    table = app.table[0].value
    assert "only" in table["Why not"].iloc[0] and table["Beats λ = 1"].iloc[0] == "–"


def test_another_sitting_goes_on_where_the_person_was(open_app: OpenApp, no_engine: None) -> None:
    app = choose(begin(opened(open_app, part="Taste blind")), "1")
    second = app.session_state["taste_round"].order.turns[1]
    other = begin(opened(open_app, part="Taste blind"))  # a second tab, the same name and seed
    assert other.session_state["taste_round"].turn == second
    choose(app, "2")
    choose(other, "0")  # both count: nothing of the other tab is lost
    cast = VoteStore(read_settings().results).standing(other.session_state["taste_round"].rows.pair)
    assert sorted(vote.choice for vote in cast) == ["0", "1", "2"]


def test_a_key_held_down_is_no_choice(
    open_app: OpenApp, no_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasting, "FASTEST_SECONDS", 3600.0)
    app = choose(begin(opened(open_app, part="Taste blind")), "1")
    assert "too quick" in app.warning[0].value and not app.session_state["taste_round"].votes


def test_what_cannot_be_tasted_is_said(open_app: OpenApp, no_engine: None) -> None:
    app = opened(open_app, part="Taste blind")
    app.multiselect(key="taste_lams").set_value([Lam(0), Lam(500)])
    app = begin(app)
    assert "λ = 1 is not among the chosen" in app.warning[0].value
    assert "taste_round" not in app.session_state


def test_history_finds_opens_and_deletes_only_when_told_twice(
    open_app: OpenApp, no_engine: None
) -> None:
    mine, other = kept(BOMB, said="The RHINE", day=3), kept("Another", day=2)
    app = opened(open_app, part="History")
    app.text_input(key="history_text").set_value("rhine").run()
    app.selectbox(key="history_kind").set_value("own").run()
    titles = [text.value for text in app.main.text]
    assert len(titles) == 2 and "<script>alert(1)</script>" in titles[0]
    app.text_input(key="history_text").set_value("nobody says this").run()
    assert not list(app.main.text) and "0 of 17" in words(app)
    app.text_input(key="history_text").set_value("").run()
    app.button(key=f"delete_{mine.strip_id}").click().run()
    app.button(key="delete_no").click().run()
    shelf = FilmstripStore(read_settings().results)
    assert shelf.has(mine.strip_id)
    app.button(key=f"delete_{mine.strip_id}").click().run()
    app.button(key="delete_yes").click().run()
    assert not shelf.has(mine.strip_id) and shelf.has(other.strip_id)
    assert not app.exception and not app.error
    app.button(key=f"read_{other.strip_id}").click().run()
    assert app.text_area(key="ask_text").value == "Another"


def test_published_ones_page_and_stay(open_app: OpenApp, no_engine: None) -> None:
    app = opened(open_app, part="History")
    assert "15 of 15" in words(app)
    assert len([b for b in app.button if (b.key or "").startswith("read_")]) == 12
    assert not [b for b in app.button if (b.key or "").startswith("delete_")]


def test_a_fresh_page_offers_what_is_kept_and_a_link_names_its_column(
    open_app: OpenApp, no_engine: None
) -> None:
    app = opened(open_app)
    offered = [b for b in app.button if (b.key or "").startswith("latest_")]
    assert len(offered) == 6
    strip_id = str(offered[0].key).removeprefix("latest_")
    app = opened(open_app, strip=strip_id, column="tinyworld@0.7")
    assert not app.exception
    (component,) = app.get("bidi_component")
    assert json.loads(component.proto.json)["focus"] == 7
    other = opened(open_app, strip=strip_id, column="../nobody@3")
    (component,) = other.get("bidi_component")
    assert json.loads(component.proto.json)["focus"] == 0
