"""The embedded suites: made again byte for byte, balanced, linked, and true."""

import re
from collections import Counter
from pathlib import Path

import pytest

from core.demo.suite_icl import EXEMPLARS, ITEMS, IclTask, icl_tasks
from core.demo.suite_reasoning import VARIANTS, reasoning_rows
from core.demo.suites import TASKS, suite_files, write_suites
from core.tasks.lmeval import build_task
from core.tasks.suites import load_suite

AREAS = {
    "General knowledge", "Commonsense reasoning", "Language understanding", "Symbolic reasoning",
    "Reading comprehension", "Finance",
}  # fmt: skip
PROMPT_WORDS = 200  # of a prompt with its examples, words and marks


@pytest.fixture(scope="module")
def tasks() -> tuple[IclTask, ...]:
    return icl_tasks()


def test_the_shipped_files_are_what_the_generator_writes() -> None:
    different = [
        name for name, text in suite_files().items() if (TASKS / name).read_bytes() != text.encode()
    ]
    assert different == []


def test_writing_twice_changes_no_byte(tmp_path: Path) -> None:
    write_suites(tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write_suites(tmp_path)
    assert {path: path.read_bytes() for path in first} == first


def test_the_suite_covers_every_area_and_every_form(tasks: tuple[IclTask, ...]) -> None:
    assert len(tasks) >= 10
    assert {task.category for task in tasks} == AREAS
    assert {task.shape.form for task in tasks} == {"MC", "FMC", "G"}
    assert sum(bool(task.dev_shuffled) for task in tasks) >= 5


def test_tasks_have_different_items_and_other_exemplars(tasks: tuple[IclTask, ...]) -> None:
    for task in tasks:
        assert len(task.test) >= ITEMS and len(task.dev) >= EXEMPLARS
        texts = [(row["text"], *row.get("options", ())) for row in (*task.test, *task.dev)]
        assert len(set(texts)) == len(texts), task.name


def test_a_constant_answer_earns_chance(tasks: tuple[IclTask, ...]) -> None:
    for task in tasks:
        if task.chance is not None:
            golds = Counter(row["gold"] for row in task.test)
            assert set(golds.values()) == {round(task.chance * len(task.test))}, task.name


def test_options_differ_and_hold_the_answer_once(tasks: tuple[IclTask, ...]) -> None:
    for task in tasks:
        for row in (*task.test, *task.dev):
            options = row.get("options") or row.get("choices") or [row["answer"]]
            assert len(set(options)) == len(options)


def test_context_tasks_share_no_label_and_no_noun_with_their_exemplars(
    tasks: tuple[IclTask, ...],
) -> None:
    context = [task for task in tasks if task.dev_shuffled]
    labels = [label for task in context for label in task.test[0]["choices"]]
    assert len(labels) == len(set(labels))
    for task in context:
        shown = {row["cluster"] for row in task.dev if "cluster" in row}
        assert shown.isdisjoint(row.get("cluster") for row in task.test)


def test_shuffled_exemplars_say_nothing_about_the_labels(tasks: tuple[IclTask, ...]) -> None:
    for task in tasks:
        if task.dev_shuffled:
            pairs = zip(task.dev, task.dev_shuffled, strict=True)
            turned = Counter((row["gold"], other["gold"]) for row, other in pairs)
            assert set(turned.values()) == {len(task.dev) // 4}


@pytest.mark.parametrize("name", ["tinyworld-icl", "tinyworld-reasoning"])
def test_the_suite_loads_and_its_prompts_are_short(name: str) -> None:
    for task in load_suite(name).tasks:
        built = build_task(task)
        assert len(built.items) >= 100
        limit = PROMPT_WORDS if name == "tinyworld-icl" else 2 * PROMPT_WORDS
        for item in built.items[:10]:
            prompt = item.instances[0].args[0]
            assert prompt.count("\n\n") >= task.shots
            assert len(re.findall(r"\w+|[^\w\s]", prompt)) <= limit, prompt


def test_exemplars_of_problems_show_their_steps() -> None:
    built = build_task(load_suite("tinyworld-reasoning").tasks[0])
    assert built.items[0].instances[0].args[0].count("The answer is ") == 4


def test_every_problem_has_all_its_twins_and_every_step_is_right() -> None:
    rows = reasoning_rows()
    originals = {row["id"] for row in rows["original"]}
    assert len(originals) >= 150
    for variant in VARIANTS[1:]:
        assert {row["twin_of"] for row in rows[variant]} == originals
    for row in (row for part in rows.values() for row in part):
        sums = re.findall(r"(\d+) ([-+*]) (\d+) = (\d+)", row["solution"])
        assert len(sums) == row["steps"] in (2, 3)
        for left, sign, right, result in sums:
            a, b = int(left), int(right)
            assert {"+": a + b, "-": a - b, "*": a * b}[sign] == int(result)
        assert row["answer"] == sums[-1][3]
        assert row["solution"].endswith(f"The answer is {row['answer']}.")


def test_twins_change_what_they_name_and_nothing_else() -> None:
    rows = {
        variant: {row["id"].removesuffix(f"-{variant}"): row for row in part}
        for variant, part in reasoning_rows().items()
    }
    for name, row in rows["original"].items():
        masked = re.sub(r"\d+", "#", row["question"])
        renumbered = rows["numbers"][name]["question"]
        assert re.sub(r"\d+", "#", renumbered) == masked and renumbered != row["question"]
        assert rows["wording"][name]["question"] != row["question"]
        assert rows["wording"][name]["solution"] == row["solution"]
        assert rows["irrelevant"][name]["answer"] == row["answer"]
        kept = [line for line in re.findall(r"[^.?]+[.?]", row["question"])]
        assert all(line in rows["irrelevant"][name]["question"] for line in kept)
