"""What a person sees on the Judge page, on the results that ship and on none."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.fake import FakeEngine
from core.jobs.judge_plan import JudgePlan
from core.jobs.judge_stored import Places, judge_stored
from core.judges.length_control import length_controlled
from core.judges.length_fit import LengthRow
from core.judges.metrics import credit
from core.lam import Lam
from core.settings import PUBLISHED
from core.store.runs import RunStore
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine")


def judge_page(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app().switch_page("pages/judge.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def words(app: AppTest) -> str:
    parts: list[Any] = [*app.markdown, *app.caption, *app.text, *app.info, *app.subheader]
    return "\n".join(str(part.value).replace("\\", "") for part in parts)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def judged() -> Any:
    found = api.verdicts("tinyworld", "lam:1")
    assert found is not None
    return found


def test_the_shipped_verdicts_are_alive_without_engine_or_key(open_app: OpenApp) -> None:
    app = judge_page(open_app, lam="0.5")
    assert not app.exception and not app.error
    said = words(app)
    point = judged().judges[0].at(Lam(500))
    assert f"{point.counts[0]:,} times" in said and f"{point.counts[2]:,} times" in said
    assert f"Win rate {point.rate.value:.1f} %" in said
    assert "order **not seen by this judge**" in said
    assert "Cohen's κ = " in said and "longest (control)" in said
    assert charts(app) == 3
    assert len(app.dataframe[0].value) == 22


def test_every_pair_can_be_read_and_filtered(open_app: OpenApp) -> None:
    app = judge_page(open_app, lam="0.5")
    first = judged().judges[0].at(Lam(500)).compared[0]
    shown = [text.value for text in app.text]
    assert {first.instruction, first.ours.text, first.theirs.text} <= set(shown)
    (only,) = [box for box in app.selectbox if box.label.startswith("Pair 1 of")]
    assert only.label == "Pair 1 of 264"
    app.session_state["reader_show"] = "wins"
    app.run()
    wins = judged().judges[0].at(Lam(500)).counts[0]
    assert any(box.label == f"Pair 1 of {wins}" for box in app.selectbox)
    app.session_state["reader_show"] = "missing"
    app.run()
    assert "No pair is like that here" in words(app)
    assert not app.exception


def test_next_and_previous_walk_through_the_pairs(open_app: OpenApp) -> None:
    app = judge_page(open_app, lam="0.5")
    compared = judged().judges[0].at(Lam(500)).compared
    buttons = {button.label: button for button in app.button}
    assert buttons["Previous"].disabled
    buttons["Next"].click().run()
    assert compared[1].instruction in [text.value for text in app.text]


def test_the_reference_itself_and_a_lam_in_between_claim_nothing(open_app: OpenApp) -> None:
    said = words(judge_page(open_app, lam="1"))
    assert "λ = 1 is the reference itself" in said and "Read the pairs" not in said
    app = judge_page(open_app, lam="0.55")
    assert "λ = 0.55 has no verdicts of verifier" in words(app)
    assert charts(app) == 3 and not app.exception


def test_a_judge_or_a_second_one_that_does_not_exist_is_told(open_app: OpenApp) -> None:
    app = judge_page(open_app, lam="0.5", judge="oracle", other="nobody")
    told = [str(one.value).replace("\\", "") for one in app.warning]
    assert any("There is no judge = 'oracle'" in one for one in told)
    assert any("There is no other = 'nobody'" in one for one in told)
    assert charts(app) == 3 and not app.exception


def test_a_judge_that_was_asked_joins_with_its_warnings(open_app: OpenApp) -> None:
    places = Places(api.settings(), RunStore(api.settings().results, (PUBLISHED,)), FakeEngine)
    judge_stored(
        JudgePlan("tinyworld", ("first",), (Lam(500),), "lam:1"), places, lambda progress: None
    )
    app = judge_page(open_app, lam="0.5", judge="first")
    said = words(app)
    assert "100 % to the answer shown first" in said
    assert "same winner, order turned **0 %**" in said
    assert not app.exception


def test_a_model_s_text_is_never_markup(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from core.reports.judging_points import Text

    evil = "**bold** <script>alert(1)</script> $x$ :red[x]"
    found = judged()
    line = found.judges[0]
    points = tuple(
        replace(
            point,
            compared=tuple(
                replace(one, ours=Text(evil), record=replace(one.record, rationale=evil))
                for one in point.compared
            ),
        )
        for point in line.points
    )
    made = replace(found, judges=(replace(line, points=points), *found.judges[1:]))
    monkeypatch.setattr(api, "verdicts", lambda pair, reference: made)
    app = judge_page(open_app, lam="0.5")
    assert [text.value for text in app.text].count(evil) == 2
    assert all(evil not in str(one.value) for one in app.markdown)


@pytest.mark.usefixtures("unmeasured")
def test_a_pair_without_results_says_how_to_get_some(open_app: OpenApp) -> None:
    app = judge_page(open_app)
    assert not app.exception and not app.error and charts(app) == 0
    assert any("python -m core sweep --pair tinyworld" in str(code.value) for code in app.code)


def test_the_trade_off_shows_the_strip_beside_its_win_rate(open_app: OpenApp) -> None:
    said = words(open_app(lam="0.5"))
    assert "Behind the win rate:" in said and "n **264**" in said
    assert "No verdicts stand behind the win rate here." in words(open_app(lam="0.55"))


def test_the_rate_at_equal_length_is_told_or_withheld_with_its_reason(open_app: OpenApp) -> None:
    app = judge_page(open_app, lam="0.5")
    assert "At equal length:" not in words(app)
    (switch,) = [one for one in app.toggle if one.label == "At equal length"]
    told = words(switch.set_value(True).run())
    point = judged().judges[0].at(Lam(500))
    rows = [
        LengthRow(credit(one.record), len(one.theirs.text), len(one.ours.text))
        for one in point.compared
    ]
    assert f"At equal length: {length_controlled(rows).value:.1f} % (95 % interval" in told
    one_sided = judge_page(open_app, lam="0.3")
    (switch,) = [one for one in one_sided.toggle if one.label == "At equal length"]
    told = words(switch.set_value(True).run())
    assert "At equal length: not shown, because" in told and "extrapolation" in told
