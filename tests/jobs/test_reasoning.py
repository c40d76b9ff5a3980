"""Studies: nothing is asked twice, a killed one ends in the same summary, grading never asks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.pool import Pool, PoolRequest
from core.engine.protocol import OnProgress
from core.errors import EngineUnavailable, InputError, NotKnown
from core.evals import reasoning as asking
from core.jobs.job_folder import JOB, job_folder
from core.jobs.jobs import read_job
from core.jobs.once import start_once
from core.jobs.progress import Progress
from core.jobs.reasoning_plan import ReasoningPlan
from core.jobs.reasoning_regrade import regrade
from core.jobs.reasoning_run import ReasoningOutcome, Rooms, run_reasoning
from core.jobs.steering import cancel
from core.jobs.worker import run_job
from core.lam import Lam, parse_grid
from core.settings import Settings, read_settings
from core.spec import Decoding
from core.store.files import write_json
from core.store.reasoning import ExtractionRecord
from core.store.runs import RunStore
from tests.hash_engine import HashEngine
from tests.judges.scripted_server import reply, scripted

PLAN = ReasoningPlan(
    "hashes", parse_grid("0,1"), parts=("original", "numbers"), n=4, limit=6,
    protocols=("symmetric", "published"), graders=("rules",),
)  # fmt: skip


class Dying(HashEngine):
    """Dies at its third question."""

    left = 2

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        if self.left == 0:
            raise EngineUnavailable("It is gone. Start it again.")
        self.left -= 1
        return super().pools(pair, lam, asked, decoding, on_progress)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    state = {"PARTWAY_RESULTS": str(tmp_path / "results"), "PARTWAY_STATE": str(tmp_path / "state")}
    return read_settings(state)


def study(settings: Settings, engine: HashEngine, plan: ReasoningPlan = PLAN) -> ReasoningOutcome:
    told: list[Progress] = []
    outcome = run_reasoning(plan, engine, Rooms(settings, RunStore(settings.results)), told.append)
    assert told[-1].done == told[-1].total
    return outcome


def pools_asked(engine: HashEngine) -> int:
    return sum(len(batch) for batch in engine.asked)


def summaries(settings: Settings, ids: Sequence[str]) -> list[object]:
    store = RunStore(settings.results)
    return [store.summary(run_id) for run_id in ids]


def test_a_finished_study_is_never_asked_again(settings: Settings) -> None:
    first = HashEngine()
    outcome = study(settings, first)
    # λ = 0: samples and branches; λ = 1: samples and chats; two parts of six items each.
    assert len(outcome.runs) == 8 and len(outcome.grades) == 8
    assert outcome.computed == pools_asked(first) == 48
    again = HashEngine()
    assert study(settings, again) == replace(outcome, computed=0)
    assert again.asked == []


def test_two_protocols_share_the_runs_that_they_have_in_common(settings: Settings) -> None:
    both = ("published", "symmetric-branches")
    one = study(settings, HashEngine(), replace(PLAN, protocols=both, grid=parse_grid("0")))
    assert len(one.runs) == 2


def test_a_killed_study_goes_on_to_the_same_summaries(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_A_FLUSH", 8)  # two items of four answers
    whole = study(replace(settings, results=tmp_path / "whole"), HashEngine())
    with pytest.raises(EngineUnavailable):
        study(settings, Dying())
    rest = HashEngine()
    outcome = study(settings, rest)
    assert outcome.runs == whole.runs and outcome.grades == whole.grades
    assert pools_asked(rest) == 48 - 4  # two flushes of two items were kept
    other = replace(settings, results=tmp_path / "whole")
    ids = [*whole.runs, *whole.grades]
    assert summaries(settings, ids) == summaries(other, ids)


def test_an_engine_that_dies_is_followed_by_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_A_FLUSH", 8)
    spare = HashEngine()
    rooms = Rooms(settings, RunStore(settings.results), lambda: spare)
    outcome = run_reasoning(PLAN, Dying(), rooms, lambda progress: None)
    assert outcome.computed == 48 and pools_asked(spare) == 44


def test_grading_again_never_asks_the_engine(settings: Settings) -> None:
    study(settings, HashEngine())
    store = RunStore(settings.results)
    before = {one.run_id for one in store.complete("reasoning")}

    def no_engine() -> HashEngine:
        raise AssertionError("grading asked for an engine")

    rooms = Rooms(settings, store, no_engine)
    told = regrade("hashes", ("rules", "math-verify"), "rules", rooms)
    assert len(told.grades) == 16 and told.made == 8 and told.skipped == ()
    assert {one.run_id for one in store.complete("reasoning")} == before
    assert len(list(store.complete("extractions"))) == 8
    assert regrade("hashes", ("rules", "math-verify"), "rules", rooms).made == 0


def test_a_model_may_extract_and_its_answers_are_kept_apart(settings: Settings) -> None:
    study(settings, HashEngine())
    store = RunStore(settings.results)
    told = regrade("hashes", ("rules",), "model:hashes@1", Rooms(settings, store, HashEngine))
    assert told.made == 8
    extractors = [getattr(one.spec, "extractor", None) for one in store.complete("extractions")]
    assert sorted(map(str, set(extractors))) == ["model:hashes@1", "rules"]


@pytest.mark.parametrize("bad", ["model:", "nobody", "server:", "model:hashes@x"])
def test_an_extractor_that_is_none(settings: Settings, bad: str) -> None:
    study(settings, HashEngine())
    store = RunStore(settings.results)
    with pytest.raises(InputError):
        regrade("hashes", ("rules",), bad, Rooms(settings, store, HashEngine))


def test_bad_plans_are_refused_in_words(settings: Settings) -> None:
    for change, told in (
        ({"n": 0}, "n = 0"),
        ({"limit": 0}, "limit of 0"),
        ({"max_new_tokens": 0}, "0 tokens"),
    ):
        with pytest.raises(InputError, match=told):
            study(settings, HashEngine(), replace(PLAN, **change))  # type: ignore[arg-type]
    with pytest.raises(NotKnown, match="no part 'none'"):
        study(settings, HashEngine(), replace(PLAN, parts=("none",)))
    with pytest.raises(InputError, match="no style"):
        replace(PLAN, styles=("aloud",))
    with pytest.raises(NotKnown, match="No reasoning of nobody"):
        regrade("nobody", ("rules",), "rules", Rooms(settings, RunStore(settings.results)))


def test_a_job_tells_its_progress_and_its_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.jobs.launch", lambda *_: None)
    job_id = start_once(PLAN, settings)
    assert start_once(PLAN, settings) == job_id  # it waits: one study is enough
    assert (read_job(job_id, settings).plan, read_job(job_id, settings).status) == (PLAN, "queued")
    folder = job_folder(job_id, settings)
    assert run_job(folder, settings, lambda name, given: HashEngine()).event == "finished"
    state = read_job(job_id, settings)
    assert (state.kind.name, state.done, state.total) == ("reasoning", 48, 48)
    assert state.message.startswith("Answered 48 items in 8 runs.")
    assert cancel(job_id, settings).status == "done"
    assert start_once(PLAN, settings) != job_id


def test_a_study_of_an_earlier_version_is_read_and_gone_on_with(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.jobs.launch", lambda *_: None)
    folder = settings.results / "reasoning-jobs" / "20260101-000000-abcdef"
    content = {"plan": PLAN.to_json(), "engine": "host", "created": "2026-01-01T00:00:00+00:00"}
    write_json(folder / JOB, content)
    (folder / "events.jsonl").write_text('{"event":"started"}\n{"event":"stopped"}\n')
    state = read_job(folder.name, settings)
    assert (state.status, state.kind.name) == ("interrupted", "reasoning")
    assert start_once(PLAN, settings) == folder.name
    assert run_job(folder, settings, lambda name, given: HashEngine()).event == "finished"
    assert read_job(folder.name, settings).status == "done"


def test_a_served_model_extracts_without_seeing_the_question(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(settings, HashEngine(), replace(PLAN, protocols=("symmetric",), grid=parse_grid("0")))
    store = RunStore(settings.results)
    rooms = Rooms(settings, store)
    monkeypatch.setattr("core.judges.server_settings.SECRETS_FOLDERS", ())
    said = '{"answer": "4"}'
    with scripted(lambda number, body: reply(said, {said: 1.0}, "tiny-1")) as server:
        monkeypatch.setenv("PARTWAY_JUDGE_URL", server.url)
        told = regrade("hashes", ("rules",), "server:tiny-1", rooms)
    assert told.made == 2 and told.skipped == ()
    texts = [body["messages"][0]["content"] for body in server.asked]
    assert texts and all("The answer is" in text and "Question:" not in text for text in texts)
    [extraction] = [one for one in store.complete("extractions")
                    if getattr(one.spec, "extractor", "") == "server:tiny-1"][:1]  # fmt: skip
    records = store.records(extraction.run_id)
    found = {
        answer for one in records if isinstance(one, ExtractionRecord) for answer in one.answers
    }
    assert found == {"4"}
    monkeypatch.setenv("PARTWAY_JUDGE_URL", "http://127.0.0.1:9/v1")
    failed = regrade("hashes", ("rules",), "server:nobody", rooms)
    assert failed.made == 0 and all("does not answer" in one for one in failed.skipped)
