"""The button that measures a λ in between: starts a job, shows it, picks it up again."""

from dataclasses import replace
from pathlib import Path

import pytest

from core import api
from core.errors import StoreError
from core.jobs.plan import SweepPlan
from core.lam import Lam
from core.reports.points import TradeOff
from core.tasks.instructions import load_instructions
from core.tasks.suites import load_suite
from tests.tiny_pair import write_tiny_pair
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("measured")
JOB = "20260101-000000-abcdef"
RUNNING = api.JobState(
    job_id=JOB,
    status="running",
    plan=SweepPlan("tinyworld", (Lam(750),)),
    stage="icl",
    done=300,
    total=1500,
    eta_seconds=42.0,
    message="",
    created="2026-01-01T00:00:00+00:00",
)


def test_the_button_measures_exactly_this_lambda(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, tuple[Lam, ...]]] = []

    def start(pair: str, lams: tuple[Lam, ...], line: TradeOff | None) -> str:
        asked.append((pair, lams))
        return JOB

    monkeypatch.setattr(api, "start_measuring", start)
    monkeypatch.setattr(api, "job", lambda job_id: RUNNING)
    app = open_app(lam="0.75")
    next(one for one in app.button if one.label.startswith("Measure")).click().run()
    assert asked == [("tinyworld", (Lam(750),))]
    assert not any(one.label.startswith("Measure") for one in app.button)


def test_a_job_left_running_is_found_again(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "active_job", lambda pair: RUNNING)
    monkeypatch.setattr(api, "job", lambda job_id: RUNNING)
    app = open_app()
    (bar,) = app.get("progress")
    assert "300 of 1,500 items" in bar.text and "about 42 s left" in bar.text


def test_cancel_ends_the_job(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"now": RUNNING}

    def cancel(job_id: str) -> api.JobState:
        state["now"] = replace(RUNNING, status="cancelled")
        return state["now"]

    monkeypatch.setattr(
        api, "active_job", lambda pair: state["now"] if state["now"].active else None
    )
    monkeypatch.setattr(api, "job", lambda job_id: state["now"])
    monkeypatch.setattr(api, "cancel", cancel)
    app = open_app(lam="0.75")
    next(one for one in app.button if one.label == "Cancel").click().run()
    assert any(one.label.startswith("Measure") for one in app.button)


def test_a_results_folder_that_cannot_be_written_is_told(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise StoreError("The folder results cannot be written. Choose another.")

    monkeypatch.setattr(api, "start_measuring", refuse)
    app = open_app(lam="0.75")
    next(one for one in app.button if one.label.startswith("Measure")).click().run()
    assert any("cannot be written" in one.value for one in app.warning)


def test_a_finished_lambda_redraws_the_page_while_the_job_runs(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    finished = iter([frozenset({"0"}), frozenset({"0", "1"})])
    latest = [frozenset[str]()]

    def judged(pair: str) -> frozenset[str]:
        latest[0] = next(finished, latest[0])
        return latest[0]

    made = api.trade_off

    def trade_off(pair: str, reference: str, asked: object = None) -> TradeOff | None:
        drawn.append(len(latest[0]))
        return made(pair, reference)

    monkeypatch.setattr(api, "active_job", lambda pair: RUNNING)
    monkeypatch.setattr(api, "job", lambda job_id: RUNNING)
    monkeypatch.setattr(api, "judged", judged)
    monkeypatch.setattr(api, "trade_off", trade_off)
    open_app()
    assert drawn == [0, 2]  # drawn, then drawn again once a second λ was there


def test_on_a_page_without_results_the_bar_stays_above_the_first_points(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[TradeOff | None] = [None]
    made, named = api.trade_off, api.references
    monkeypatch.setattr(api, "active_job", lambda pair: RUNNING)
    monkeypatch.setattr(api, "job", lambda job_id: RUNNING)
    monkeypatch.setattr(api, "judged", lambda pair: frozenset())
    monkeypatch.setattr(api, "references", lambda pair: named(pair) if lines[0] else {})
    app = open_app()
    assert len(app.get("progress")) == 1 and not app.metric
    lines[0] = made("tinyworld", "lam:1")
    app.run()
    assert "is being measured" in app.subheader[0].value
    assert len(app.get("progress")) == 1 and app.metric


@pytest.mark.usefixtures("no_engine")
def test_a_pair_of_ones_own_begins_with_what_it_can_know(open_app: OpenApp, tmp_path: Path) -> None:
    entry = write_tiny_pair(tmp_path / "own")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "pairs.toml").write_text(
        f'[[pair]]\nname = "own"\nbase = "{entry.base}"\ninstruct = "{entry.instruct}"\n'
    )
    app = open_app(pair="own", lam="0.35")
    told = " ".join(one.value for one in app.markdown)
    assert not app.exception and "icl-classic" in told and "general-instructions" in told
    assert not any("Measure" in button.label for button in app.button)  # its plan comes first
    assert app.select_slider[0].value == 350
    own = app.text_area[0].value
    assert own in {one.instruction for one in load_instructions(load_suite("general-instructions"))}
    app.query_params["pair"] = "tinyworld"  # nobody wrote over it: the other pair's own takes over
    assert app.run().text_area[0].value != own
    app.text_area[0].set_value("mine").run()
    app.query_params["pair"] = "own"
    assert app.run().text_area[0].value == "mine"
