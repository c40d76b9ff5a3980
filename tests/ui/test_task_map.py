"""Task by task, on the sweep that ships: what the page shows is what the records say.

Nothing here knows a number of the sweep: expectations are computed from its records.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.lam import INSTRUCT, Lam
from core.reports.outcomes import count
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.store.records import IclRecord
from core.store.runs import RunStore
from tests.ui.conftest import OpenApp
from tests.ui.test_trade_off_page import CHARTS, charts, shown

pytestmark = pytest.mark.usefixtures("no_engine", "shipped")
STORE = RunStore(Path(PUBLISHED))
LAM = Lam(300)


def shipped_line() -> api.TradeOff:
    line = read_trade_off(STORE, "tinyworld")
    assert line is not None
    return line


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest published line, whichever weights are here now."""
    monkeypatch.setattr(api, "trade_off", lambda pair, reference, asked=None: shipped_line())
    monkeypatch.setattr(api, "references", lambda pair: {"lam:1": "λ = 1"})


def score(form: str, lam: Lam = LAM) -> api.TaskScore:
    """The first published task of this form."""
    point = shipped_line().at(lam)
    assert point is not None
    return next(task for task in point.tasks if task.form == form)


def records(run_id: str) -> list[IclRecord]:
    return [record for record in STORE.records(run_id) if isinstance(record, IclRecord)]


def texts(app: AppTest) -> str:
    """Everything that is written outside tables."""
    parts = [*app.markdown, *app.caption, *app.text, *app.info, *app.code]
    return "\n".join(shown(part) for part in parts)


@pytest.mark.parametrize("form", ["MC", "FMC", "G"])
@pytest.mark.parametrize("lam", [LAM, INSTRUCT])
def test_the_link_opens_a_task_and_its_items_give_its_accuracy(
    open_app: OpenApp, form: str, lam: Lam
) -> None:
    task = score(form, lam)
    held = records(task.run_id)
    app = open_app(lam=str(lam), task=task.task)
    assert not app.exception and not app.error and charts(app) == CHARTS + (form == "G")
    right = sum(record.correct for record in held)
    assert f"{right} of {len(held)} right" in texts(app)
    listed = app.dataframe[0].value
    assert list(listed["Item"]) == [record.item for record in held]
    assert list(listed[""]) == ["✓" if record.correct else "✗" for record in held]
    assert list(listed["Said"]) == [record.prediction.strip() for record in held]


def test_the_first_item_is_shown_whole(open_app: OpenApp) -> None:
    task = score("MC")
    first, *_ = records(task.run_id)
    app = open_app(lam=str(LAM), task=task.task)
    choices = app.dataframe[1].value
    assert tuple(choices["Log-likelihood"]) == first.logprobs
    assert tuple(choices["per character"]) == first.logprobs_per_char
    taken = [row["Choice"] for _, row in choices.iterrows() if "taken" in row[""]]
    assert taken == [first.prediction.strip()]
    assert f"{first.tokens:,} tokens" in texts(app)
    prompt = STORE.prompts(task.run_id)[first.prompt]
    assert prompt not in texts(app), "a prompt is read when it is opened"


def test_what_became_of_written_answers_is_counted_from_the_records(open_app: OpenApp) -> None:
    task = score("G")
    counts = count(records(task.run_id))
    assert counts is not None
    app = open_app(lam=str(LAM), task=task.task)
    assert f"{counts.right} right" in texts(app)
    assert charts(app) == CHARTS + 1
    choices = open_app(lam=str(LAM), task=score("MC").task)
    assert "Written answers" not in texts(choices) and charts(choices) == CHARTS


def test_wrong_and_right_are_shown_apart(open_app: OpenApp) -> None:
    task = score("MC", INSTRUCT)
    held = records(task.run_id)
    app = open_app(lam="1", task=task.task)
    (switch,) = [one for one in app.segmented_control if one.label == "Show"]
    switch.set_value("wrong").run()
    wrong = [record.item for record in held if not record.correct]
    assert wrong and list(app.dataframe[0].value["Item"]) == wrong


def test_the_items_follow_lambda(open_app: OpenApp) -> None:
    task = score("G")
    app = open_app(lam=str(LAM), task=task.task)
    app.select_slider[0].set_value(1000).run()
    held = records(score("G", INSTRUCT).run_id)
    assert f"{sum(record.correct for record in held)} of {len(held)} right" in texts(app)
    app.select_slider[0].set_value(350).run()
    assert "has not been measured at λ = 0.35" in texts(app)
    assert app.query_params["task"] == task.task or app.query_params["task"] == [task.task]


def test_closing_takes_the_task_out_of_the_link(open_app: OpenApp) -> None:
    app = open_app(lam=str(LAM), task=score("G").task)
    (close,) = [button for button in app.button if button.label == "Close"]
    close.click().run()
    assert "task" not in app.query_params
    assert "Click a cell of the map" in texts(app)


def test_a_task_that_is_not_there_is_one_sentence(open_app: OpenApp) -> None:
    app = open_app(task="<b>x</b>")
    (warning,) = app.warning
    assert "<b>x</b>" in shown(warning) and score("G").task in shown(warning)
    assert "Click a cell of the map" in texts(app) and not app.exception


@pytest.mark.parametrize("view", api.VIEWS)
def test_every_view_is_a_link(open_app: OpenApp, view: str) -> None:
    app = open_app(lam=str(LAM), view=view)
    assert not app.exception and not app.error and not app.warning
    heading = f"By category over λ: {api.LABELS[view]}"  # type: ignore[index]
    assert heading in [head.value for head in app.subheader]
    app.select_slider[0].set_value(400).run()
    assert view in app.query_params["view"]


def test_a_view_that_is_not_there_is_one_sentence(open_app: OpenApp) -> None:
    app = open_app(view="best")
    assert "There is no view = 'best'" in shown(app.warning[0])
    assert charts(app) == CHARTS


def test_without_a_measured_task_the_section_says_so(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = shipped_line()
    bare = replace(line, points=tuple(replace(point, tasks=()) for point in line.points))
    monkeypatch.setattr(api, "trade_off", lambda pair, reference, asked=None: bare)
    app = open_app(lam=str(LAM), task="anything")
    assert not app.exception and not app.error and not app.warning
    assert "No few-shot task is measured yet" in texts(app)


def test_the_words_beside_the_map_are_counted_from_its_cells(open_app: OpenApp) -> None:
    cells = [cell for row in api.heat.heat_rows(shipped_line()) for cell in row.cells]
    better = sum(cell.said == "better" for cell in cells)
    assert f"{better} are shown better" in texts(open_app())
