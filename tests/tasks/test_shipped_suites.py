"""Every suite that ships can be run: its tasks build, its data is whole, its items are many."""

from collections import Counter

import pytest

from core.judges.checks import parse_check
from core.judges.verifier import judge
from core.tasks.definition import read_definition, task_decoding
from core.tasks.instructions import load_instructions, reference_outputs
from core.tasks.jsonl import read_jsonl
from core.tasks.lmeval import build_task
from core.tasks.suites import SUITES as SHIPPED
from core.tasks.suites import Suite, SuiteTask, list_suites, load_suite

# Those of icl-classic are in test_classic.py: their data does not ship.
SUITES = [load_suite(name) for name in list_suites(SHIPPED) if not name.startswith("icl-classic")]
TASKS = [task for suite in SUITES for task in suite.tasks]
INSTRUCTIONS = [suite for suite in SUITES if suite.instructions and not suite.instructions.hub]


def name(one: SuiteTask | Suite) -> str:
    return one.name


def test_the_few_shot_suite_has_all_forms_and_fields() -> None:
    tasks = load_suite("tinyworld-icl").tasks
    assert len(tasks) >= 10
    assert {task.form for task in tasks} == {"MC", "FMC", "G"}
    assert len({task.category for task in tasks}) >= 6
    assert sum(task.measures_context for task in tasks) >= 4


@pytest.mark.parametrize("task", TASKS, ids=name)
def test_a_task_builds_its_prompts_and_has_its_headline_metric(task: SuiteTask) -> None:
    built = build_task(task)
    assert len(built.items) >= 100
    metrics = {metric["metric"] for metric in built.task.config.metric_list}
    assert task.metric.partition(",")[0] in metrics
    choices = [len(item.instances) for item in built.items]
    generates = task.form == "G"
    assert (max(choices) == 1) == generates == read_definition(task.definition).generates
    assert (task_decoding(read_definition(task.definition)) is not None) == generates


@pytest.mark.parametrize("task", TASKS, ids=name)
def test_chance_is_one_over_the_choices_and_answers_are_spread(task: SuiteTask) -> None:
    built = build_task(task)
    if task.form == "G":
        assert task.chance is None
        return
    choices = {len(item.instances) for item in built.items}
    assert choices == {round(1 / (task.chance or 1))}
    golds = Counter(built.task.doc_to_target(item.doc) for item in built.items)
    assert max(golds.values()) / len(built.items) <= (task.chance or 1) + 0.15


@pytest.mark.parametrize("task", TASKS, ids=name)
def test_lm_evals_own_loader_finds_one_type_a_field(task: SuiteTask) -> None:
    """It takes the types from the first split and refuses what differs in the next."""
    files = read_definition(task.definition).data_files.values()
    rows = [row for file in files for row in read_jsonl(file)]
    assert len({tuple(row) for row in rows}) == 1
    for field in rows[0]:
        assert len({type(row[field]) for row in rows}) == 1, field


@pytest.mark.parametrize("task", [one for one in TASKS if one.measures_context], ids=name)
def test_a_task_that_measures_context_has_shuffled_exemplars(task: SuiteTask) -> None:
    assert "dev_shuffled" in read_definition(task.definition).data_files


@pytest.mark.parametrize("suite", INSTRUCTIONS, ids=name)
def test_instructions_have_readable_checks_and_references_that_pass(suite: Suite) -> None:
    items = load_instructions(suite)
    assert len(items) >= 120
    for item in items:
        assert any(parse_check(record).content for record in item.checks), item.id
    records = judge(items, reference_outputs(suite), None)
    assert [one.item for one in records if not one.candidate_passed] == []
