"""Suites are data: what is listed loads, what is broken says where, and lm_eval stays out."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import NameRefused, NotKnown, TaskError
from core.tasks.instructions import (
    checks_hash,
    instructions_hash,
    load_instructions,
    read_outputs,
    reference_outputs,
)
from core.tasks.suites import list_suites, load_suite
from tests.small_suite import write_jsonl, write_small_suite


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    return write_small_suite(tmp_path)


def test_every_listed_suite_loads(suites: Path) -> None:
    assert list_suites(suites) == ("small", "small-instructions")
    for name in list_suites(suites):
        assert load_suite(name, suites).name == name


def test_a_task_says_how_it_is_run(suites: Path) -> None:
    task = load_suite("small", suites).task("small_letter")
    assert (task.form, task.shots, task.metric, task.chance) == ("FMC", 3, "acc", 0.33)
    assert task.definition.is_file()


def test_unknown_names_are_refused_with_what_there_is(suites: Path) -> None:
    with pytest.raises(NotKnown, match="small-instructions"):
        load_suite("large", suites)
    with pytest.raises(NotKnown, match="small_text"):
        load_suite("small", suites).task("large")
    with pytest.raises(NameRefused):
        load_suite("../small", suites)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "icl"', 'kind = "poll"'),
        ("shots = 3", "shots = -1"),
        ('form = "MC"', 'form = "ABC"'),
        ('name = "small_text"', 'name = "small_choice"'),
        ('title = "Small"', ""),
        ("[[tasks]]", "[[tasks"),
    ],
)
def test_a_broken_suite_names_its_file(suites: Path, old: str, new: str) -> None:
    path = suites / "small.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(TaskError, match=r"small\.toml"):
        load_suite("small", suites)


def test_instructions_keep_their_order_and_their_system_message(suites: Path) -> None:
    items = load_instructions(load_suite("small-instructions", suites))
    assert [item.id for item in items] == ["i0", "i1", "i2"]
    assert [item.system for item in items] == [None, None, "You shout."]


def test_reference_outputs_are_matched_by_instruction(suites: Path, tmp_path: Path) -> None:
    suite = load_suite("small-instructions", suites)
    assert reference_outputs(suite) == {"i0": "an ash", "i1": "a birch"}
    other = tmp_path / "other.json"
    other.write_text('[{"instruction": "Sing.", "output": "la"}]')
    with pytest.raises(TaskError, match="belongs to this suite"):
        read_outputs(other, load_instructions(suite))
    other.write_text('{"instruction": "Sing."}')
    with pytest.raises(TaskError, match="JSON list"):
        read_outputs(other, load_instructions(suite))


def test_another_check_asks_for_no_other_answer(suites: Path) -> None:
    suite = load_suite("small-instructions", suites)
    before = load_instructions(suite)
    path = suites.parent / "small" / "instructions.jsonl"
    path.write_text(path.read_text().replace('"text": "dune"', '"text": "beech"'))
    after = load_instructions(suite)
    assert instructions_hash(before) == instructions_hash(after)
    assert checks_hash(before) != checks_hash(after)


def test_lines_are_split_on_newlines_only(suites: Path) -> None:
    path = suites.parent / "small" / "instructions.jsonl"
    row = {"id": "a", "instruction": "One\u2028two\x0cthree.", "kind": "k", "checks": []}
    write_jsonl(path, [row])
    [item] = load_instructions(load_suite("small-instructions", suites))
    assert item.instruction == "One\u2028two\x0cthree."


@pytest.mark.parametrize(
    ("text", "said"), [("", "no items"), ("{]", "Line 1"), ("3", "JSON object"), ("{}", "lacks")]
)
def test_broken_data_says_where(suites: Path, text: str, said: str) -> None:
    (suites.parent / "small" / "instructions.jsonl").write_text(text)
    with pytest.raises(TaskError, match=said):
        load_instructions(load_suite("small-instructions", suites))


def test_planning_needs_neither_lm_eval_nor_torch() -> None:
    code = (
        "import core.evals.plan, core.evals.icl, core.evals.generations, core.judges.verifier\n"
        "import sys; print([m for m in ('torch', 'lm_eval', 'datasets') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
