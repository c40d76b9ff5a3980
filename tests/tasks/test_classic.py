"""The 21 classic tasks and their two forms: each is loaded, prompted and scored.

The rows in tests/data are made up, in the columns and types of the hub's data sets, and are
read by `datasets` as a person's own copy would be (PARTWAY_DATA).
"""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.evals.replay import StoredTask, evaluate_stored
from core.lam import Lam
from core.spec import run_spec_from_json, spec_to_json
from core.store.codec import record_from_json, record_to_json
from core.store.records import IclRecord
from core.tasks.definition import read_definition
from core.tasks.lmeval import BuiltTask, build_task
from core.tasks.suites import SuiteTask, load_suite
from core.tasks.typed import form_of, task_version
from tests.hash_engine import PAIR, HashEngine

CLASSIC, LETTERS, TEXTS = (
    load_suite(name).tasks for name in ("icl-classic", "icl-classic-letters", "icl-classic-texts")
)
TASKS = {task.name: task for task in (*CLASSIC, *LETTERS, *TEXTS)}
FEW = 2  # shots in these tests: a made-up split holds two or three rows
CATEGORIES = {
    "General knowledge",
    "Commonsense reasoning",
    "Language understanding",
    "Symbolic reasoning",
    "Reading comprehension",
    "Finance",
}


def few_shots(task: SuiteTask) -> SuiteTask:
    return replace(task, shots=min(task.shots, FEW))


def built(name: str) -> BuiltTask:
    return build_task(few_shots(TASKS[name]))


def prompt(name: str, item: int = 0) -> str:
    return str(built(name).items[item].instances[0].args[0])


def scored(task: SuiteTask) -> list[IclRecord]:
    spec = icl_spec(task, PAIR, Lam(0))
    return [one for batch in score_items(HashEngine(), spec, task) for one in batch.records]  # type: ignore[misc]


def test_twenty_one_tasks_over_six_categories_in_three_forms() -> None:
    assert len(CLASSIC) == len({task.name for task in CLASSIC}) == 21
    assert {task.category for task in CLASSIC} == CATEGORIES
    assert min(Counter(task.category for task in CLASSIC).values()) >= 3
    assert {task.form for task in CLASSIC} == {"MC", "FMC", "G"}


def test_every_choice_task_is_there_by_letter_and_by_text() -> None:
    choices = [task for task in CLASSIC if task.form != "G"]
    assert [task.form for task in LETTERS] == ["FMC"] * len(choices)
    assert [task.form for task in TEXTS] == ["MC"] * len(choices)
    for one, letter, text in zip(choices, LETTERS, TEXTS, strict=True):
        read = [read_definition(each.definition) for each in (one, letter, text)]
        assert len({(each.repo, each.data_name) for each in read}) == 1
        same = {(t.category, t.shots, t.fewshot_seed, t.sampler) for t in (one, letter, text)}
        assert len(same) == 1


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_line_of_the_suite_says_what_the_task_file_says(task: SuiteTask) -> None:
    definition = read_definition(task.definition)
    assert definition.name == task.name
    assert task.version == task_version(definition)
    assert task.revision is None, "a commit that nobody looked up is not written down"
    counted = "for one in choices" in str(definition.config["doc_to_text"])
    assert form_of(definition) == task.form or (task.form == "FMC" and counted)


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_each_task_is_loaded_and_scored(task: SuiteTask, hub_copies: Path) -> None:
    task = few_shots(task)
    records = scored(task)
    assert len(records) >= 2
    for record in records:
        assert task.metric in record.metrics
        assert 0 <= record.metrics[task.metric] <= 1
        assert record.target
        if task.form == "G":
            assert record.finish == "stop" or record.greedy is not None
        else:
            assert record.target in record.choices
            assert record.prediction in record.choices
            assert len(record.logprobs) == len(record.choices) > 1
        kept = record_from_json("icl", json.loads(json.dumps(record_to_json(record))))
        assert isinstance(kept, IclRecord)
        assert replace(kept, logprobs=record.logprobs) == record
    targets = {record.target for record in records}
    assert len(targets) > 1, "a made-up split whose answers are all the same shows nothing"


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_chance_is_one_over_the_choices(task: SuiteTask, hub_copies: Path) -> None:
    counts = {len(item.instances) for item in built(task.name).items}
    if task.form == "G":
        assert task.chance is None
        assert counts == {1}
    elif task.chance is not None:
        assert counts == {round(1 / task.chance)}


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_no_item_is_among_its_own_examples(task: SuiteTask, hub_copies: Path) -> None:
    made = built(task.name)
    without = build_task(replace(few_shots(task), shots=0))
    for item, bare in zip(made.items, without.items, strict=True):
        few, none = (one.instances[0].args[0] for one in (item, bare))
        question = none.rpartition("\n\n")[2]
        assert few.count(question) == 1, few


def test_examples_come_from_a_split_of_their_own() -> None:
    asked_too = [
        task.name
        for task in TASKS.values()
        if (d := read_definition(task.definition)).example_split in d.splits[:1] and task.shots
    ]
    assert asked_too == ["arithmetic_2da"], "it has one split; the item itself is left out"


def test_exemplars_are_the_same_for_every_item(hub_copies: Path) -> None:
    items = built("hellaswag").items
    heads = {item.instances[0].args[0].rpartition("\n\n")[0] for item in items}
    assert len(heads) == 1
    other = build_task(replace(few_shots(TASKS["hellaswag"]), fewshot_seed=2, shots=1)).items
    assert other[0].instances[0].args[0] != items[0].instances[0].args[0]


