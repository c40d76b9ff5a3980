"""What is told before a sweep is what its records then hold: items, tokens, calls."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from core.engine.protocol import Engine, Score, ScoreRequest
from core.engine.room import MemoryPlan
from core.errors import EngineError
from core.jobs import estimating
from core.jobs.account import Account, read_account
from core.jobs.account_words import account_rows, account_sentence
from core.jobs.estimate import Estimate, StageEstimate, estimate_from_json
from core.jobs.estimating import Means, estimate
from core.jobs.job_folder import JOB
from core.jobs.plan import SweepPlan
from core.jobs.worker import run_job
from core.lam import Lam, parse_grid
from core.settings import Settings
from core.store.files import read_json, write_json
from core.store.records import GenerationRecord, IclRecord
from core.store.runs import RunStore

if TYPE_CHECKING:
    from core.engine.torch_engine import TorchEngine

PLAN = SweepPlan("tiny", parse_grid("0,0.5"), "small", "small-instructions")
STAGES = ("few-shot", "answers")


class World(NamedTuple):
    """One results folder and an engine that has the pair."""

    settings: Settings
    store: RunStore
    engine: Engine

    def estimate(self, plan: SweepPlan = PLAN, engine: str | None = "here") -> Estimate:
        def open_it(name: str, settings: Settings) -> Engine:
            return self.engine

        told: list[Estimate] = []
        means = Means(self.settings, self.store, engine, open_it)
        found = estimate(plan, means, lambda known, what, done, total: told.append(known))
        assert told[-1] == found and found.whole and not told[0].whole
        assert estimate_from_json(json.loads(json.dumps(found.to_json()))) == found
        return found

    def run(self, name: str, plan: SweepPlan = PLAN, engine: Engine | None = None) -> int:
        """A job to its end in this process; its exit code."""
        folder = self.settings.results / "jobs" / name
        write_json(folder / JOB, {"plan": plan.to_json(), "engine": "here", "created": ""})
        return run_job(folder, self.settings, lambda _, __: engine or self.engine).exit_code

    def account(self, name: str) -> Account:
        found = read_account(self.settings.results / "jobs" / name, self.store)
        assert found is not None
        return found


@pytest.fixture
def world(
    tmp_path: Path, suites: Path, tiny_settings: Settings, tiny_engine: "TorchEngine"
) -> World:
    settings = replace(tiny_settings, results=tmp_path / "results", state=tmp_path / "state")
    return World(settings, RunStore(settings.results), tiny_engine)


def stage(found: Estimate, name: str) -> StageEstimate:
    return next(one for one in found.stages if one.stage == name)


def test_tokens_and_items_are_those_of_the_run(world: World) -> None:
    before = world.estimate()
    assert world.run("all") == 0
    few = [r for run in world.store.complete("icl") for r in world.store.records_of(run)]
    answers = [
        r for run in world.store.complete("generations") for r in world.store.records_of(run)
    ]
    planned, said = stage(before, "few-shot"), stage(before, "answers")
    assert (planned.items, said.items) == (len(few), len(answers)) == (2 * 36, 3 * 3)
    written = sum(r.written or 0 for r in few if isinstance(r, IclRecord))
    assert planned.read == sum(r.tokens for r in few if isinstance(r, IclRecord)) - written
    assert said.read == sum(r.prompt_tokens for r in answers if isinstance(r, GenerationRecord))
    assert planned.written == (0, 2 * 12 * 6) and said.written == (0, 9 * 12)
    assert before.verdicts_left == 4 and before.problems == ()
    assert planned.seconds is not None and 0 < planned.seconds[0] < planned.seconds[1]
    after = world.estimate()
    # Two λ with three tasks and the answers each, and the answers of λ = 1.
    assert (before.runs, before.runs_stored, after.runs_stored) == (9, 0, 9)
    assert [(one.runs, one.items, one.read) for one in after.stages] == [(0, 0, 0)] * 2
    assert [one.stored for one in after.stages] == [72, 9]
    assert (after.verdicts_left, after.verdicts_stored) == (0, 4)
    assert after.memory is None and "nothing has to be loaded" in after.memory_why


class Mortal:
    """An engine that fails after so many scorings; everything else is the real one's."""

    def __init__(self, engine: Engine, calls: int) -> None:
        self._engine, self._left = engine, calls

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def score(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest], on_progress: object = None
    ) -> list[Score]:
        self._left -= 1
        if self._left < 0:
            raise EngineError("The engine could do no more. Try again.")
        return self._engine.score(pair, lam, requests)


def test_what_a_killed_run_left_is_not_counted_again(world: World) -> None:
    before = world.estimate()
    whole = stage(before, "few-shot")
    write_json(world.settings.results / "jobs" / "one" / "expected.json", before.to_json())
    dying: Engine = Mortal(world.engine, 2)  # type: ignore[assignment]
    assert world.run("one", engine=dying) == EngineError.exit_code
    rest = stage(world.estimate(), "few-shot")
    assert whole.items is not None and whole.read is not None and rest.read is not None
    assert (rest.items, rest.stored) == (whole.items - 8, 8)  # two batches of four
    done = world.account("one").stages[0]
    assert (done.items, done.read) == (8, whole.read - rest.read)
    assert {row.verdict for row in account_rows(world.account("one"))} == {"so far"}
    assert world.run("one") == 0  # the same job, gone on with: one account
    all_of_it = world.account("one").stages[0]
    assert (all_of_it.items, all_of_it.read) == (whole.items, whole.read)


