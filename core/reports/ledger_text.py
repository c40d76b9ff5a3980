"""The texts of a ledger's items: prompts as stored, their ends, and search.

Few-shot prompts of one task mostly begin with the same examples. A prompt's *own part* is what
follows the beginning that all of the task's prompts share, from the start of its line. Search
looks there (else "river" in an example would find every item), and in choices, target and what
was said at every λ; case does not count. The *end* of a prompt is what follows its last blank
line: the question itself in lm-eval's few-shot prompts, whose examples stand a blank line apart.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from core.reports.ledger import Answer, Ledger
from core.reports.ledger_groups import Bools
from core.store.records import GenerationRecord, IclRecord
from core.store.runs import RunStore

KEPT_LINES = 128
KEPT_SEARCHES = 32


def prompt_of(ledger: Ledger, row: int) -> str | None:
    """The very text that was asked; None where prompts were not kept."""
    found = _prompt(ledger, row)
    return None if found is None else found.text


def own_part(ledger: Ledger, row: int) -> str | None:
    """What the prompt does not share with all others of its task."""
    found = _prompt(ledger, row)
    return None if found is None else found.text[found.own_from :]


def end_of_prompt(ledger: Ledger, row: int) -> str | None:
    """What follows the last blank line; a conversation's prompt whole."""
    found = _prompt(ledger, row)
    if found is None or ledger.of == "instructions":
        return None if found is None else found.text
    return found.text[_end_from(found.text) :]


def asked_words(ledger: Ledger, row: int) -> str | None:
    """The end on one line, without first words that all prompts of the task share.

    Of an instruction its own words, without the chat template's.
    """
    if (instruction := ledger.asked.get(ledger.items[row])) is not None:
        return " ".join(instruction.split())
    found = _prompt(ledger, row)
    if found is None:
        return None
    begin = found.words_from
    if ledger.of == "few-shot":
        begin = max(begin, _end_from(found.text))
    return " ".join(found.text[begin:].split())


def matches(ledger: Ledger, text: str) -> Bools:
    """Which items hold this text."""
    return _matches(ledger, text.strip().casefold())


def prepare(ledger: Ledger) -> None:
    """Gather now what search reads (0.2 s for 100,000 answers), so that no search waits for it."""
    _haystack(ledger)


def said(answer: Answer | None) -> str | None:
    """What was said at one λ: the choice taken, or the whole text written."""
    record = answer.record if answer else None
    if isinstance(record, GenerationRecord):
        return record.output
    if isinstance(record, IclRecord):
        return record.prediction if record.output is None else record.output
    return None


@lru_cache(KEPT_SEARCHES)
def _matches(ledger: Ledger, text: str) -> Bools:
    return np.array([text in hay for hay in _haystack(ledger)], bool)


@lru_cache(4)
def _haystack(ledger: Ledger) -> tuple[str, ...]:
    return tuple(_hay(ledger, row) for row in range(len(ledger.items)))


def _hay(ledger: Ledger, row: int) -> str:
    parts = {ledger.items[row]: None, own_part(ledger, row) or "": None}
    for answer in ledger.answers[row]:
        record = answer.record if answer else None
        if isinstance(record, IclRecord):
            parts |= dict.fromkeys((record.target, record.prediction, *record.choices))
        parts[said(answer) or ""] = None
    return "\n".join(parts).casefold()


class _Prompt(NamedTuple):
    """A prompt, and where its own part and its own words begin."""

    text: str
    own_from: int
    words_from: int


class _Prompts(NamedTuple):
    """The prompts of a task by hash."""

    texts: dict[str, str]
    own_from: int
    words_from: int


def _end_from(text: str) -> int:
    """Where the text behind the last blank line begins, as long as there is some."""
    return text.rfind("\n\n", 0, len(text.rstrip())) + 2 if "\n\n" in text.rstrip() else 0


def _prompt(ledger: Ledger, row: int) -> _Prompt | None:
    answer = next((one for one in ledger.answers[row] if one and one.record), None)
    if answer is None or answer.record is None:
        return None
    prompts = _prompts(ledger.store, answer.run_id)
    text = prompts.texts.get(answer.record.prompt)
    return None if text is None else _Prompt(text, prompts.own_from, prompts.words_from)


@lru_cache(KEPT_LINES)
def _prompts(store: RunStore, run_id: str) -> _Prompts:
    texts = store.prompts(run_id)
    shared = _shared(list(texts.values()))
    return _Prompts(texts, shared.rfind("\n") + 1, max(shared.rfind("\n"), shared.rfind(" ")) + 1)


def _shared(texts: list[str]) -> str:
    """What all of them begin with; nothing for a single text."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)  # what these two share, all between them share
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((at for at, (one, other) in pairs if one != other), len(first))]
