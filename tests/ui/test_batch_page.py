"""Batch on the page: rows are filtered and stepped through, bad lists start nothing."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.fake import FakeEngine
from core.jobs.batch import run_batch
from core.jobs.batch_plan import BatchPlan
from core.jobs.batches import row_log
from core.jobs.job_folder import BATCH, BATCHES
from core.settings import read_settings
from core.store.files import write_json
from core.store.filmstrips import FilmstripStore
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("unmeasured", "no_engine")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[BatchPlan]:
    """Lists that would have been run; made-up answers are written at once."""
    plans: list[BatchPlan] = []

    def start(plan: BatchPlan) -> str:
        plans.append(plan)
        results = read_settings().results
        folder = results / BATCHES / plan.batch_id
        write_json(folder / BATCH, {"plan": plan.to_json(), "engine": "none", "created": "2026"})
        with row_log(folder) as rows:
            run_batch(plan, FakeEngine(), FilmstripStore(results), lambda _: None, rows.add)
        (folder / "events.jsonl").write_text('{"event":"finished","message":""}\n')
        return plan.batch_id

    monkeypatch.setattr(api.batching, "start", start)
    return plans


def opened(open_app: OpenApp, **parameters: str) -> AppTest:
    return open_app(part="Batch", **parameters).switch_page("pages/side_by_side.py").run()


def run(app: AppTest, text: str, grid: str = "0,0.5,1") -> AppTest:
    app.text_area(key="batch_text").set_value(text)
    app.text_input(key="batch_grid").set_value(grid)
    return app.button(key="batch_run").click().run()


def drawn(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("bidi_component")
    content: dict[str, Any] = json.loads(component.proto.json)
    return content


def told(app: AppTest) -> str:
    return next(one.value for one in app.main.markdown if one.value.startswith("**Row "))


def test_a_list_is_run_and_read_row_by_row(open_app: OpenApp, started: list[BatchPlan]) -> None:
    app = run(opened(open_app), "First\n<script>alert(1)</script>\n\nFirst\nThird")
    (plan,) = started
    assert [one.text for one in plan.prompts] == ["First", "<script>alert(1)</script>", "Third"]
    assert not app.exception and not app.error
    assert "Done. 3 of 3" in " ".join(one.value for one in app.main.caption)
    assert told(app).startswith("**Row 1 of 3**")
    assert [column["name"] for column in drawn(app)["columns"]] == ["λ 0", "λ 0.5", "λ 1"]
    app.button(key="rows_next").click().run()
    assert told(app).startswith("**Row 2 of 3**")
    assert "<script>alert(1)</script>" in [text.value for text in app.main.text]
    app.text_input(key="rows_pattern").set_value("^third$").run()
    assert told(app).startswith("**Row 1 of 1**, of 3 in all")
    app.text_input(key="rows_pattern").set_value("").run()
    assert told(app).startswith("**Row 3 of 3**")  # the reader stays at its prompt
    app.button(key="batch_del").click().run()
    app.button(key="batch_yes").click().run()
    assert not app.exception and api.batching.batches() == ()
    assert len(api.history.search(api.history.Wanted(kind="own")).heads) == 3


BAD_LISTS = (
    ("", "0,1", "holds no prompt"),
    (" \n\n", "0,1", "holds no prompt"),
    ("x" * 100_000, "0,1", "100,000 characters"),
    ('{"prompt": }', "0,1", "Line 1 is no JSON"),
    ("A prompt", "0:2:0.1", "21 λ cannot be read"),
    ("A prompt", "<b>", "is not a number"),
)


def test_a_bad_list_starts_nothing_and_is_kept(open_app: OpenApp, started: list[BatchPlan]) -> None:
    app = opened(open_app)
    for text, grid, words in BAD_LISTS:
        app = run(app, text, grid)
        assert words in app.error[0].value and not app.exception
        assert started == [] and app.text_area(key="batch_text").value == text


def test_a_sweeps_answers_are_read_the_same_way(open_app: OpenApp) -> None:
    app = opened(open_app)
    assert told(app).startswith("**Row 1 of 264**")
    app.toggle(key="rows_differs").set_value(True)
    app.selectbox(key="rows_kind").set_value("json")
    app.selectbox(key="rows_badge").set_value("cut").run()
    assert not app.exception and "of 264 in all" in told(app)
    for bad in ("(", "^(a|aa|a?a)+(x|y)$" * 60):
        app.text_input(key="rows_pattern").set_value(bad).run()
        assert not app.exception and len(app.error) == 1
    app.text_input(key="rows_pattern").set_value("no answer says this at all").run()
    assert "None of the 264 rows" in app.info[0].value


def test_an_address_of_no_batch_is_said(open_app: OpenApp) -> None:
    app = opened(open_app, batch="../../etc")
    assert not app.exception and "There is no batch" in app.warning[0].value
