"""Instructions in AlpacaEval's fields, each with checks that a program can decide.

Ours are one JSON object a line: `id`, `instruction`, `kind`, `checks` (records that
core/judges/checks.py reads), and, where there is one, `system`, `output` (an answer written
by the data's author) and `cluster` (the template that items share). AlpacaEval's own file, a
JSON list, is read as well; its instructions carry no checks. Not here: checking, and asking a
model.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.canon import content_id, text_hash
from core.errors import TaskError
from core.tasks.hub_file import hub_file
from core.tasks.jsonl import read_jsonl
from core.tasks.outputs import matched, read_output_rows
from core.tasks.stamps import Stamp, stamp
from core.tasks.suites import InstructionData, Suite


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing asked for, and how to see whether it was done."""

    id: str
    instruction: str
    system: str | None
    kind: str
    checks: tuple[Mapping[str, Any], ...]
    reference: str | None
    cluster: str | None


def instruction_data(suite: Suite) -> InstructionData:
    """Where the suite's items are.

    Raises:
        TaskError: the suite is of another kind.
    """
    if suite.instructions is None:
        raise TaskError(
            f"The suite {suite.name} is of kind {suite.kind} and has no instructions. "
            "Choose a suite of kind instructions."
        )
    return suite.instructions


def load_instructions(suite: Suite) -> tuple[Instruction, ...]:
    """Every instruction of the suite, in the data's order.

    Raises:
        TaskError: the data is missing or broken, or two items share an id.
    """
    data = instruction_data(suite)
    path = _here(data, data.data)
    if not path.is_file():
        raise TaskError(f"There is no data file {path}. Restore it from the repository.")
    items = _items(stamp(path))
    if data.count not in (None, len(items)):
        raise TaskError(
            f"{path} holds {len(items)} instructions and {suite.title} has {data.count}. Give the "
            "whole file; for fewer, measure with --limit."
        )
    return items


def outputs_file(suite: Suite) -> Path | None:
    """The file of the suite's reference outputs, or None where it has none.

    Raises:
        TaskError: the file is not on this machine and cannot be fetched.
    """
    data = instruction_data(suite)
    return None if data.outputs is None else _here(data, data.outputs)


def instructions_hash(items: Sequence[Instruction]) -> str:
    """Hash of what is asked, without the checks: another check asks for no other answer."""
    return content_id([[item.id, item.system, item.instruction] for item in items])


def checks_hash(items: Sequence[Instruction]) -> str:
    """Hash of what is checked, item by item; another check is another verdict."""
    return text_hash(json.dumps([[item.id, item.checks] for item in items], sort_keys=True))


def reference_outputs(suite: Suite) -> dict[str, str]:
    """The shipped reference outputs, by item id.

    Raises:
        TaskError: the suite ships none, or they do not belong to its instructions.
    """
    path = outputs_file(suite)
    if path is None:
        raise TaskError(
            f"The suite {suite.name} ships no reference outputs. Choose a λ as the reference."
        )
    return read_outputs(path, load_instructions(suite))


def read_outputs(path: Path, items: Sequence[Instruction]) -> dict[str, str]:
    """An outputs file in AlpacaEval's format, matched on the instruction's text.

    Items without an output are absent from the result and become missing verdicts.

    Raises:
        TaskError: no such file, another format, an instruction twice, or none that fits.
    """
    found = matched(read_output_rows(path), items).outputs
    if not found:
        raise TaskError(
            f"No instruction of {path} belongs to this suite. Give outputs for the same suite."
        )
    return found


@lru_cache(maxsize=8)
def _items(file: Stamp) -> tuple[Instruction, ...]:
    if file.path.suffix == ".json":
        return _alpaca_items(file.path)
    items = tuple(_instruction(row, file.path) for row in read_jsonl(file.path))
    if len({item.id for item in items}) < len(items):
        raise TaskError(f"Two instructions of {file.path} have one id. Correct the data.")
    return items


def _alpaca_items(path: Path) -> tuple[Instruction, ...]:
    """AlpacaEval's own file: numbered from 0 in its order, as its difficulties are; no checks."""
    return tuple(
        Instruction(f"{place:03d}", row.instruction, None, row.dataset, (), row.output, None)
        for place, row in enumerate(read_output_rows(path))
    )


def _here(data: InstructionData, path: Path) -> Path:
    return path if data.hub is None else hub_file(data.hub, path.name)


def _instruction(row: Mapping[str, Any], path: Path) -> Instruction:
    try:
        return Instruction(
            id=str(row["id"]),
            instruction=str(row["instruction"]),
            system=row.get("system"),
            kind=str(row["kind"]),
            checks=tuple(row["checks"]),
            reference=row.get("output"),
            cluster=row.get("cluster"),
        )
    except (KeyError, TypeError) as error:
        raise TaskError(
            f"An instruction of {path} lacks {error}: {dict(row)!r:.80}. Correct the data."
        ) from error
