"""AlpacaEval's outputs files (`model_outputs.json`): one answer an instruction, read and written.

A JSON list of objects with `instruction`, `output` and, where there are any, `generator` and
`dataset`. Answers belong to items by the instruction's text, as in AlpacaEval; what has no
partner is counted, never dropped unseen. Not here: judging, and annotations.json.

    rows = read_output_rows(Path("model_outputs.json"))
    matched(rows, items).outputs                       # by item id
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from core.errors import TaskError

SHOWN = 60  # characters of an instruction in a message
FORMAT = "It must be a JSON list of objects with instruction and output, both texts."


class Asked(Protocol):
    """Anything with an id and the instruction's text."""

    @property
    def id(self) -> str:
        """Of the item within its suite."""

    @property
    def instruction(self) -> str:
        """The whole text."""


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One answer; `generator` names who gave it."""

    instruction: str
    output: str
    generator: str = ""
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Answers by item id, and how many things had no partner."""

    outputs: dict[str, str]
    missing: int  # items without an answer
    strangers: int  # answers to other instructions


def read_output_rows(path: Path) -> tuple[OutputRow, ...]:
    """The file's answers, in its order.

    Raises:
        TaskError: no such file, no JSON list, a row without the two texts, no rows, or an
            instruction twice.
    """
    rows = tuple(_row(row, place, path) for place, row in enumerate(_list(path), 1))
    if not rows:
        raise TaskError(f"The outputs file {path} is empty. {FORMAT}")
    text, times = Counter(row.instruction for row in rows).most_common(1)[0]
    if times > 1:
        raise TaskError(
            f"The outputs file {path} answers {text[:SHOWN]!r} {times} times. "
            "Keep one output an instruction."
        )
    return rows


def matched(rows: Sequence[OutputRow], items: Sequence[Asked]) -> Matched:
    """The answers to these items, by the instruction's text, letter for letter."""
    outputs = {row.instruction: row.output for row in rows}
    found = {item.id: outputs[item.instruction] for item in items if item.instruction in outputs}
    known = {item.instruction for item in items}
    strangers = sum(row.instruction not in known for row in rows)
    return Matched(found, len(items) - len(found), strangers)


def outputs_text(rows: Sequence[OutputRow]) -> str:
    """The text of an outputs file; `generator` and `dataset` are always written."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n"


def generator_of(rows: Sequence[OutputRow], path: Path) -> str:
    """Whose outputs these are: the one generator named in the file, or else the file's name."""
    names = {row.generator for row in rows}
    return names.pop() if len(names) == 1 and "" not in names else path.stem


def _list(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaskError(
            f"The outputs file {path} cannot be read ({error.strerror}). Correct the path."
        ) from error
    except ValueError as error:
        raise TaskError(f"The outputs file {path} is no JSON ({error}). {FORMAT}") from error
    if not isinstance(rows, list):
        raise TaskError(f"The outputs file {path} holds no list. {FORMAT}")
    return rows


def _row(row: Any, place: int, path: Path) -> OutputRow:
    if not isinstance(row, Mapping):
        raise TaskError(f"Entry {place} of {path} is {row!r:.60}, no object. {FORMAT}")
    for key in ("instruction", "output"):
        if not isinstance(row.get(key), str):
            has = f"has {row[key]!r:.40} as its {key}" if key in row else f"has no {key}"
            keys = ", ".join(map(str, row)) or "none"
            raise TaskError(f"Entry {place} of {path} {has} (its keys: {keys}). {FORMAT}")
    generator, dataset = row.get("generator") or "", row.get("dataset") or ""
    return OutputRow(row["instruction"], row["output"], str(generator), str(dataset))
