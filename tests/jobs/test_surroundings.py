"""Jobs in a world that goes wrong: two workers, copies, clocks, torn files."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, NameRefused, RunLocked, StoreError
from core.jobs import steering, worker
from core.jobs.account import read_account
from core.jobs.events import EventLog, read_events
from core.jobs.heartbeat import HEARTBEAT, beat, seconds_silent
from core.jobs.holding import is_held, try_hold
from core.jobs.job_folder import JOB, TURN, job_folder
from core.jobs.jobs import advance, list_jobs, read_job, start_job, unreadable_jobs
from core.jobs.prepare import planned
from core.jobs.progress import Progress, Tracker
from core.jobs.sweep import run_sweep
from core.jobs.wish import WISH
from core.settings import ROOT, Settings
from core.store.environment import read_environment
from core.store.lock import FolderLock
from core.store.runs import RunStore
from tests.jobs.noted_workers import gone, run_here
from tests.jobs.sweep_world import FilesEngine, contents, silent, small_plan

DAY = 86_400.0
LINE = '{"event":"progress","stage":"icl","done":3,"total":9,"eta_seconds":1.0,"message":"m"}\n'


def test_a_second_worker_for_a_job_or_beside_another_is_refused(
    settings: Settings, held: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = start_job(small_plan(), settings), start_job(small_plan("0"), settings)
    assert (read_job(first, settings).status, read_job(second, settings).status) == (
        "starting",
        "queued",
    )
    before = read_events(job_folder(first, settings))
    for job, said in ((first, "waits for its turn"), (second, "waits for its turn")):
        assert worker.main([str(job_folder(job, settings))]) == RunLocked.exit_code
        assert said in caplog.text
    turn = held.pop(0)
    os.close(turn)  # as if only the job's own lock were held
    assert worker.main([str(job_folder(first, settings))]) == RunLocked.exit_code
    assert "already. One is enough" in caplog.text
    assert read_events(job_folder(first, settings)) == before, "nothing was written"


def test_a_job_waits_for_a_run_that_another_process_writes(
    settings: Settings, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start_job(small_plan("0,1"), settings)
    gone(held)
    engine, store = FilesEngine(settings), RunStore(settings.results)
    work = planned(small_plan("0,1"), settings)
    step = next(iter(work.all_steps()))
    writer = store.open(step.spec, read_environment("none"))
    writer.__enter__()
    waits: list[float] = []

    def other_finishes(seconds: float) -> None:
        waits.append(seconds)
        writer.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", other_finishes)
    assert run_here(job, settings) == "finished" and len(waits) == 1
    told = [e["message"] for e in read_events(job_folder(job, settings)) if "message" in e]
    assert any("Another process is measuring run" in message for message in told)
    whole = RunStore(settings.results.parent / "whole")
    run_sweep(small_plan("0,1"), engine, whole, silent)
    assert contents(settings.results) == contents(whole.results)


def test_a_lock_that_was_given_back_meanwhile_locks_out_nobody_and_no_two(tmp_path: Path) -> None:
    """Whoever opened the lock's file before it was unlinked must not hold the unlinked one."""
    one, two, three = (FolderLock(tmp_path) for _ in range(3))
    one.take("run")
    stale = os.open(tmp_path / ".lock", os.O_RDWR)
    one.give_back()
    real, opened = os.open, iter([stale])
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "open", lambda *given: next(opened, None) or real(*given))
    two.take("run")
    patch.undo()
    with pytest.raises(RunLocked):
        three.take("run")
    two.give_back()
    three.take("run")
    three.give_back()


def test_a_copied_folder_neither_runs_nor_reaches_the_worker_of_the_original(
    settings: Settings, held: list[int]
) -> None:
    job, waits = start_job(small_plan(), settings), start_job(small_plan("0"), settings)
    EventLog(job_folder(job, settings)).write("started", pid=os.getpid())
    there = replace(settings, results=settings.results.parent / "copy")
    shutil.copytree(settings.results, there.results)
    for one in (job, waits):
        state = read_job(one, there)
        assert (state.status, state.ready) == ("interrupted", False)
        assert "its folder was copied" in state.message
    assert advance(there) is None and len(held) == 2
    assert steering.cancel(job, there).status == "cancelled"
    assert read_job(job, settings).status == "running", "this process was not signalled"
    assert steering.retry(waits, there).status == "starting"  # asked for, it is at home here
    assert len(held) == 4


