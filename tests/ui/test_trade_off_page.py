"""What a person sees on the Trade-off page, with stored results and no engine."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import APP, SECONDS, OpenApp

pytestmark = pytest.mark.usefixtures("no_engine")
measured = pytest.mark.usefixtures("measured")
CHARTS = 7  # the plane, two curves, the heat map, the categories, answer length, answers cut


def shown(element: Any) -> str:
    """What a person reads: markdown escapes are not shown."""
    return str(element.value).replace("\\", "")


def sentence(app: AppTest) -> str:
    """The claim above everything."""
    return shown(app.markdown[0])


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@measured
def test_stored_results_show_without_an_engine(open_app: OpenApp) -> None:
    app = open_app()
    assert not app.exception and not app.error
    assert "13.0 points better at few-shot tasks" in sentence(app)
    assert "no difference at following instructions" in sentence(app)
    assert metrics(app)["Few-shot accuracy"] == "68.0 %"
    assert charts(app) == CHARTS
    assert len(app.dataframe[0].value) == 12
    assert "larger than those of real models" in shown(app.sidebar.caption[0])


@measured
def test_the_url_chooses_lambda(open_app: OpenApp) -> None:
    app = open_app(lam="0.5")
    assert "λ = 0.5" in sentence(app)
    assert app.select_slider[0].value == 500
    assert not app.warning


@measured
@pytest.mark.parametrize("given", ["abc", "7", "0.3333", "-0.7", "nan", "١"])
def test_a_bad_lambda_is_one_sentence_and_a_stated_fallback(open_app: OpenApp, given: str) -> None:
    app = open_app(lam=given)
    (warning,) = app.warning
    assert given in shown(warning)
    assert "Shown instead: λ = 0.8" in shown(warning)
    assert app.select_slider[0].value == 800
    assert not app.exception and charts(app) == CHARTS


@measured
def test_moving_lambda_ends_the_complaint(open_app: OpenApp) -> None:
    app = open_app(lam="abc")
    app.select_slider[0].set_value(900).run()
    assert not app.warning
    assert "λ = 0.9" in sentence(app)


@measured
@pytest.mark.parametrize("lam", ["0.75", "0.333", "-0.2", "1.7"])
def test_an_unmeasured_lambda_gets_a_place_and_no_claim(open_app: OpenApp, lam: str) -> None:
    app = open_app(lam=lam)
    assert f"λ = {lam}" in sentence(app) and "has not been measured" in sentence(app)
    assert "points" not in sentence(app)
    assert set(metrics(app).values()) == {"—"}
    assert len(app.dataframe) == 0
    assert "Download as CSV" not in [button.label for button in app.download_button]
    assert any(f"Measure λ = {lam} now" in button.label for button in app.button)


@measured
def test_an_off_step_lambda_is_a_stop_of_the_dial(open_app: OpenApp) -> None:
    app = open_app(lam="0.333")
    assert app.select_slider[0].value == 333


@measured
def test_the_upright_axis_switches(open_app: OpenApp) -> None:
    app = open_app(y="pass_rate")
    assert "2.5 points" not in sentence(app)
    assert "Pass rate −2.5 points" in shown(app.main.caption[0])
    assert shown(open_app(y="win_rate").main.caption[0]) != shown(app.main.caption[0])


@measured
def test_the_reference_switches_and_is_fifty_by_definition_only_there(open_app: OpenApp) -> None:
    own = open_app(lam="1", reference="lam:1")
    shipped = open_app(lam="1", reference="outputs:shipped")
    assert any("50 by definition" in shown(caption) for caption in own.caption)
    assert not any("50 by definition" in shown(caption) for caption in shipped.caption)
    assert "Win rate against the shipped reference outputs" in metrics(shipped)


@measured
def test_a_reference_that_means_nothing_is_told(open_app: OpenApp) -> None:
    app = open_app(reference="<b>x</b>")
    assert "There is no reference" in shown(app.warning[0])
    assert "Win rate against λ = 1" in metrics(app)


@measured
def test_an_unknown_pair_is_one_sentence_with_a_next_step(open_app: OpenApp) -> None:
    app = open_app(pair="tinywold")
    (error,) = app.error
    assert "tinywold" in shown(error) and "tinyworld" in shown(error)
    assert not app.exception and charts(app) == 0


@pytest.mark.usefixtures("unmeasured")
def test_without_results_the_page_says_what_to_do(open_app: OpenApp) -> None:
    app = open_app()
    assert any("has not been measured yet" in head.value for head in app.subheader)
    assert not app.exception and not app.error
    assert charts(app) == 0


@measured
def test_a_pair_that_is_not_here_is_explained(open_app: OpenApp) -> None:
    app = open_app(pair="gemma-2-2b-it")
    text = " ".join(shown(block) for block in app.markdown)
    assert "not on this machine" in text
    assert not any("Measure" in button.label for button in app.button)


@measured
def test_a_bug_shows_a_sentence_and_no_traceback(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core import api

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(api, "sentence", broken)
    app = open_app()
    assert not app.exception
    assert "ZeroDivisionError" in shown(app.error[0])
    assert "secret detail" not in shown(app.error[0])


@measured
def test_results_that_cannot_be_read_are_told(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core import api
    from core.errors import StoreError

    def broken(*_: object) -> None:
        raise StoreError("summary.json of run 1 is not JSON. Remove the folder; it is remade.")

    monkeypatch.setattr(api, "trade_off", broken)
    app = open_app()
    assert not app.exception and "Remove the folder" in shown(app.error[0])


@measured
def test_a_choice_makes_the_url_a_whole_permalink(open_app: OpenApp) -> None:
    app = open_app()
    app.select_slider[0].set_value(350).run()
    kept = {name: app.query_params[name] for name in ("pair", "lam", "reference", "y", "view")}
    assert kept == {
        "pair": "tinyworld",
        "lam": "0.35",
        "reference": "lam:1",
        "y": "win_rate",
        "view": "absolute",
    }


@measured
def test_lambda_is_the_same_after_a_visit_to_another_page(open_app: OpenApp) -> None:
    app = open_app()
    app.select_slider[0].set_value(400).run()
    app.switch_page("pages/system.py").run()
    assert not app.exception and "Engine: not started" in [head.value for head in app.subheader]
    app.switch_page("pages/trade_off.py").run()
    assert "λ = 0.4" in sentence(app)


@measured
def test_every_page_opens_alone_on_a_cold_server(open_app: OpenApp) -> None:
    """A link straight to a page runs that page without app.py."""
    for page in ("trade_off", "system"):
        app = AppTest.from_file(str(APP.parent / "pages" / f"{page}.py"), default_timeout=SECONDS)
        app.run()
        assert not app.exception and not app.error and app.title
        assert app.sidebar.selectbox[0].label == "Pair"