def test_the_account_compares_what_was_told_with_what_came(world: World) -> None:
    before = world.estimate(replace(PLAN, judges=("longest",)))
    folder = world.settings.results / "jobs" / "told"
    write_json(folder / "expected.json", before.to_json())
    assert world.run("told", replace(PLAN, judges=("longest",))) == 0
    account = world.account("told")
    assert account.expected == before
    rows = {(row.stage, row.what): row for row in account_rows(account)}
    for name in ("Few-shot tasks", "Answers"):
        assert rows[name, "items"].within and rows[name, "tokens read"].within
        assert rows[name, "tokens written"].within
        assert rows[name, "seconds of the engine"].actual != "–"
    assert rows["Judges", "questions"].within
    asked = [path for path in world.settings.results.glob("judgments/*/asked.jsonl")]
    lines = sum(len(path.read_text().splitlines()) for path in asked)
    assert account.judging is not None and account.judging.calls == lines > 0
    assert account.seconds is not None and account.seconds > 0
    assert "tried for" in account_sentence(account)
    assert world.run("again", replace(PLAN, judges=("longest",))) == 0
    again = world.account("again")
    assert [one.items for one in again.stages] == [0, 0]
    assert again.judging is not None and again.judging.calls == 0


def test_questions_about_stored_answers_are_known_exactly(world: World) -> None:
    assert world.run("answers") == 0
    plan = replace(PLAN, judges=("longest", "first"))
    told = {one.judge: one for one in world.estimate(plan).judges}
    assert world.run("judged", plan) == 0
    account = world.account("judged")
    assert account.judging is not None
    assert sum(one.calls[0] for one in told.values()) == account.judging.calls
    assert all(one.calls[0] == one.calls[1] and one.dollars is None for one in told.values())
    after = world.estimate(plan).judges
    assert [one.calls for one in after] == [(0, 0), (0, 0)]
    assert sum(one.stored for one in after) >= account.judging.calls


def test_money_only_where_a_price_was_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = replace(PLAN, judges=("openai:some-model",))
    monkeypatch.delenv("PARTWAY_JUDGE_PRICES", raising=False)
    (judge,) = world.estimate(plan, engine=None).judges
    assert judge.dollars is None and "PARTWAY_JUDGE_PRICES" in judge.why
    assert judge.read is not None and judge.written is not None
    # λ = 0 and 0.5, against λ = 1 and the shipped outputs, in both orders
    assert judge.calls == (0, 2 * 2 * 2 * 3)
    monkeypatch.setenv("PARTWAY_JUDGE_PRICES", "2,10")
    (priced,) = world.estimate(plan, engine=None).judges
    expected = (judge.read[1] * 2 + judge.written[1] * 10) / 1e6
    assert priced.dollars is not None and priced.dollars[0] == 0.0
    assert priced.dollars[1] == pytest.approx(expected)


def test_a_reference_of_another_lam_is_planned_as_well(world: World) -> None:
    plain, more = world.estimate(), world.estimate(replace(PLAN, reference="tiny@0.7"))
    assert more.runs == plain.runs + 1 and more.verdicts_left == plain.verdicts_left + 2
    assert stage(more, "answers").items == (stage(plain, "answers").items or 0) + 3


def test_without_an_engine_times_come_from_stored_runs(world: World) -> None:
    assert [one.seconds for one in world.estimate(engine=None).stages] == [None, None]
    assert world.run("first", replace(PLAN, grid=parse_grid("1"))) == 0
    for one in world.estimate(engine=None).stages:
        assert one.seconds is not None and "stored runs" in one.timed_by
    answers = stage(world.estimate(engine=None), "answers")
    records = [
        r for run in world.store.complete("generations") for r in world.store.records_of(run)
    ]
    one_lam = sum(record.tokens for record in records if isinstance(record, GenerationRecord))
    assert answers.likely == (2 * one_lam, 2 * one_lam)


def test_a_plan_that_does_not_fit_says_so_and_tries_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = MemoryPlan("refused", 10, 30, 0, 5, "It needs 30 and 5 are free. Choose another.")
    monkeypatch.setattr(estimating, "_memory", lambda engine, pair: refused)
    found = world.estimate(engine="here")
    assert found.problems == (refused.why,)
    assert [one.seconds for one in found.stages] == [None, None]
    monkeypatch.setattr(estimating, "BYTES_A_RECORD", 10**15)
    found = world.estimate(engine=None)
    (problem,) = found.problems
    assert "Free some space" in problem and str(world.store.results) in problem


def test_what_was_kept_survives_its_records(world: World) -> None:
    assert world.run("kept") == 0
    before = world.account("kept")
    for path in world.settings.results.glob("runs/*/records.jsonl"):
        path.unlink()
    assert world.account("kept") == before
    assert read_json(world.settings.results / "jobs" / "kept" / "account.json")["stages"]
