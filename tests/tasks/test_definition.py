"""A task's identity: anything that can change an answer changes the hash, nothing else does."""

from pathlib import Path

import pytest

from core.errors import TaskError
from core.tasks.definition import read_definition, task_decoding, task_hash
from tests.small_suite import write_small_suite


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_small_suite(tmp_path)
    return tmp_path / "small"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_files_are_found_beside_the_yaml(folder: Path) -> None:
    definition = read_definition(folder / "small_letter.yaml")
    assert definition.data_files["test"] == (folder / "test.jsonl").resolve()
    assert [source.name for source in definition.sources] == [
        "small_letter.yaml",
        "small_choice.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("small_letter.yaml", "Answer:", "Reply:"),
        ("small_choice.yaml", "acc_norm", "acc_bytes"),
        ("test.jsonl", "café", "cafe"),
        ("dev.jsonl", "fern", "moss"),
    ],
)
def test_every_file_counts_in_the_hash(folder: Path, name: str, old: str, new: str) -> None:
    before = task_hash(read_definition(folder / "small_letter.yaml"))
    assert before == task_hash(read_definition(folder / "small_letter.yaml"))
    edit(folder / name, old, new)
    assert before != task_hash(read_definition(folder / "small_letter.yaml"))


def test_a_function_counts_in_the_hash_by_its_source(folder: Path) -> None:
    code = folder / "wording.py"
    code.write_text("def ask(doc):\n    return doc['thing']\n")
    edit(folder / "small_letter.yaml", "task: small_letter", "task: small_letter\nx: y")
    edit(folder / "small_letter.yaml", "x: y", "process_docs: !function wording.ask")
    before = task_hash(read_definition(folder / "small_letter.yaml"))
    edit(code, "thing", "label")
    assert before != task_hash(read_definition(folder / "small_letter.yaml"))


def test_other_exemplars_are_another_task(folder: Path) -> None:
    definition = read_definition(folder / "small_choice.yaml")
    assert task_hash(definition) != task_hash(definition, "shuffled")


def test_decoding_is_what_the_yaml_says(folder: Path) -> None:
    decoding = task_decoding(read_definition(folder / "small_text.yaml"))
    assert decoding is not None
    assert (decoding.max_new_tokens, decoding.stop, decoding.greedy) == (6, ("\n",), True)
    assert task_decoding(read_definition(folder / "small_letter.yaml")) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_gen_toks: 6", "do_sample: true", "greedily"),
        ("task: small_text", "name: small_text", "names no task"),
        ("task: small_text", "include: small_text.yaml", "includes itself"),
        ("test.jsonl", "missing.jsonl", r"missing\.jsonl"),
        ("task: small_text", "task: [", "cannot be read"),
    ],
)
def test_a_broken_definition_says_so(folder: Path, old: str, new: str, said: str) -> None:
    edit(folder / "small_text.yaml", old, new)
    with pytest.raises(TaskError, match=said):
        task_decoding(read_definition(folder / "small_text.yaml"))
