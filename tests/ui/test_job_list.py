"""The queue on the Evaluate page: what it tells of each job, and what its buttons do."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.jobs.events import EventLog
from core.jobs.job_folder import job_folder
from core.jobs.jobs import read_job, start_job
from core.jobs.progress import Progress, Stage
from core.jobs.steering import cancel, pause
from core.lam import Lam
from tests.ui.conftest import FakeWorkers, OpenApp
from tests.ui.test_evaluate_page import evaluate, words

PLAN = api.sweeping.SweepPlan("tinyworld", (Lam(0), Lam(1000)))


def log(job_id: str) -> EventLog:
    return EventLog(job_folder(job_id, api.settings()))


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def status(job_id: str) -> str:
    return read_job(job_id, api.settings()).status


def order() -> list[str]:
    return [job.job_id for job in api.queueing.look(8).waiting]


def test_progress_tells_each_stage_and_cancel_is_one_click(
    open_app: OpenApp, workers: FakeWorkers
) -> None:
    job = start_job(PLAN, api.settings())
    stages = (Stage("icl", 30, 60, 12.0), Stage("generations", 0, 30, 30.0))
    log(job).write("started")
    log(job).progress(Progress("icl", 30, 90, 42.0, "λ = 0: tw_capitals", stages))
    app = evaluate(open_app)
    (bar,) = app.get("progress")
    assert "30 of 90 items · about 42 s left" in str(bar.text).replace("\\", "")
    assert "few-shot: 30 of 60, about 12 s left · answers: 0 of 30" in words(app)
    click(app, f"cancel-{job}")
    assert status(job) == "cancelling" and "· ending" in words(app)
    log(job).write("cancelled")
    workers.end()
    app.run()
    assert "What was measured is kept" in words(app) and not app.get("progress")
    click(app, f"retry-{job}")
    assert len(workers.commands) == 2 and status(job) == "starting"


def test_jobs_that_wait_are_moved_paused_and_resumed(
    open_app: OpenApp, workers: FakeWorkers
) -> None:
    running, one, two, three = (start_job(PLAN, api.settings()) for _ in range(4))
    log(running).write("started")
    app = evaluate(open_app)
    assert order() == [one, two, three] and len(workers.commands) == 1
    assert "· waiting, 2 of 3" in words(app)
    assert app.button(key=f"raise-{one}").disabled and app.button(key=f"lower-{three}").disabled
    click(app, f"next-{three}")
    assert order() == [three, one, two]
    click(app, f"lower-{three}")
    assert order() == [one, three, two]
    click(app, f"pause-{one}")
    assert order() == [three, two] and status(one) == "paused"
    click(app, f"resume-{one}")
    assert order() == [one, three, two]
    click(app, f"pause-{running}")
    assert status(running) == "pausing" and "pausing after this batch" in words(app)


def test_a_queue_whose_worker_died_goes_on_when_the_page_is_opened(
    open_app: OpenApp, workers: FakeWorkers
) -> None:
    first, second = start_job(PLAN, api.settings()), start_job(PLAN, api.settings())
    log(first).write("started")
    workers.end()  # the machine was restarted
    assert (status(first), status(second)) == ("interrupted", "queued")
    app = evaluate(open_app)
    assert not app.exception
    assert [command[3].endswith(first) for command in workers.commands] == [True, True]
    assert order() == [second]


def test_a_failed_job_says_why_and_shows_its_log(open_app: OpenApp, workers: FakeWorkers) -> None:
    job = start_job(PLAN, api.settings())
    log(job).write("started")
    log(job).write("failed", message="There is no pair named 'x'.", exit_code=2)
    (job_folder(job, api.settings()) / "log").write_text("line one\nline two\n")
    workers.end()
    app = evaluate(open_app)
    assert "· failed" in words(app) and "There is no pair named 'x'." in words(app)
    app.session_state[f"log-{job}"] = True
    app.run()
    assert "line two" in app.code[-1].value


def test_a_click_that_comes_too_late_is_told(open_app: OpenApp, workers: FakeWorkers) -> None:
    job = start_job(PLAN, api.settings())
    log(job).write("started")
    app = evaluate(open_app)
    log(job).write("finished", message="Measured 3 items.")
    click(app, f"pause-{job}")
    assert "is done; there is nothing to pause" in words(app)


def test_a_job_that_cannot_be_read_hides_no_other(open_app: OpenApp, workers: FakeWorkers) -> None:
    torn, whole = start_job(PLAN, api.settings()), start_job(PLAN, api.settings())
    (job_folder(torn, api.settings()) / "job.json").write_text('{"plan": {"pai')
    app = evaluate(open_app)
    assert f"does not say what job {torn} is" in words(app)
    assert order() == [whole]


def test_an_ended_job_shows_the_stored_means(open_app: OpenApp, workers: FakeWorkers) -> None:
    job = start_job(PLAN, api.settings())
    log(job).write("finished", message="Everything was measured already.")
    workers.end()
    app = evaluate(open_app)
    app.session_state[f"results-{job}"] = True
    app.run()
    shown = app.dataframe[-1].value.set_index("Task")
    line = api.trade_off("tinyworld", "lam:1")
    point = line.at(Lam(0)) if line else None
    assert point is not None and len(shown) == len(point.tasks) == 12
    for task in point.tasks:
        assert shown["λ 0"][task.task] == pytest.approx(task.score.value, abs=0.051)


def test_paused_and_cancelled_jobs_are_not_started_by_looking(
    open_app: OpenApp, workers: FakeWorkers
) -> None:
    first, second = start_job(PLAN, api.settings()), start_job(PLAN, api.settings())
    pause(second, api.settings())
    log(first).write("started")
    cancel(first, api.settings())
    workers.end()
    app = evaluate(open_app)
    assert len(workers.commands) == 1
    assert (status(first), status(second)) == ("cancelled", "paused")
    click(app, f"resume-{second}")
    assert len(workers.commands) == 2 and status(second) == "starting"


def test_every_kind_waits_in_the_same_queue(
    open_app: OpenApp, workers: FakeWorkers, tmp_path: Path
) -> None:
    lams = (Lam(0), Lam(1000))
    prompts = (api.batching.ListedPrompt("Name three rivers."),)
    study = api.reasoning.start(api.reasoning.ReasoningPlan("tinyworld", lams))
    api.batching.start(
        api.batching.BatchPlan("tinyworld", lams, prompts, api.Decoding(9, temperature="0"))
    )
    export = api.sharing.start(api.sharing.Export("tinyworld", Lam(700), tmp_path / "out"))
    assert len(workers.commands) == 1 and status(study) == "starting"
    log(study).write("started")
    log(study).progress(Progress("reasoning", 4, 64, 30.0, "λ = 0"))
    app = evaluate(open_app)
    told = words(app)
    for said in ("Study of reasoning · running", "List of prompts · next", "Export · waiting, 2"):
        assert said in told
    (bar,) = app.get("progress")
    assert "4 of 64 items · about 30 s left" in str(bar.text)
    assert "1 prompt, at most 9 tokens" in told and f"to {tmp_path / 'out'}" in told
    keys = [button.key for button in app.button]
    assert f"pause-{study}" in keys and f"pause-{export}" not in keys
    click(app, f"next-{export}")
    assert order()[0] == export
    log(study).progress(Progress("reasoning", 64, 64, 0.0, "λ = 1"))
    log(study).write("finished", message="Answered 64 items in 2 runs.")
    workers.end()
    app.run()
    assert status(export) == "starting" and "Answered 64 items in 2 runs" in words(app)
    click(app, f"cancel-{export}")
    log(export).write("cancelled")
    workers.end()
    app.run()
    assert "Every file that was whole is kept; retrying goes on from there" in words(app)
