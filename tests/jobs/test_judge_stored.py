"""Judging stored answers: which sets are made, from what, and that nothing is answered again."""

from pathlib import Path

import pytest

from core.engine.protocol import Engine
from core.errors import InputError, JudgeError, NotKnown, TaskError
from core.jobs.judge_plan import JudgePlan, judge_plan_from_json
from core.jobs.judge_stored import JudgeOutcome, Places, judge_stored
from core.jobs.plan import SweepPlan, plan_from_json
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.judges.itself import judges_itself
from core.judges.local_model import model_content
from core.lam import INSTRUCT, Lam, parse_grid
from core.reports.judging import CONTROL, read_judged
from core.settings import Settings
from core.spec import JudgmentSpec, RunSpec
from core.store.records import GenerationRecord, JudgmentRecord
from core.store.runs import RunStore
from core.store.sweeps import sweep_from_json
from tests.jobs.sweep_world import CountingEngine, contents, silent, small_plan

pytestmark = pytest.mark.usefixtures("suites")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    found = RunStore(tmp_path / "results")
    run_sweep(small_plan(), CountingEngine(), found, silent)
    return found


@pytest.fixture
def settings(tmp_path: Path, tiny_settings: Settings) -> Settings:
    return tiny_settings


def no_engine() -> Engine:
    raise AssertionError("stored answers need no engine")


def judge(
    store: RunStore, settings: Settings, *judges: str, lams: str = "", reference: str | None = None
) -> JudgeOutcome:
    plan = JudgePlan("tiny", judges, parse_grid(lams) if lams else (), reference)
    return judge_stored(plan, Places(settings, store, no_engine), silent, store.sweeps()[-1])


def test_every_lam_and_reference_is_judged_and_nothing_else_changes(
    store: RunStore, settings: Settings
) -> None:
    before = contents(store.results)
    outcome = judge(store, settings, "longest", "first")
    # The small suite ships no output to one of its instructions: missing for 2 judges at 3 λ.
    assert (outcome.sets, outcome.missing) == (2 * 3 * 2, 2 * 3)
    after = contents(store.results)
    assert {path: after[path] for path in before} == before
    specs = [store.spec(run_id) for run_id in outcome.verdicts]
    judged = {(one.judge, one.candidate, one.reference) for one in specs
              if isinstance(one, JudgmentSpec)}  # fmt: skip
    assert len(judged) == 12
    again = judge(store, settings, "longest", "first")
    assert (again.sets, again.asked) == (0, 0)
    assert again.verdicts == outcome.verdicts


def test_only_what_was_asked_for(store: RunStore, settings: Settings) -> None:
    outcome = judge(store, settings, "longest", lams="0,0.5", reference="lam:1")
    assert outcome.sets == 2
    with pytest.raises(NotKnown, match=r"λ = 0\.25 of tiny has no stored answers"):
        judge(store, settings, "longest", lams="0.25")
    with pytest.raises(NotKnown, match="lam:1, outputs:reference"):
        judge(store, settings, "longest", reference="lam:0.5")


def test_the_longer_answer_by_hand(store: RunStore, settings: Settings) -> None:
    outcome = judge(store, settings, "longest", lams="0", reference="lam:1")
    (run_id,) = outcome.verdicts
    spec = store.spec(run_id)
    assert isinstance(spec, JudgmentSpec)
    outputs = [{one.item: one.output for one in store.records(run_id)
                if isinstance(one, GenerationRecord)}
               for run_id in (spec.candidate, spec.reference)]  # fmt: skip
    verdicts = [one for one in store.records(run_id) if isinstance(one, JudgmentRecord)]
    assert len(verdicts) == len(outputs[0]) == 3
    for record in verdicts:
        left, right = (len(texts[record.item]) for texts in outputs)
        assert record.preference == (1.5 if left == right else 2.0 if left > right else 1.0)


