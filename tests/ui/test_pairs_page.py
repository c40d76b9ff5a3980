"""The Pairs page: what lies between the parents, with and without anything measured."""

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from tests.ui.conftest import OpenApp


def pairs(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**parameters).switch_page("pages/pairs.py").run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    return "\n".join(one.value.replace("\\", "") for one in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("no_engine")
def test_the_embedded_pair_shows_where_it_changed(open_app: OpenApp) -> None:
    app = pairs(open_app)
    assert "of the change lies in the MLP" in words(app)
    table = app.dataframe[-1].value
    assert table["At λ = 1"].iloc[0] == "nothing (base)"
    line = api.trade_off("tinyworld", "lam:1")
    assert line is not None
    base = line.at(api.Lam(0))
    assert base is not None
    assert table["Few-shot accuracy (%)"].iloc[0] == base.icl.value


@pytest.mark.usefixtures("no_engine")
def test_a_pair_that_is_not_here_says_so(open_app: OpenApp) -> None:
    app = pairs(open_app, pair="llama-2-7b-chat-hf")
    assert any("not on this machine" in one.value.replace("\\", "") for one in app.info)
