"""What is on show: tasks counted, pairs beside it, another measurement; all of it in the link."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine")
SOME = "Finance,tw_passages"


def shown(element: Any) -> str:
    return str(element.value).replace("\\", "")


def text(app: AppTest) -> str:
    return " ".join(shown(one) for one in (*app.main.markdown, *app.main.caption))


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def multiselect(app: AppTest, label: str) -> Any:
    return next(one for one in app.sidebar.multiselect if one.label == label)


def test_counting_some_tasks_says_so_and_stays_in_the_link(open_app: OpenApp) -> None:
    app = open_app(tasks=SOME)
    assert not app.exception and not app.error and not app.warning
    assert "Few-shot accuracy, 2 of 12 tasks" in metrics(app)
    assert "2 of 12 few-shot tasks" in text(app)
    assert len(app.dataframe[0].value) == 2
    multiselect(app, "Few-shot tasks counted").set_value(["Symbolic reasoning"]).run()
    assert app.query_params["tasks"] == "Symbolic reasoning"
    assert "Few-shot accuracy, 3 of 12 tasks" in metrics(app)
    multiselect(app, "Few-shot tasks counted").set_value([]).run()
    assert "Few-shot accuracy" in metrics(app) and "tasks" not in app.query_params


def test_a_task_that_nobody_knows_is_told_and_left_out(open_app: OpenApp) -> None:
    app = open_app(tasks="Finance,<b>nonsense</b>")
    assert "There is no task or category" in shown(app.warning[0])
    assert "Few-shot accuracy, 1 of 12 tasks" in metrics(app)


def test_two_pairs_in_one_picture_say_how_far_they_compare(open_app: OpenApp) -> None:
    app = open_app(**{"with": "pocketworld"})
    assert not app.exception and not app.error and not app.warning
    assert "pocketworld is drawn on every chart" in text(app)
    assert "number format bfloat16 (here float32)" in text(app)
    assert "against its own λ = 1" in text(app)
    multiselect(app, "Pairs beside it").set_value([]).run()
    assert "pocketworld is drawn" not in text(app) and "with" not in app.query_params


def test_a_pair_that_cannot_stand_beside_is_told(open_app: OpenApp) -> None:
    app = open_app(**{"with": "nobody"})
    assert "'nobody' cannot stand beside tinyworld" in shown(app.warning[0])


def torn(results: Path) -> None:
    """Three λ as usual and one measured with another torch."""
    usual = Invented(grid="0,0.5,1", items=6, instructions=6, parents=parents_now())
    write_synthetic_sweep(results, usual)
    later = replace(usual, grid="0.35", packages=(("torch", "2.12.0"),))
    write_synthetic_sweep(results, replace(later, created="2026-02-01T00:00:00+00:00"))


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No published results beside those of the test."""
    for module in ("core.api", "core.reports.showing"):
        monkeypatch.setattr(f"{module}.PUBLISHED", tmp_path / "nothing published")


@pytest.mark.usefixtures("only_these")
def test_what_was_measured_otherwise_is_said_before_anything_else(
    open_app: OpenApp, tmp_path: Path
) -> None:
    torn(tmp_path / "results")
    app = open_app(lam="0.35")
    assert not app.exception and not app.error
    first = shown(app.main.markdown[0])
    assert "λ = 0.35 is not on this curve: measured with torch 2.12.0" in first
    assert "λ = 0.35 was measured apart" in text(app)
    assert not any("Measure λ" in button.label for button in app.button)
    assert not any("has not been measured" in one for one in (text(app), *map(shown, app.info)))
    choice = next(one for one in app.main.selectbox if one.label == "Measurement on show")
    assert len(choice.options) == 2
    choice.set_value(next(key for key in _keys(app) if key != choice.value)).run()
    assert "λ = 0.35 was measured apart" not in text(app)
    assert "λ = 0, 0.5, 1 are not on this curve" in text(app)
    assert app.query_params["made"]


@pytest.mark.usefixtures("only_these")
def test_an_unknown_measurement_is_told(open_app: OpenApp, tmp_path: Path) -> None:
    torn(tmp_path / "results")
    app = open_app(made="nonesuch")
    assert "There is no measurement 'nonesuch'" in shown(app.warning[0])
    assert "13 λ" not in text(app) and not app.error


def _keys(app: AppTest) -> list[str]:
    from core import api

    line = api.trade_off("tinyworld", "lam:1")
    assert line is not None
    return list(api.showing.options(line))
