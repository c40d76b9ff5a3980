"""Batches: a list over λ, kept row by row; nothing is asked twice, a bad prompt spoils no other."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.engine.fake import FakeEngine
from core.engine.protocol import Generation, OnProgress, Prompt
from core.errors import ContextOverflow, EngineUnavailable, InputError, NameRefused, NotKnown
from core.jobs.batch import run_batch
from core.jobs.batch_plan import BatchPlan, batch_plan_from_json
from core.jobs.batches import (
    cancel_batch,
    delete_batch,
    list_batches,
    read_batch,
    start_batch,
)
from core.jobs.events import read_events
from core.jobs.job_folder import BATCH, BATCHES, job_folder, jobs_folder
from core.jobs.jobs import list_jobs
from core.jobs.progress import Progress
from core.jobs.state import JobState
from core.jobs.steered import Paused
from core.jobs.worker import run_job
from core.lam import Lam, parse_grid
from core.settings import PUBLISHED, Settings, read_settings
from core.spec import Decoding
from core.store.files import write_json
from core.store.filmstrips import FilmstripStore, Wanted
from core.tasks.prompt_list import ListedPrompt
from core.tasks.shipped_prompts import shipped_prompts

WAIT_SECONDS = 120.0


class Careful(FakeEngine):
    """Counts answers, and refuses prompts that hold the word "long"."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = 0

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        if any("long" in prompt.text for prompt in prompts):
            raise ContextOverflow("The prompt is too long. Shorten it.")
        self.answers += len(prompts)
        return super().generate(pair, lam, prompts, decoding, on_progress)


def plan(count: int = 20, grid: str = "0,0.5,1", temperature: str = "0") -> BatchPlan:
    prompts = tuple(ListedPrompt(f"Prompt {at}", kind="made") for at in range(count))
    return BatchPlan("tinyworld", parse_grid(grid), prompts, Decoding(8, temperature=temperature))


def run(plan: BatchPlan, shelf: FilmstripStore, engine: FakeEngine) -> dict[int, str]:
    rows: dict[int, str] = {}
    told: list[Progress] = []
    run_batch(plan, engine, shelf, told.append, rows.__setitem__)
    assert (told[-1].done, told[-1].total) == (plan.answers, plan.answers)
    return rows


@pytest.fixture
def shelf(tmp_path: Path) -> FilmstripStore:
    return FilmstripStore(tmp_path / "results")


def test_every_prompt_gets_a_filmstrip_and_none_is_asked_twice(shelf: FilmstripStore) -> None:
    engine = Careful()
    rows = run(plan(), shelf, engine)
    assert sorted(rows) == list(range(20)) and engine.answers == 60
    strip = shelf.read(rows[7])
    assert strip.asked.text == "Prompt 7" and strip.complete and strip.kind == "made"
    assert len(shelf.search(Wanted(batch=plan().batch_id)).heads) == 20
    assert run(plan(), shelf, engine) == rows and engine.answers == 60
    assert len(run(plan(count=22), shelf, engine)) == 22 and engine.answers == 66


def test_a_sampled_answer_does_not_depend_on_its_neighbours(shelf: FilmstripStore) -> None:
    alone = replace(plan(temperature="0.7"), prompts=plan().prompts[5:6])
    rows = run(plan(temperature="0.7"), shelf, Careful())
    other = FilmstripStore(shelf.results / "other")
    (strip_id,) = run(alone, other, Careful()).values()
    assert other.read(strip_id).said == shelf.read(rows[5]).said


def test_a_refused_prompt_is_told_and_spoils_no_other(shelf: FilmstripStore) -> None:
    bad = replace(plan(), prompts=(*plan().prompts[:3], ListedPrompt("A long one")))
    rows = run(bad, shelf, Careful())
    failed = shelf.read(rows[3])
    assert [a.finish for a in failed.answers] == ["failed"] * 3
    assert failed.answers[0].problem == "The prompt is too long. Shorten it."
    assert all(shelf.read(rows[at]).complete for at in range(3))


def test_the_plan_is_its_id_and_bad_plans_are_none() -> None:
    assert batch_plan_from_json(plan().to_json()) == plan()
    assert plan().batch_id != plan(temperature="0.1").batch_id
    with pytest.raises(InputError, match="12 λ"):
        plan(grid="0:1.1:0.1")
    with pytest.raises(InputError, match="no prompt"):
        plan(count=0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"PARTWAY_RESULTS": str(tmp_path / "r"), "PARTWAY_STATE": str(tmp_path / "s")}
    return read_settings({**given, "PARTWAY_DEVICE": "cpu", "PARTWAY_THREADS": "1"})


