"""The shipped reasoning: every stage follows from the one before, and the answers from the weights.

Texts may differ between machines where two tokens are as good as tied, so a few answers are
asked again and nearly all of them must be the same. Extraction and grades need no model and are
the same to the letter.
"""

from pathlib import Path

import pytest

from core.engine.torch_engine import TorchEngine
from core.evals.reasoning import ask, pool_items, reasoning_spec
from core.evals.reasoning_stages import by_rules, extract_pools, grade_answers, rules_check
from core.evals.reasoning_summary import summarise_grades
from core.jobs.reasoning_regrade import problems_of
from core.lam import BASE, INSTRUCT, Lam, parse_grid
from core.reports.reasoning import ReasoningRun, read_runs
from core.reports.reasoning_protocols import run_at
from core.settings import PUBLISHED, read_settings
from core.spec import RunSpec
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord
from core.store.runs import RunStore
from core.tasks.problems.prompting import Way
from core.tasks.problems.protocol import read_protocol

pytestmark = pytest.mark.weights
STORE, PARTS = RunStore(PUBLISHED), ("original", "numbers", "shifted")
ITEMS_AGAIN, SAME_TEXTS = 4, 0.9


@pytest.fixture(scope="module")
def runs(shipped: TorchEngine) -> tuple[ReasoningRun, ...]:
    return read_runs(STORE, "tinyworld", shipped.load("tinyworld").identity)


def spec_of(run: ReasoningRun) -> RunSpec:
    spec = STORE.spec(run.run_id)
    assert isinstance(spec, RunSpec)
    return spec


def test_both_protocols_are_there_for_every_style_and_part(runs: tuple[ReasoningRun, ...]) -> None:
    for protocol in ("published", "symmetric", "symmetric-chat"):
        for part in PARTS:
            for style in ("direct", "zero-shot-cot", "few-shot-cot"):
                own = [r for r in runs if (r.part, r.setting.style) == (part, style)]
                for lam in (BASE, INSTRUCT):
                    assert run_at(own, read_protocol(protocol), lam) is not None
    few = [run for run in runs if run.setting.style == "few-shot-cot" and run.part == "original"]
    quarters = parse_grid("0:1:0.25")
    for protocol in ("symmetric", "symmetric-branches"):
        assert all(run_at(few, read_protocol(protocol), lam) for lam in quarters)


def test_every_stage_follows_from_the_one_before(runs: tuple[ReasoningRun, ...]) -> None:
    settings = read_settings({})
    for run in runs:
        spec = spec_of(run)
        loaded = problems_of(spec, settings)
        assert spec.reasoning is not None and set(run.grades) == {"rules", "math-verify"}
        few_shot = spec.reasoning.style == "few-shot-cot"
        assert spec.task == loaded.identity(few_shot, spec.task.limit), "the problems changed"
        problems = {one.id: one for one in loaded.problems}
        pools = [one for one in STORE.records(run.run_id) if isinstance(one, PoolRecord)]
        found = extract_pools(pools, problems, by_rules(spec.reasoning.answer == "json"))
        stored = [x for x in STORE.records(run.extraction) if isinstance(x, ExtractionRecord)]
        assert found == stored
        grading = run.grades["rules"]
        graded = [x for x in STORE.records(grading) if isinstance(x, GradeRecord)]
        assert grade_answers(found, problems, rules_check) == graded
        assert summarise_grades(spec.reasoning, found, graded) == STORE.summary(grading)


@pytest.mark.parametrize("protocol", ["symmetric", "symmetric-branches"])
def test_the_shipped_answers_are_those_of_the_shipped_weights(
    shipped: TorchEngine, runs: tuple[ReasoningRun, ...], protocol: str, tmp_path: Path
) -> None:
    few = [run for run in runs if run.setting.style == "few-shot-cot" and run.part == "original"]
    run = run_at(few, read_protocol(protocol), Lam(500))
    assert run is not None
    spec, pair = spec_of(run), shipped.load("tinyworld")
    loaded = problems_of(spec, read_settings({}))
    way = Way("few-shot-cot", "text")
    [arm] = read_protocol(protocol).arms
    whole = ask(shipped, pair, loaded, way, "completion", spec.task.limit)
    assert reasoning_spec(pair, spec.lam, whole, arm.with_sizes(8, None)) == spec
    asked = ask(shipped, pair, loaded, way, "completion", ITEMS_AGAIN)
    [batch] = pool_items(shipped, spec, asked)
    before = {one.item: one for one in STORE.records(run.run_id) if isinstance(one, PoolRecord)}
    same = [
        text == other
        for one in batch.records
        if isinstance(one, PoolRecord)
        for text, other in zip(one.outputs, before[one.item].outputs, strict=True)
    ]
    assert len(same) == ITEMS_AGAIN * 8 and sum(same) / len(same) >= SAME_TEXTS
