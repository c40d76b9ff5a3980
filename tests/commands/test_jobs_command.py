"""`python -m core jobs` as people and programs meet it; workers are only noted."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.commands.cli import main
from core.jobs import jobs
from core.jobs.events import EventLog
from core.jobs.job_folder import job_folder
from core.jobs.jobs import start_job
from core.jobs.plan import SweepPlan
from core.jobs.progress import Progress, Stage
from core.lam import parse_grid
from core.settings import Settings, read_settings

PLAN = SweepPlan("tinyworld", parse_grid("0,1"))


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What the workers' processes would hold."""
    handles: list[int] = []

    def launch(
        command: list[str], folder: Path, given: Settings, locks: tuple[int, ...] = ()
    ) -> None:
        handles.extend(map(os.dup, locks))

    monkeypatch.setattr(jobs, "launch", launch)
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    yield handles
    gone(handles)


def gone(handles: list[int]) -> None:
    while handles:
        os.close(handles.pop())


def start() -> str:
    return start_job(PLAN, read_settings())


def log(job: str) -> EventLog:
    return EventLog(job_folder(job, read_settings()))


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main(["jobs", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_shows_work_then_the_queue_then_the_rest(
    held: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    running, one, two = start(), start(), start()
    assert main(["jobs", "priority", two, "next"]) == 0
    assert main(["jobs", "pause", one]) == 0
    capsys.readouterr()
    assert main(["jobs", "list"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[:3] for row in rows] == [
        [running, "sweep", "starting"],
        [two, "sweep", "queued"],
        [one, "sweep", "paused"],
    ]


def test_steering_answers_with_the_job_and_errors_have_exit_codes(
    held: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    running, waits = start(), start()
    assert run_json(capsys, "pause", running)["status"] == "pausing"
    assert run_json(capsys, "resume", running)["status"] == "starting"
    assert run_json(capsys, "cancel", waits)["status"] == "cancelled"
    assert run_json(capsys, "retry", waits)["status"] == "queued"
    assert run_json(capsys, "priority", waits, "last")["ready"] is True
    for arguments, said in (
        (("retry", waits), "needs no retry"),
        (("priority", running, "next"), "does not wait"),
        (("pause", "../x"), "not the id of a job"),
        (("log", waits, "--lines", "0"), "no number of lines"),
        (("show", "20260101-000000-abcdef"), "There is no job"),
    ):
        assert main(["jobs", *arguments]) == 2
        assert said in capsys.readouterr().err


def test_a_queue_that_stands_still_is_told_and_resumed(
    held: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    job = start()
    log(job).write("started")
    gone(held)
    assert main(["jobs", "list"]) == 0
    assert "The queue stands still" in capsys.readouterr().err and not held
    assert main(["jobs", "show", job]) == 0
    assert "jobs resume" in capsys.readouterr().err and not held, "looking starts nothing"
    assert main(["jobs", "resume"]) == 0
    assert f"Job {job} goes on" in capsys.readouterr().out and held


def test_show_tells_stages_and_watch_ends_with_the_jobs_own_code(
    held: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    job = start()
    stages = (Stage("icl", 30, 60, 12.0), Stage("generations", 0, 30, None))
    log(job).write("started")
    log(job).progress(Progress("icl", 30, 90, 42.0, "λ = 0: tw_capitals", stages))
    assert main(["jobs", "show", job]) == 0
    told = capsys.readouterr().out
    assert "few-shot 30/60, about 12 s" in told and "answers 0/30" in told
    log(job).write("failed", message="There is no pair.", exit_code=3)
    gone(held)
    assert main(["jobs", "watch", job]) == 3
    assert "failed  30 of 90 items  There is no pair." in capsys.readouterr().out
    (job_folder(job, read_settings()) / "log").write_text("one\ntwo\nthree\n")
    assert run_json(capsys, "log", job, "--lines", "2")["lines"] == ["two", "three"]


@pytest.mark.parametrize(
    "action", ["list", "show", "pause", "resume", "cancel", "retry", "priority", "watch", "log"]
)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["jobs", action, "--help"])
    told = capsys.readouterr().out
    assert left.value.code == 0 and f"example: python -m core jobs {action}" in told
    assert "--json" in told
