"""Win rates against anything: another λ, another pair, or an outputs file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, LambdaError, TaskError
from core.jobs.plan import SweepPlan, plan_from_json
from core.jobs.references import ModelReference, parse_reference
from core.jobs.sweep import run_sweep
from core.lam import Lam
from core.pairs.usual import FOR_ANY_PAIR
from core.reports.provenance import read_provenance
from core.reports.trade_off import available, read_trade_off
from core.store.runs import RunStore
from core.tasks.instructions import load_instructions
from core.tasks.suites import load_suite
from tests.jobs.sweep_world import CountingEngine, silent, small_plan

pytestmark = pytest.mark.usefixtures("suites")
HALF = Lam.parse("0.5")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "results")


def against(reference: str, grid: str = "0,1") -> SweepPlan:
    return replace(small_plan(grid), reference=reference)


def names(store: RunStore) -> list[str]:
    return [one.name for one in available(store, "tiny")]


def outputs_file(folder: Path, instructions: list[str]) -> Path:
    path = folder / "mine.json"
    rows = [{"instruction": text, "output": "x", "generator": "mine"} for text in instructions]
    path.write_text(json.dumps(rows))
    return path


def asked(tmp_path: Path) -> list[str]:
    suite = load_suite("small-instructions", next(tmp_path.rglob("small-instructions.toml")).parent)
    return [item.instruction for item in load_instructions(suite)]


def test_a_lam_off_the_grid_is_answered_and_judged_against(store: RunStore) -> None:
    outcome = run_sweep(against("tiny@0.5"), CountingEngine(), store, silent)
    assert outcome.computed == 2 * (36 + 3) + 3, "its answers alone, not its few-shot items"
    assert names(store) == ["lam:1", "outputs:reference", "lam:0.5"]
    line = read_trade_off(store, "tiny", "lam:0.5")
    assert line is not None and line.reference_label == "λ = 0.5"
    itself, base = line.at(HALF), line.at(Lam.parse("0"))
    assert itself is not None and base is not None
    assert itself.win_rate.value == 50 and "by definition" in str(itself.win_rate.reason)
    assert base.win_rate.n == 3 and base.win_rate.reason is None


def test_another_pair_answers_the_same_instructions(store: RunStore) -> None:
    engine = CountingEngine()
    outcome = run_sweep(against("other@0.5", "0,1"), engine, store, silent)
    assert outcome.computed == 2 * (36 + 3) + 3
    assert "model:other@0.5" in names(store)
    line = read_trade_off(store, "tiny", "model:other@0.5")
    assert line is not None and line.reference_label == "other at λ = 0.5"
    assert all(point.win_rate.n == 3 for point in line.points)
    assert read_provenance(store, line, FOR_ANY_PAIR).command == (
        "python -m core sweep --pair tiny --grid 0,1 --icl-suite small "
        "--instruction-suite small-instructions --reference other@0.5"
    )
    assert run_sweep(against("other@0.5"), engine, store, silent).computed == 0


def test_an_outputs_file_is_matched_by_text_and_its_gaps_are_counted(
    store: RunStore, tmp_path: Path
) -> None:
    path = outputs_file(tmp_path, [*asked(tmp_path)[:2], "Something else?"])
    run_sweep(against(str(path)), CountingEngine(), store, silent)
    (name,) = (name for name in names(store) if name.startswith("outputs:mine-"))
    line = read_trade_off(store, "tiny", name)
    assert line is not None and "mine" in line.reference_label
    assert "1 of 3 missing" in line.reference_label
    assert [(point.win_rate.n, point.missing) for point in line.points] == [(2, 1), (2, 1)]


def test_lam_one_is_not_judged_twice(store: RunStore) -> None:
    run_sweep(against("tiny@1"), CountingEngine(), store, silent)
    assert names(store) == ["lam:1", "outputs:reference"]


def test_without_a_choice_the_sweep_is_the_same_as_ever(store: RunStore) -> None:
    plain = run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    chosen = run_sweep(against("tiny@0.5"), CountingEngine(), store, silent)
    assert chosen.sweep_id != plain.sweep_id and chosen.computed == 3
    again = run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    assert (again.sweep_id, again.computed, again.judged) == (plain.sweep_id, 0, 0)


def test_a_plan_keeps_its_reference() -> None:
    plan = against("other@0.5")
    assert plan_from_json(plan.to_json()) == plan
    older = {key: value for key, value in plan.to_json().items() if key != "reference"}
    assert plan_from_json(older).reference is None


def test_what_a_person_may_give(tmp_path: Path) -> None:
    assert parse_reference("tiny@0.5") == ModelReference("tiny", HALF)
    assert parse_reference("some.json") == (Path.cwd() / "some.json")
    for text in ("tiny", "@0.5", ""):
        with pytest.raises(InputError, match="neither a pair at a λ nor a file"):
            parse_reference(text)
    with pytest.raises(LambdaError):
        parse_reference("tiny@a lot")


def test_a_file_of_other_instructions_is_refused(store: RunStore, tmp_path: Path) -> None:
    path = outputs_file(tmp_path, ["Something else?"])
    engine = CountingEngine()
    with pytest.raises(InputError, match="belongs to this suite"):
        run_sweep(against(str(path)), engine, store, silent)
    with pytest.raises(TaskError, match="cannot be read"):
        run_sweep(against(str(tmp_path / "none.json")), engine, store, silent)
    assert engine.asked == 0


def test_instructions_without_checks_say_why_they_have_no_rates(
    store: RunStore, suites: Path
) -> None:
    data = next(suites.parent.rglob("instructions.jsonl"))
    rows = [json.loads(line) for line in data.read_text().splitlines()]
    data.write_text("\n".join(json.dumps({**row, "checks": []}) for row in rows))
    run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    line = read_trade_off(store, "tiny")
    assert line is not None
    base = line.at(Lam.parse("0"))
    assert base is not None and base.missing == 3
    for measure in (base.win_rate, base.pass_rate):
        assert (measure.value, measure.n) == (None, 0)
        assert measure.reason == "the instruction carries no checks: choose another judge"