def test_letters_stand_before_the_options_and_are_what_is_scored(hub_copies: Path) -> None:
    text = prompt("arc_challenge_letters", 1)
    assert text.endswith("Which of these floats?\nA. a stone\nB. a cork\nC. a nail\nAnswer:")
    [item] = [one for one in built("arc_challenge_letters").items if one.id == "Made_1"]
    assert [instance.args[1] for instance in item.instances] == [" A", " B", " C"]
    assert scored(few_shots(TASKS["arc_challenge_letters"]))[1].target == "B"


def test_chance_of_items_that_differ_is_left_to_the_items() -> None:
    assert TASKS["arc_challenge"].chance is None
    assert TASKS["winogrande"].chance == 0.5


def test_examples_of_drop_show_answers_not_field_names(hub_copies: Path) -> None:
    assert "worker_id" not in prompt("classic_drop")
    assert "Answer: Sund" in prompt("classic_drop")


def test_drop_takes_the_best_of_the_answers_that_people_gave(hub_copies: Path) -> None:
    task = built("classic_drop").task
    number, pair = (item.doc for item in built("classic_drop").items[:2])
    assert task.process_results(number, ["5 points"]) == {"em": 1, "f1": 1}
    assert task.process_results(number, ["7"]) == {"em": 0, "f1": 0}
    assert 0 < task.process_results(pair, ["Mara, Ivo"])["f1"] < 1  # one text, two people wanted


def test_squad_takes_any_of_the_answers(hub_copies: Path) -> None:
    task = built("classic_squad").task
    doc = built("classic_squad").items[0].doc
    assert task.process_results(doc, ["The River Tess."])["exact_match"] == 1
    assert task.process_results(doc, ["Sund"])["exact_match"] == 0


def test_only_first_turns_of_conversations_are_asked(hub_copies: Path) -> None:
    turns = [item.doc["turn"] for item in built("classic_convfinqa").items]
    assert turns == [0, 0]


@pytest.mark.parametrize(
    ("answer", "f1"),
    [
        ("Sund Bank, ORG\nMara Quill, PER", 1.0),
        ("mara  quill , per\nSund Bank, ORG\nI hope this helps!", 1.0),
        ("Sund Bank, ORG", 2 / 3),
        ("Sund Bank, PER", 0.0),
        ("", 0.0),
    ],
)
def test_entities_are_scored_as_a_set(answer: str, f1: float, hub_copies: Path) -> None:
    made = built("classic_ner")
    assert made.task.process_results(made.items[0].doc, [answer])["entity_f1"] == pytest.approx(f1)


def test_changed_rows_are_another_run(
    hub_copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = few_shots(TASKS["piqa"])
    before = icl_spec(task, PAIR, Lam(0)).run_id
    copies = shutil.copytree(hub_copies / "baber", tmp_path / "copies" / "baber").parent
    monkeypatch.setenv("PARTWAY_DATA", str(copies))
    assert icl_spec(task, PAIR, Lam(0)).run_id == before, "the same rows in another folder"
    rows = next(copies.rglob("validation-*"))
    rows.write_text(rows.read_text().replace("add pepper", "add salt").replace("paint", "hide"))
    assert icl_spec(task, PAIR, Lam(0)).run_id != before
    assert "hide it." in [c for record in scored(task) for c in record.choices]


@pytest.mark.parametrize("change", [{"sampler": "first_n"}, {"cluster": "goal"}, {"shots": 1}])
def test_other_exemplars_are_another_run(change: dict[str, object], hub_copies: Path) -> None:
    task = few_shots(TASKS["piqa"])
    changed = replace(task, **change)  # type: ignore[arg-type]
    assert icl_spec(task, PAIR, Lam(0)).run_id != icl_spec(changed, PAIR, Lam(0)).run_id


@pytest.mark.parametrize("name", ["lambada_openai", "winogrande", "classic_ner", "arithmetic_2da"])
def test_every_shape_goes_out_as_lm_evals_results(
    name: str, hub_copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = few_shots(TASKS[name])
    records = tuple(scored(task))
    stored = StoredTask(task, icl_spec(task, PAIR, Lam(0)), records, {})
    [metrics] = evaluate_stored([stored])["results"].values()
    [headline] = [value for key, value in metrics.items() if key.partition(",")[0] == task.metric]
    mean = sum(record.metrics[task.metric] for record in records) / len(records)
    assert headline == pytest.approx(mean)
    assert capsys.readouterr().out == ""


def test_a_run_says_which_rows_and_examples_it_had(hub_copies: Path) -> None:
    spec = icl_spec(few_shots(TASKS["piqa"]), PAIR, Lam(0))
    assert (spec.task.data, spec.prompt.sampler) == ("a copy of baber/piqa", "fixed")
    assert run_spec_from_json(json.loads(json.dumps(spec_to_json(spec)))) == spec
    assert str(hub_copies) not in json.dumps(spec_to_json(spec))


def test_items_of_one_passage_are_resampled_together(hub_copies: Path) -> None:
    items = built("boolq").items
    assert len({item.cluster for item in items}) == len({item.doc["passage"] for item in items})
    assert len({item.cluster for item in items}) < len(items)
