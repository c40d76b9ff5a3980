"""Outputs files: read back as written, matched by text, refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import TaskError
from core.tasks.instructions import Instruction
from core.tasks.outputs import (
    OutputRow,
    generator_of,
    matched,
    outputs_text,
    read_output_rows,
)

ROWS = (OutputRow("Say é.", "é\u2028\n", "me", "set"), OutputRow("Say b.", "", "me", "set"))


def item(name: str, text: str) -> Instruction:
    return Instruction(name, text, None, "kind", (), None, None)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text(outputs_text(ROWS), encoding="utf-8")
    assert read_output_rows(path) == ROWS
    assert set(json.loads(path.read_text())[0]) == {"instruction", "output", "generator", "dataset"}


def test_they_are_matched_by_text_and_the_rest_is_counted() -> None:
    found = matched(ROWS, [item("1", "Say é."), item("2", "Say  b."), item("3", "Say c.")])
    assert (found.outputs, found.missing, found.strangers) == ({"1": "é\u2028\n"}, 2, 1)


def test_the_generator_is_named_once_or_the_file_is() -> None:
    assert generator_of(ROWS, Path("f.json")) == "me"
    assert generator_of((OutputRow("a", "b"),), Path("f.json")) == "f"


GOOD = {"instruction": "a", "output": "b"}
LACKING = "Entry 2 .* has no instruction .*its keys: prompt, output"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[{", "no JSON"),
        (GOOD, "no list"),
        ([], "is empty"),
        (["a"], "Entry 1 .* no object"),
        ([GOOD, {"prompt": "a", "output": "b"}], LACKING),
        ([{**GOOD, "output": None}], "has None as its output"),
        ([{**GOOD, "output": float("nan")}], "has nan as its output"),
        ([GOOD, {**GOOD, "output": "c"}], "answers 'a' 2 times"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "out.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(TaskError, match=said):
        read_output_rows(path)
