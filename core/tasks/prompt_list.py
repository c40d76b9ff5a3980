r"""A list of prompts as a person gives it: one a line, JSON lines, or CSV. No files, no models.

    read_prompt_list("Name three rivers.\nAdd 2 and 3.").prompts
    read_prompt_list(text, "jsonl")       # {"prompt": …, "system": …, "kind": …, "mode": …} a line
    read_prompt_list(text, "csv")         # the same names as columns

"instruction" and "text" are read as "prompt" too, so that AlpacaEval's and lm-eval's files can
be given as they are. What cannot be used is refused with its line; nothing is left out silently.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import InputError
from core.store.filmstrip import OWN, Mode

ListForm = Literal["lines", "jsonl", "csv"]
MOST_PROMPTS = 1000
MOST_CHARACTERS = 50_000  # of one prompt
_PROMPT = ("prompt", "instruction", "text")


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    """One prompt of a list."""

    text: str
    mode: Mode = "chat"
    system: str | None = None
    kind: str = OWN


@dataclass(frozen=True, slots=True)
class PromptList:
    """Prompts in their order, each once."""

    prompts: tuple[ListedPrompt, ...]
    repeated: int = 0  # how many were there before and are asked once


def form_of(file_name: str) -> ListForm:
    """By the ending of a file's name; anything unknown is one prompt a line."""
    ending = file_name.rsplit(".", 1)[-1].lower()
    return "jsonl" if ending in ("jsonl", "ndjson") else "csv" if ending == "csv" else "lines"


def read_prompt_list(text: str, form: ListForm = "lines", mode: Mode = "chat") -> PromptList:
    """The prompts; those without a mode of their own get `mode`.

    Raises:
        InputError: no prompt, too many, too long, or a line that cannot be read.
    """
    found = list(_READERS[form](text.removeprefix("\ufeff"), mode))
    if not found:
        raise InputError("The list holds no prompt. Write one a line.")
    once = tuple(dict.fromkeys(found))
    if len(once) > MOST_PROMPTS:
        raise InputError(
            f"The list holds {len(once):,} prompts. Give at most {MOST_PROMPTS:,} at a time."
        )
    return PromptList(once, len(found) - len(once))


def decode_upload(content: bytes, name: str) -> str:
    """An uploaded file's text.

    Raises:
        InputError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name[:80]!r} is not text in UTF-8 (byte {error.start}). Save it as UTF-8 first."
        ) from error


def _lines(text: str, mode: Mode) -> Iterator[ListedPrompt]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _listed({"prompt": line.strip()}, number, mode)


def _jsonl(text: str, mode: Mode) -> Iterator[ListedPrompt]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"Line {number} is no JSON: {line.strip()[:60]!r}. Write one object a line."
            ) from error
        yield _listed({"prompt": row} if isinstance(row, str) else row, number, mode)


def _csv(text: str, mode: Mode) -> Iterator[ListedPrompt]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not any(name in _PROMPT for name in reader.fieldnames or ()):
        raise InputError(
            f"The CSV has the columns {', '.join(reader.fieldnames or ()) or 'none'!s:.80}. "
            "Name one of them prompt, instruction or text."
        )
    try:
        for row in reader:
            yield _listed(row, reader.line_num, mode)
    except csv.Error as error:
        raise InputError(
            f"The CSV cannot be read at line {reader.line_num} ({error}). Save it again as CSV."
        ) from error


_READERS = {"lines": _lines, "jsonl": _jsonl, "csv": _csv}


def _listed(row: Any, number: int, mode: Mode) -> ListedPrompt:
    text = next((row[name] for name in _PROMPT if name in row), None) if _is_row(row) else None
    if not isinstance(text, str) or not text.strip():
        raise InputError(
            f"Line {number} holds no prompt: {row!r:.60}. Give it a text named prompt."
        )
    own = row.get("mode") or mode
    if own not in get_args(Mode):
        raise InputError(
            f"Line {number} has the mode {own!r:.40}. Choose {', '.join(get_args(Mode))}."
        )
    system, kind = row.get("system") or None, row.get("kind") or OWN
    return ListedPrompt(_usable(text, number), own, system and _usable(system, number), str(kind))


def _is_row(row: Any) -> bool:
    return isinstance(row, Mapping)


def _usable(text: Any, number: int) -> str:
    """A text that can be encoded and is not longer than a model could read.

    JSON can say half a character (a lone surrogate), which is no text.
    """
    if not isinstance(text, str) or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(f"Line {number} holds {text!r:.40}, which is no text. Correct that line.")
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"Line {number} has {len(text):,} characters. "
            f"Give at most {MOST_CHARACTERS:,} a prompt."
        )
    return text