def test_progress_counts_questions_and_ends_whole(store: RunStore, settings: Settings) -> None:
    seen: list[Progress] = []
    plan = JudgePlan("tiny", ("first",))
    places = Places(settings, store, no_engine)
    outcome = judge_stored(plan, places, seen.append, store.sweeps()[-1])
    counted = [one.done for one in seen]
    assert counted == sorted(counted)
    assert seen[-1].done == seen[-1].total >= outcome.asked > 0


def test_instructions_that_changed_are_not_judged(
    store: RunStore, settings: Settings, suites: Path
) -> None:
    data = next(path for path in suites.parent.rglob("*.jsonl") if "instruction" in path.name)
    data.write_text(data.read_text().replace('"instruction": "', '"instruction": "Please: ', 1))
    with pytest.raises(TaskError, match="have changed since they were answered"):
        judge(store, settings, "longest")


def test_a_server_without_a_key_stops_before_anything_is_written(
    store: RunStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.judges.server_settings.SECRETS_FOLDERS", ())
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PARTWAY_JUDGE_KEY", "PARTWAY_JUDGE_URL"):
        monkeypatch.delenv(name, raising=False)
    before = sorted(store.results.rglob("*"))
    with pytest.raises(JudgeError, match="OPENAI_API_KEY"):
        judge(store, settings, "longest", "openai:gpt-x")
    assert sorted(store.results.rglob("*")) == before


def test_plans_survive_their_files_and_old_ones_are_read() -> None:
    plan = JudgePlan("tiny", ("longest",), parse_grid("0,1"), "lam:1", "/t.txt", "2.5", "official")
    assert judge_plan_from_json(plan.to_json()) == plan
    sweep = SweepPlan("tiny", parse_grid("0,1"), judges=("longest",), spend="1")
    assert plan_from_json(sweep.to_json()) == sweep
    old = {key: value for key, value in sweep.to_json().items()
           if key not in ("judges", "template", "spend")}  # fmt: skip
    assert plan_from_json(old) == SweepPlan("tiny", parse_grid("0,1"))
    with pytest.raises(InputError, match="No judge was named"):
        JudgePlan("tiny", ())


def test_a_sweep_names_its_judges_and_old_files_are_read(store: RunStore) -> None:
    plain = store.sweeps()[-1]
    content = plain.to_json()
    del content["judges"]
    assert sweep_from_json(content).sweep_id == plain.sweep_id
    named = sweep_from_json({**content, "judges": ["longest"]})
    assert named.judges == ("longest",)
    assert named.sweep_id != plain.sweep_id


def test_a_judge_among_the_judged_is_told(store: RunStore) -> None:
    models = [one.spec for one in store.complete("generations") if isinstance(one.spec, RunSpec)]
    at_one = next(spec for spec in models if spec.lam == INSTRUCT)
    version = f"1-{model_content(at_one.pair, INSTRUCT)}"
    local = JudgmentSpec("a", "b", "local:elsewhere", version)
    served = JudgmentSpec("a", "b", "openai:tiny@0.5", "1@localhost")
    assert "one of those it judges (tiny@1)" in str(judges_itself(local, models))
    assert "one of those it judges (tiny@0.5)" in str(judges_itself(served, models))
    others = [spec for spec in models if spec.lam not in (INSTRUCT, Lam.parse("0.5"))]
    assert judges_itself(local, others) is judges_itself(served, others) is None
    assert judges_itself(JudgmentSpec("a", "b", "openai:gpt", "1@x"), models) is None


def test_a_judge_that_was_asked_later_joins_the_line(store: RunStore, settings: Settings) -> None:
    before = read_judged(store, "tiny", "lam:1")
    judge(store, settings, "first")
    judged = read_judged(store, "tiny", "lam:1")
    assert before is not None and judged is not None
    assert [line.name for line in before.judges] == ["verifier", CONTROL]
    assert [line.name for line in judged.judges] == ["verifier", "first", CONTROL]
    point = judged.judges[1].at(Lam(500))
    assert point is not None
    assert {one.flipped for one in point.compared if not one.record.identical} == {True}
    assert point.honesty.orders is not None
    assert point.honesty.orders.first_slot_share == 100.0