def test_a_batch_runs_in_a_process_of_its_own_is_cancelled_and_goes_on(settings: Settings) -> None:
    prompts = tuple(ListedPrompt(f"Name {at} things.") for at in range(200))
    wanted = BatchPlan("tinyworld", parse_grid("0,1"), prompts, Decoding(24))
    batch_id = start_batch(wanted, settings, engine="inprocess")
    assert start_batch(wanted, settings) == batch_id  # a second tab starts no second worker
    end = time.monotonic() + WAIT_SECONDS
    while not (state := read_batch(batch_id, settings)).answered:
        assert time.monotonic() < end and state.under_way, state.job
        time.sleep(0.05)
    first = job_of(batch_id, settings)
    (started,) = read_events(job_folder(first.job_id, settings))[:1]
    pid = int(started["pid"])
    os.kill(pid, signal.SIGKILL)  # no goodbye
    while job_of(batch_id, settings).at_work:
        time.sleep(0.05)
    killed = read_batch(batch_id, settings)
    assert job_of(batch_id, settings).status == "interrupted" and 0 < killed.answered < 200
    assert start_batch(wanted, settings, engine="inprocess") == batch_id
    end = time.monotonic() + WAIT_SECONDS
    while read_batch(batch_id, settings).answered <= killed.answered:
        assert time.monotonic() < end
        time.sleep(0.05)
    cancel_batch(batch_id, settings)
    while (job := job_of(batch_id, settings)).active:
        time.sleep(0.05)
    assert job.status == "cancelled" and "is kept" in job.message
    assert job.job_id == first.job_id  # gone on with, not begun anew
    assert [one.batch_id for one in list_batches(settings)] == [batch_id]
    delete_batch(batch_id, settings)
    assert list_jobs(settings) == ()
    with pytest.raises(NotKnown):
        read_batch(batch_id, settings)
    with pytest.raises(NameRefused):
        read_batch("../../etc", settings)


class Dying(Careful):
    """Is gone at its third request of one λ; another one is opened then."""

    def generate(self, *asked: Any, **more: Any) -> list[Generation]:
        if self.answers >= 32:
            raise EngineUnavailable("The engine does not answer.")
        return super().generate(*asked, **more)


def job_of(batch_id: str, settings: Settings) -> JobState:
    job = read_batch(batch_id, settings).job
    assert job is not None
    return job


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are put into the queue; no process is started."""
    monkeypatch.setattr("core.jobs.jobs.launch", lambda *_: None)


def do(asked: BatchPlan, settings: Settings, *engines: FakeEngine) -> JobState:
    """The job of a list, run in this process; each opening takes the next engine."""
    left = list(engines)
    job = job_of(start_batch(asked, settings), settings)
    run_job(job_folder(job.job_id, settings), settings, lambda *_: left.pop(0))
    return job_of(asked.batch_id, settings)


@pytest.mark.usefixtures("queued")
def test_a_batch_goes_on_when_its_engine_dies_and_not_for_ever(settings: Settings) -> None:
    assert do(plan(), settings, Dying(), Careful()).status == "done"
    assert read_batch(plan().batch_id, settings).answered == 20
    gone = [Dying() for _ in range(4)]
    for engine in gone:
        engine.answers = 99
    other = plan(count=30)
    job = do(other, settings, *gone)
    assert job.status == "failed" and "does not answer" in job.message
    assert job.exit_code == EngineUnavailable.exit_code
    assert read_batch(other.batch_id, settings).answered == 20  # those of the first list


def test_a_pause_waits_until_every_answer_is_kept(shelf: FilmstripStore) -> None:
    settled = []

    def pause(progress: Progress) -> None:
        if progress.settled and progress.done:
            settled.append(progress.done)
            raise Paused

    first, second = Careful(), Careful()
    with pytest.raises(Paused):
        run_batch(plan(), first, shelf, pause, lambda *_: None)
    assert settled == [48] and first.answers == 48  # a portion: 16 prompts at three λ
    run(plan(), shelf, second)
    assert first.answers + second.answers == 60


@pytest.mark.usefixtures("queued")
def test_a_list_of_an_earlier_version_is_read_and_gone_on_with(settings: Settings) -> None:
    folder = settings.results / BATCHES / plan().batch_id
    write_json(folder / BATCH, {"plan": plan().to_json(), "engine": "host", "created": "2026"})
    (folder / "events.jsonl").write_text('{"event":"started"}\n{"event":"stopped","message":"x"}\n')
    old = job_of(plan().batch_id, settings)
    assert (old.status, old.kind.name, old.job_id) == ("interrupted", "batch", plan().batch_id)
    again = do(plan(), settings, Careful())
    assert (again.job_id, again.status) == (old.job_id, "done")
    assert read_batch(plan().batch_id, settings).answered == 20
    assert not any(jobs_folder(settings).glob("2*"))
    delete_batch(plan().batch_id, settings)
    assert not folder.exists()


def test_what_ships_is_the_shipped_list_as_the_embedded_pair_answers_it() -> None:
    shelf = FilmstripStore(PUBLISHED)
    listed = shelf.heads()
    assert not listed.broken and {head.pairs for head in listed.heads} == {("tinyworld",)}
    strips = {one.asked.text: one for one in map(shelf.read, (h.strip_id for h in listed.heads))}
    assert set(strips) == {prompt.text for prompt in shipped_prompts()}
    for strip in strips.values():
        assert len(strip.answers) == 11 and strip.complete and strip.prompts
        assert strip.environment["device"] == "cpu"
    assert any(not strip.same_everywhere for strip in strips.values())
