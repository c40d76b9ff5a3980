"""The Evaluate page while a plan is worked out and afterwards, and a job's account on its card."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.room import MemoryPlan
from core.jobs import jobs, planning
from core.jobs.account import StageActual
from core.jobs.estimate import DiskEstimate, Estimate, JudgeEstimate, StageEstimate
from core.jobs.events import EventLog
from core.jobs.planning import ESTIMATE, PROGRESS
from core.store.files import write_json
from tests.ui.conftest import OpenApp

FEW = StageEstimate("few-shot", 12, 1200, 0, 4000, 900, (0, 480), None, (1.0, 3.0), "tried for 2 s")
ANSWERS = StageEstimate("answers", 1, 264, 264, 700, 650, (0, 9000), (800, 950), (2.0, 4.0), "so")
FITS = MemoryPlan("resident", 10, 30, 0, 100, "Both parents fit.")
WHOLE = Estimate(
    (FEW, ANSWERS), memory=FITS, disk=DiskEstimate(1000, 10**9), made="2026-01-01", whole=True
)


@pytest.fixture(autouse=True)
def planners(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Planners and workers that are only noted."""
    folders: list[Path] = []
    monkeypatch.setattr(planning, "_launch", lambda folder, given: folders.append(folder))
    monkeypatch.setattr(jobs, "launch", lambda *_: None)
    return folders


def evaluate(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app().switch_page("pages/evaluate.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds: list[Any] = [*app.markdown, *app.caption, *app.error, *app.warning]
    return "\n".join(str(one.value).replace("\\", "") for one in kinds)


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def starting(app: AppTest) -> bool:
    """Whether the plan can be started."""
    return not next(one for one in app.button if one.label == "Start measuring").disabled


@pytest.mark.usefixtures("no_engine")
def test_a_plan_is_worked_out_when_asked_for_and_fills_in(
    open_app: OpenApp, planners: list[Path]
) -> None:
    app = evaluate(open_app, grid="0.35")
    assert "not worked out yet" in words(app) and not planners
    press(app, "Work it out")
    (folder,) = planners
    write_json(folder / PROGRESS, {"message": "Counting the tokens of x", "done": 3, "total": 12})
    counted = Estimate((replace(FEW, seconds=None, timed_by=""),))
    write_json(folder / ESTIMATE, counted.to_json())
    app.run()
    (bar,) = app.get("progress")
    assert re.search(r"Counting the tokens of x… \d+ s", str(bar.text).replace("\\", ""))
    assert "Time of few-shot tasks: not known yet." in words(app)
    assert starting(app)  # nobody has to wait for it
    write_json(folder / ESTIMATE, WHOLE.to_json())
    app.run()
    said = words(app)
    assert "About 3.0 s to 7.0 s of the engine's time" in said and not app.get("progress")
    table = app.dataframe[-1].value.set_index("Stage")
    assert table["Tokens read"]["Few-shot tasks"] == 4000
    assert table["Tokens written"]["Answers"] == "800 to 950, at most 9,000"
    assert table["Stored items"]["Answers"] == 264
    assert "Memory: held whole on the device. Both parents fit." in said
    again = evaluate(open_app, grid="0.35")  # a reload finds it
    assert "About 3.0 s to 7.0 s" in words(again) and len(planners) == 1


def test_what_does_not_fit_cannot_be_started(open_app: OpenApp, planners: list[Path]) -> None:
    app = evaluate(open_app, grid="0.35")
    press(app, "Work it out")
    refused = "The pair needs 30 GiB on cpu; 5 are free. Choose a smaller pair."
    write_json(planners[0] / ESTIMATE, replace(WHOLE, problems=(refused,)).to_json())
    app.run()
    assert refused in words(app) and not starting(app)
    assert "This plan cannot run as it is" in words(app)


def test_with_everything_stored_and_judged_nothing_can_be_started(
    open_app: OpenApp, planners: list[Path]
) -> None:
    app = evaluate(open_app, grid="0,1", judges="longest")
    assert starting(app)  # what its judge would be asked is not known yet
    press(app, "Work it out")
    nothing = [replace(one, items=0, runs=0, seconds=None) for one in (FEW, ANSWERS)]
    judged = (JudgeEstimate("longest", (0, 0), 40),)
    found = Estimate(tuple(nothing), judges=judged, made="2026-01-01", whole=True)
    write_json(planners[0] / ESTIMATE, found.to_json())
    app.run()
    assert "Nothing is left to compute" in words(app) and not starting(app)


def test_a_job_shows_what_it_took_beside_what_was_told(
    open_app: OpenApp, planners: list[Path]
) -> None:
    app = evaluate(open_app, grid="0.35")
    press(app, "Work it out")
    write_json(planners[0] / ESTIMATE, WHOLE.to_json())
    app.run()
    press(app, "Start measuring")
    (job,) = api.sweeping.jobs(8)
    folder = api.settings().results / "jobs" / job.job_id
    took = [StageActual("few-shot", 1200, 4000, 100, 9.0), StageActual("answers", 0, 0, 0, None)]
    kept = {"expected": WHOLE.to_json(), "judging": None, "seconds": 12.0}
    stages = [{name: getattr(one, name) for name in one.__slots__} for one in took]
    write_json(folder / "account.json", {**kept, "stages": stages})
    EventLog(folder).write("finished")
    app = evaluate(open_app, grid="0.35")
    app.session_state[f"account-{job.job_id}"] = True
    app.run()
    rows = app.dataframe[-1].value
    seconds = rows[(rows["Stage"] == "Few-shot tasks") & (rows["What"] == "seconds of the engine")]
    assert list(seconds[["Expected", "Actual", ""]].iloc[0]) == [
        "1.0 s to 3.0 s",
        "9.0 s",
        "outside",
    ]
    items = rows[(rows["Stage"] == "Few-shot tasks") & (rows["What"] == "items")]
    assert list(items[["Expected", "Actual", ""]].iloc[0]) == ["1,200", "1,200", "as expected"]
