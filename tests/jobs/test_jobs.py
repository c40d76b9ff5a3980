"""Jobs as a page sees them: started, followed, cancelled, lost."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import NameRefused, NotKnown, StoreError
from core.jobs import jobs, steering
from core.jobs.events import read_events
from core.jobs.holding import is_held
from core.jobs.jobs import (
    JobState,
    advance,
    as_environment,
    cancel_job,
    list_jobs,
    read_job,
    stands_still,
    start_job,
)
from core.jobs.sweep import run_sweep
from core.settings import Settings, read_settings
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, contents, silent, small_plan
from tests.tiny_pair import write_registry, write_tiny_pair

WAIT_SECONDS = 60.0


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    return write_registry(folder / "pairs.toml", write_tiny_pair(folder))


@pytest.fixture
def settings(
    tmp_path: Path, pairs: Path, suites: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Jobs of these settings run the slow worker."""

    def launch(command: list[str], folder: Path, given: Settings, held: tuple[int, ...]) -> None:
        module = [command[0], "-m", "tests.jobs.slow_worker", str(suites), *command[3:]]
        original(module, folder, given, held)

    original = jobs.launch
    monkeypatch.setattr(jobs, "launch", launch)
    return Settings(tmp_path / "results", tmp_path / "state", pairs)


def wait(settings: Settings, job: str, until: Callable[[JobState], bool]) -> JobState:
    end = time.monotonic() + WAIT_SECONDS
    while not until(state := read_job(job, settings)):
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def worker_pid(settings: Settings, job: str) -> int:
    events = read_events(settings.results / "jobs" / job)
    return int(next(one["pid"] for one in reversed(events) if one["event"] == "started"))


def test_a_job_runs_to_its_end(settings: Settings) -> None:
    job = start_job(small_plan("0,1"), settings)
    assert read_job(job, settings).status == "starting"
    running = wait(settings, job, lambda state: state.done > 0)
    assert (running.status, running.total, running.active) == ("running", 78, True)
    assert running.eta_seconds is not None
    assert running.message.startswith("λ = ")
    done = wait(settings, job, lambda state: not state.active)
    assert (done.status, done.done, done.total) == ("done", 78, 78)
    assert done.eta_seconds is None
    assert [state.job_id for state in list_jobs(settings)] == [job]


def test_a_cancelled_job_ends_cleanly_and_is_gone_on_with(settings: Settings) -> None:
    job = start_job(small_plan("0,1"), settings)
    wait(settings, job, lambda state: state.done > 0)
    cancel_job(job, settings)
    state = wait(settings, job, lambda state: not state.active)
    assert state.status == "cancelled"
    assert "is kept" in state.message
    ended = time.monotonic() + 10
    while is_held(settings.results / "jobs" / job / ".worker"):
        assert time.monotonic() < ended, "the worker is still there"
        time.sleep(0.05)
    assert cancel_job(job, settings).status == "cancelled", "a second time changes nothing"
    engine = CountingEngine()
    outcome = jobs_sweep(settings, engine)
    assert 0 < outcome < 78
    whole = RunStore(settings.results.parent / "whole")
    jobs_sweep(Settings(whole.results, settings.state, settings.pairs_file), CountingEngine())
    assert contents(settings.results) == contents(whole.results)


def jobs_sweep(settings: Settings, engine: CountingEngine) -> int:
    return run_sweep(small_plan("0,1"), engine, RunStore(settings.results), silent).computed


def test_a_killed_worker_is_seen_as_interrupted(settings: Settings) -> None:
    job = start_job(small_plan("0,1"), settings)
    wait(settings, job, lambda state: state.done > 0)
    os.kill(worker_pid(settings, job), signal.SIGKILL)
    state = wait(settings, job, lambda state: not state.active)
    assert state.status == "interrupted"
    assert "goes on from there" in state.message
    assert stands_still(settings)


def test_a_queue_outlives_its_killed_worker_and_everyone_who_looked(settings: Settings) -> None:
    first, second = start_job(small_plan("0,1"), settings), start_job(small_plan("0.5,1"), settings)
    third = start_job(small_plan("0.5"), settings)
    assert [read_job(job, settings).status for job in (second, third)] == ["queued", "queued"]
    steering.pause(third, settings)
    begun = wait(settings, first, lambda state: state.done > 10)
    os.kill(worker_pid(settings, first), signal.SIGKILL)
    wait(settings, first, lambda state: not state.at_work)
    assert advance(settings) == first, "it comes before those that wait"
    wait(settings, first, lambda state: state.done > begun.done)
    steering.pause(first, settings)
    wait(settings, first, lambda state: state.status == "paused")
    wait(settings, second, lambda state: state.at_work)  # its turn; nobody had to look
    steering.resume(first, settings)
    done = wait(settings, first, lambda state: state.status == "done")
    assert read_job(second, settings).status == "done", "the first one waited for its turn"
    assert done.plan == small_plan("0,1") and read_job(third, settings).status == "paused"
    whole = RunStore(settings.results.parent / "whole")
    engine = CountingEngine()
    for grid in ("0,1", "0.5,1"):
        run_sweep(small_plan(grid), engine, whole, silent)
    assert contents(settings.results) == contents(whole.results)


def test_an_unknown_pair_fails_with_its_sentence(settings: Settings) -> None:
    from dataclasses import replace

    job = start_job(replace(small_plan(), pair="nobody"), settings)
    state = wait(settings, job, lambda state: not state.active)
    assert state.status == "failed"
    assert "no pair named 'nobody'" in state.message


@pytest.mark.parametrize("job", ["", "..", "../jobs", "20260101-000000-zzzzzz", "a/b", "x" * 200])
def test_ids_that_are_none_never_become_a_path(settings: Settings, job: str) -> None:
    for ask in (read_job, cancel_job):
        with pytest.raises(NameRefused, match="not the id of a job"):
            ask(job, settings)


def test_a_job_that_never_was(settings: Settings) -> None:
    with pytest.raises(NotKnown, match="There is no job"):
        read_job("20260101-000000-abcdef", settings)
    assert list_jobs(settings) == ()


def test_no_job_where_nothing_can_be_written(settings: Settings) -> None:
    settings.results.write_text("a file in the way")
    with pytest.raises(StoreError, match="not a folder"):
        start_job(small_plan(), settings)


def test_a_worker_reads_the_same_tasks_and_data_as_who_started_it(tmp_path: Path) -> None:
    given = read_settings(
        {
            "PARTWAY_STATE": str(tmp_path),
            "PARTWAY_TASKS": str(tmp_path / "mine"),
            "PARTWAY_DATA": str(tmp_path / "data"),
        }
    )
    there = read_settings(as_environment(given))
    assert (there.tasks, there.data) == (given.tasks, given.data)
