"""What the Evaluate page plans, what it refuses in words, and what it starts only when asked."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.lam import Lam
from core.tasks.revisions import write_pin
from core.tasks.task_yaml import lmeval_tasks
from tests.ui.conftest import FakeWorkers, OpenApp


@pytest.fixture(autouse=True)
def known_names(own_folders: None, tmp_path: Path) -> None:
    """Some of lm-eval's own files by name, as a walk through all of them would keep them."""
    kept = tmp_path / "state" / f"lm-eval-{version('lm-eval')}.json"
    kept.parent.mkdir()
    tasks = {
        "arc_easy": "arc/arc_easy.yaml",
        "arc_challenge": "arc/arc_challenge.yaml",
        "piqa": "piqa/piqa.yaml",
        "hellaswag": "hellaswag/hellaswag.yaml",
    }
    tags = {"ai2_arc": ["arc_challenge", "arc_easy"]}
    root = str(lmeval_tasks())
    kept.write_text(
        json.dumps({"layout": 1, "root": root, "tasks": tasks, "groups": {}, "tags": tags})
    )


def evaluate(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app().switch_page("pages/evaluate.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds: list[Any] = [*app.markdown, *app.caption, *app.info, *app.error, *app.warning]
    return "\n".join(str(one.value).replace("\\", "") for one in kinds)


def numbers(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def command(app: AppTest) -> str:
    return next(str(one.value) for one in app.code if "sweep" in str(one.value))


def fill(app: AppTest, label: str, value: str) -> None:
    next(one for one in app.text_input if one.label.startswith(label)).set_value(value).run()
    assert not app.exception


def test_what_ships_is_known_as_stored_and_is_not_offered_again(open_app: OpenApp) -> None:
    app = evaluate(open_app, grid="0:1:0.1,1.1,1.2")
    assert numbers(app) == {
        "Runs in all": "169",
        "Stored already": "169",
        "To be measured": "0",
        "Items to compute": "0",
    }
    assert next(one for one in app.button if one.label == "Start measuring").disabled
    assert "there is nothing to start" in words(app)


def test_only_what_is_missing_is_counted(open_app: OpenApp) -> None:
    app = evaluate(open_app, grid="0.5,0.55")
    # 12 tasks and the instructions; λ = 1 is answered as well, and is stored.
    assert numbers(app)["Runs in all"] == "27"
    assert numbers(app)["To be measured"] == "13"
    items = sum(len(api.items(run, metric)) for run, metric in stored_at_half())
    assert numbers(app)["Items to compute"] == f"{items + 264:,}"
    assert "About" in words(app) and "another machine" in words(app)
    assert command(app) == "python -m core sweep --pair tinyworld --grid 0.5,0.55"


def stored_at_half() -> list[tuple[str, str]]:
    line = api.trade_off("tinyworld", "lam:1")
    point = line.at(Lam(500)) if line else None
    assert point is not None
    return [(task.run_id, task.metric) for task in point.tasks]


def test_a_cluster_is_named_where_the_button_is(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTWAY_RAY_ADDRESS", "10.0.0.7:6379")
    monkeypatch.setenv("PARTWAY_RAY_ACTORS", "4")
    app = evaluate(open_app, grid="0.45")
    assert "spread over the Ray cluster at 10.0.0.7:6379, with 4 engines" in words(app)
    assert "--grid 0.45 --ray 10.0.0.7:6379 --ray-actors 4" in app.code[-1].value


def test_typed_names_show_what_they_stand_for(open_app: OpenApp) -> None:
    app = evaluate(open_app, icl="lm-eval:")
    assert "The plan appears here" in words(app)
    fill(app, "lm-eval's tasks", "piqa,  ai2_arc")
    fill(app, "Examples before", "5")
    said = words(app)
    assert "3 tasks in all (ai2_arc: 2 tasks)" in said
    assert list(app.dataframe[0].value["Task"][:3]) == ["piqa", "arc_challenge", "arc_easy"]
    assert app.dataframe[0].value["Data from"][1] == "allenai/ai2_arc"
    assert app.dataframe[0].value["Commit"][1] == "not pinned yet"
    assert any("icl pin --suite lm-eval:piqa,ai2_arc@5" in one.value for one in app.code)
    assert "Not counted before the run: piqa, arc_challenge, arc_easy" in said
    assert app.query_params["icl"] == "lm-eval:piqa,ai2_arc@5"
    assert "--icl-task piqa,ai2_arc --icl-shots 5" in command(app)


def test_a_pattern_takes_every_task_that_fits(open_app: OpenApp) -> None:
    app = evaluate(open_app, icl="lm-eval:arc_*@2", grid="0,1")
    assert "2 tasks in all" in words(app)
    assert numbers(app)["Runs in all"] == "6" and numbers(app)["Stored already"] == "2 or more"
    assert "--icl-task 'arc_*' --icl-shots 2" in command(app)


def test_a_pinned_commit_is_shown_and_what_is_stored_is_known(open_app: OpenApp) -> None:
    write_pin("baber/piqa", None, "ab12" * 10, api.settings())
    app = evaluate(open_app, icl="lm-eval:piqa", grid="0,1")
    assert app.dataframe[0].value["Commit"][0] == "ab12ab12ab12"
    assert app.dataframe[0].value["Stored"][0] == "0 of 2 λ"
    assert numbers(app)["To be measured"] == "2"
    assert "Not counted before the run: piqa" in words(app)


def test_an_unknown_name_is_told_with_the_nearest(open_app: OpenApp) -> None:
    app = evaluate(open_app, icl="lm-eval:hellswag")
    (told,) = app.error
    assert "No task, group or tag is called 'hellswag'" in told.value.replace("\\", "")
    assert "Did you mean hellaswag?" in told.value.replace("\\", "")
    assert not app.metric and not any(one.label == "Start measuring" for one in app.button)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("grid", "0:1", "is not start:end:step"),
        ("grid", "0,3", "out of range"),
        ("limit", "-4", "is no number of items"),
        ("judges", "oracle", "There is no judge 'oracle'"),
        ("icl", "lm-eval:piqa@many", "is no number of shots"),
        ("icl", "lm-eval:../x", "is no list of task names"),
    ],
)
def test_a_bad_field_is_told_and_nothing_is_planned(
    open_app: OpenApp, name: str, value: str, sentence: str
) -> None:
    app = evaluate(open_app, **{name: value})
    assert sentence in words(app)
    assert not app.metric


def test_starting_lists_the_job_and_a_second_one_waits(
    open_app: OpenApp, workers: FakeWorkers
) -> None:
    app = evaluate(open_app, grid="0,1", limit="3")
    next(one for one in app.button if one.label == "Start measuring").click().run()
    assert not app.exception and len(workers.commands) == 1
    (job,) = api.sweeping.jobs(8)
    assert isinstance(job.plan, api.sweeping.SweepPlan)
    assert (job.plan.limit, job.plan.grid) == (3, (Lam(0), Lam(1000)))
    again = evaluate(open_app, grid="0,0.5", limit="3")  # another visit finds it
    assert "· starting" in words(again) and "first 3 items" in words(again)
    assert len(again.get("progress")) == 1
    assert "this one waits for its turn" in words(again)
    next(one for one in again.button if one.label == "Add to the queue").click().run()
    assert not again.exception and len(workers.commands) == 1
    assert "· next" in words(again)


@pytest.mark.usefixtures("no_engine")
def test_a_pair_that_is_not_here_keeps_its_plan_as_a_command(open_app: OpenApp) -> None:
    away = next(one.name for one in api.pairs().values() if api.not_here(one))
    app = evaluate(open_app, pair=away, grid="0,1")
    assert f"pairs check {away} --download" in app.code[0].value
    assert f"--pair {away} --grid 0,1" in command(app)
    assert not any(one.label == "Start measuring" for one in app.button)