def test_another_machine_does_not_go_on_by_itself(
    settings: Settings, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start_job(small_plan(), settings)
    EventLog(job_folder(job, settings)).write("started", pid=1)
    gone(held)
    assert read_job(job, settings).ready
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    state = read_job(job, settings)
    assert (state.status, state.ready) == ("interrupted", False)
    assert "another machine" in state.message and advance(settings) is None


class Clock:
    """A wall clock that a person sets; the steady one beside it only goes on."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 0.0

    def pass_by(self, seconds: float, jump: float = 0.0) -> None:
        self.wall += seconds + jump
        self.steady += seconds


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_a_day_changes_no_status_age_or_eta(
    settings: Settings, held: list[int], monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.wall)
    monkeypatch.setattr(time, "monotonic", lambda: clock.steady)
    job = start_job(small_plan(), settings)
    folder = job_folder(job, settings)
    log = EventLog(folder, lambda: clock.wall, lambda: clock.steady)
    tracker = Tracker({"icl": 100, "generations": 0}, log.progress, lambda: clock.steady)
    log.write("started", pid=1)
    beat(folder)
    tracker.enter("icl", "m")
    clock.pass_by(5)
    tracker.computed("icl", 10)
    clock.pass_by(1, jump)
    tracker.computed("icl", 10)
    os.utime(folder / HEARTBEAT, (clock.wall, clock.wall))
    state = read_job(job, settings)
    assert (state.status, state.done) == ("running", 20), "progress is still written"
    assert state.eta_seconds == pytest.approx(80 * 6 / 20)
    assert seconds_silent(folder) == pytest.approx(6)
    assert "no sign" not in state.message
    clock.pass_by(300, -jump)
    assert "no sign for 5 min" in read_job(job, settings).message
    before = [one.job_id for one in list_jobs(settings)]
    later = start_job(small_plan("0"), settings)
    assert [one.job_id for one in list_jobs(settings)] == [later, *before], "the newest first"
    (folder / "before.json").write_text(
        json.dumps({"runs": {"icl": {}, "generations": {}}, "answers": [], "asked": {}})
    )
    account = read_account(folder, RunStore(settings.results))
    assert account is not None and account.seconds == pytest.approx(6)


def test_a_sign_from_before_a_restart_has_no_age(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / HEARTBEAT).write_text('{"boot": "another", "at": 5.0}')
    assert seconds_silent(tmp_path) is None
    (tmp_path / HEARTBEAT).write_text("")  # as former versions touched it
    assert seconds_silent(tmp_path) is None


def test_torn_and_foreign_lines_of_events_are_counted_and_left_out(
    settings: Settings, held: list[int]
) -> None:
    job = start_job(small_plan(), settings)
    path = job_folder(job, settings) / "events.jsonl"
    path.write_bytes(b'{"event":"started","round":1}\n\x00\xff\x00\n[1]\n{"event": 3}\n{"even')
    EventLog(path.parent).write("progress", stage="icl", done=2, total=9, message="m")
    state = read_job(job, settings)
    assert (state.status, state.done, state.total) == ("running", 2, 9)
    assert state.notes == ("4 lines of this job's events cannot be read and are left out.",)


@pytest.mark.parametrize(
    "content",
    ["", '{"plan": {"pai', "[]", '{"plan": {"pair": "tiny"}}', '{"plan": {"pair":1,"grid":["x"]}}'],
)
def test_a_job_that_cannot_be_read_is_one_sentence_and_hides_no_other(
    settings: Settings, held: list[int], content: str
) -> None:
    broken, whole = start_job(small_plan(), settings), start_job(small_plan("0"), settings)
    (job_folder(broken, settings) / JOB).write_text(content)
    assert [job.job_id for job in list_jobs(settings)] == [whole]
    (told,) = unreadable_jobs(settings)
    assert f"does not say what job {broken} is" in told and "computes nothing twice" in told
    with pytest.raises(StoreError, match="does not say"):
        read_job(broken, settings)
    gone(held)
    assert advance(settings) == whole


@pytest.mark.parametrize(
    "content", ["", '{"want": "fly", "place": 1, "round": 1, "home": ""}', "[]"]
)
def test_a_wish_that_cannot_be_read_starts_nothing_and_retrying_mends_it(
    settings: Settings, held: list[int], content: str
) -> None:
    job = start_job(small_plan(), settings)
    EventLog(job_folder(job, settings)).write("started", pid=1)
    gone(held)
    (job_folder(job, settings) / WISH).write_text(content)
    assert (read_job(job, settings).status, advance(settings)) == ("interrupted", None)
    assert steering.retry(job, settings).status == "starting"


def test_a_worker_that_dies_twice_before_a_batch_is_not_started_a_third_time(
    settings: Settings, held: list[int]
) -> None:
    job = start_job(small_plan(), settings)
    log = EventLog(job_folder(job, settings))
    for _ in range(2):
        log.write("started", pid=1)
        log.progress(Progress("loading", 0, 0, None, "Loading."))
        gone(held)
        advance(settings)
    assert read_job(job, settings).status == "interrupted" and not held
    assert "ended twice without a word" in read_job(job, settings).message
    assert steering.retry(job, settings).status == "starting"


def test_a_worker_that_dies_often_but_measures_goes_on_each_time(
    settings: Settings, held: list[int]
) -> None:
    job = start_job(small_plan(), settings)
    for done in range(0, 50, 10):
        log = EventLog(job_folder(job, settings))
        log.write("started", pid=1)
        log.progress(Progress("icl", done, 90, None, "m"))
        log.progress(Progress("generations", done + 5, 90, None, "m"))
        gone(held)
        assert advance(settings) == job


def test_ids_with_a_path_in_them_change_nothing(settings: Settings) -> None:
    for job in ("../x", "..", "a/b", "", "20260101-000000-ZZZZZZ", "\x00"):
        for ask in (steering.pause, steering.resume, steering.cancel, steering.retry):
            with pytest.raises(NameRefused):
                ask(job, settings)
        with pytest.raises(NameRefused):
            steering.move(job, "next", settings)


def test_moves_and_wishes_that_have_no_meaning_are_told(settings: Settings) -> None:
    job = start_job(small_plan(), settings)
    with pytest.raises(InputError, match="does not wait for its turn"):
        steering.move(job, "next", settings)
    with pytest.raises(InputError, match="needs no retry"):
        steering.retry(job, settings)
    EventLog(job_folder(job, settings)).write("finished")
    for ask, said in ((steering.pause, "to pause"), (steering.resume, "to go on with")):
        with pytest.raises(InputError, match=said):
            ask(job, settings)
    assert steering.cancel(job, settings).status == "done"


def test_the_kernel_gives_a_lock_back_however_its_process_ends(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from core.jobs.holding import try_hold\n"
        "held = try_hold(Path(sys.argv[1])); print(held is not None, flush=True); time.sleep(60)"
    )
    path = tmp_path / TURN
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == b"True\n"
        assert is_held(path) and try_hold(path) is None
        child.kill()
    assert not is_held(path)
    mine = try_hold(path)
    assert mine is not None
    mine.give_back()
