"""λ* on the page, on the results that ship: the words are those of the comparison."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.api import comparing
from core.lam import Lam
from core.reports.comparing_words import listed
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine")


def shown(element: Any) -> str:
    return str(element.value).replace("\\", "")


def captions(app: AppTest) -> list[str]:
    return [shown(one) for one in app.main.caption]


def words(app: AppTest) -> list[str]:
    return [shown(one) for one in app.main.markdown]


def rate_slider(app: AppTest) -> Any:
    return next(one for one in app.select_slider if "point is worth" in one.label)


def compared(axis: api.Axis = "win_rate") -> comparing.Together:
    line = api.trade_off("tinyworld", "lam:1")
    assert line is not None
    found = comparing.compared(line, axis).together
    assert found is not None
    return found


def test_the_shipped_line_says_which_lambdas_are_tied_and_which_are_best(open_app: OpenApp) -> None:
    app = open_app()
    assert not app.exception and not app.error
    assert any(comparing.best_words(compared()) in one for one in captions(app))
    choice = comparing.choose(compared(), comparing.PREFERRED_RATE)
    assert any(listed(choice.members) in one or f"λ* = {choice.best}" in one for one in words(app))
    assert comparing.choice_words(compared(), choice).detail in captions(app)


def test_moving_the_worth_of_a_point_says_and_keeps_another_set(open_app: OpenApp) -> None:
    app = open_app(r="0.5")
    assert rate_slider(app).value == 0.5 and not app.warning
    rate_slider(app).set_value(10.0).run()
    choice = comparing.choose(compared(), 10.0)
    assert comparing.choice_words(compared(), choice).detail in captions(app)
    assert not app.exception and not app.error


@pytest.mark.parametrize("given", ["-1", "nan", "many", "0.55"])
def test_a_bad_worth_is_one_sentence_and_a_stated_fallback(open_app: OpenApp, given: str) -> None:
    app = open_app(r=given)
    (warning,) = app.warning
    assert given in shown(warning) and "Shown instead: 1" in shown(warning)
    assert rate_slider(app).value == comparing.PREFERRED_RATE


def test_the_pass_rate_is_weighed_under_its_own_name(open_app: OpenApp) -> None:
    app = open_app(y="pass_rate")
    assert "pass-rate point" in rate_slider(app).label
    assert any(comparing.best_words(compared("pass_rate")) in one for one in captions(app))


@pytest.mark.usefixtures("measured")
def test_a_line_without_items_is_drawn_without_claims(open_app: OpenApp) -> None:
    app = open_app()
    assert len(app.get("plotly_chart")) >= 3 and not app.exception and not app.error
    assert any("not compared with each other: no items are stored" in one for one in captions(app))
    assert not any("point is worth" in one.label for one in app.select_slider)


def test_the_numbers_behind_it_are_one_row_a_lambda() -> None:
    line = api.trade_off("tinyworld", "lam:1")
    assert line is not None
    rows = comparing.compared_rows(line, compared(), comparing.choose(compared(), 1.0))
    assert [Lam.parse(row.lam) for row in rows] == list(compared().lams)
    by_lam = {row.lam: row for row in rows}
    assert by_lam["1"].worth_to_instruct == 0.0
    assert by_lam["1"].few_shot_p_to_instruct is None
    text = comparing.compared_csv(rows)
    assert len(text.splitlines()) == len(rows) + 1 and "front_share" in text.splitlines()[0]
