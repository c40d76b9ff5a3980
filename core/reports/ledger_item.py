"""One item of the ledger, opened: its flips in words, what was said along λ, its choices.

    opened = open_item(ledger, row)
    opened.flips          # between which λ right turned to wrong or back, and by what margin
    opened.runs           # equal answers of neighbouring λ, once

Not here: the prompt (`ledger_text.py`), and drawing (`core/figures/item_curve.py`).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.lam import Lam
from core.reports.items import ItemRow, item_row
from core.reports.ledger import MARKS, Ledger, LedgerTask, Mark, compared, right_ones
from core.reports.ledger_groups import GROUPS, Group
from core.reports.ledger_text import said
from core.reports.outcome_words import WORDS as OUTCOMES
from core.store.records import IclRecord

MOST_FLIPS = 3  # told one by one; more are counted
BY_WORDS = {"acc_norm": "log-likelihood per character", "acc_bytes": "log-likelihood per byte"}
FOLLOWED: dict[Mark, str] = {
    "absent": "no verdict",
    "right": "followed",
    "wrong": "not followed",
    "out_of_tokens": "not followed, out of tokens",
    "unparsable": "not followed, nothing written",
}


@dataclass(frozen=True, slots=True)
class Flip:
    """Right turned to wrong, or back, between two neighbouring λ that have the item."""

    below: Lam
    above: Lam
    to_right: bool  # as λ rises
    margin_below: float | None
    margin_above: float | None


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One choice over λ by what the metric compares; None where a λ has no answer."""

    text: str
    right: bool
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SaidRun:
    """The same text and mark at neighbouring λ."""

    lams: tuple[Lam, ...]
    mark: Mark
    text: str | None


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of an instruction over λ; None where there is no verdict."""

    text: str
    passed: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Everything of one item but its prompt."""

    key: str
    item: str
    task: LedgerTask
    group: Group
    lams: tuple[Lam, ...]
    marks: tuple[Mark, ...]
    margins: tuple[float | None, ...]
    flips: tuple[Flip, ...]
    target: str | None
    cluster: str | None
    compared_by: str  # what the margins are differences of
    choices: tuple[ChoiceLine, ...]
    runs: tuple[SaidRun, ...]
    checks: tuple[CheckLine, ...]


def open_item(ledger: Ledger, row: int) -> OpenItem:
    """Gather it."""
    task, answers = ledger.task(row), ledger.answers[row]
    marks = tuple(MARKS[mark] for mark in ledger.marks[row])
    margins = tuple(None if np.isnan(one) else float(one) for one in ledger.margins[row])
    one = ledger.any_answer(row)
    about = one.verdict or one.record
    return OpenItem(
        key=ledger.key(row),
        item=ledger.items[row],
        task=task,
        group=GROUPS[ledger.strings.group[row]],
        lams=ledger.lams,
        marks=marks,
        margins=margins,
        flips=_flips(ledger.lams, marks, margins),
        target=one.record.target if isinstance(one.record, IclRecord) else None,
        cluster=about.cluster if about else None,
        compared_by=_compared_by(task.metric),
        choices=_choices(ledger, row),
        runs=_runs(ledger.lams, marks, [said(answer) for answer in answers]),
        checks=_checks(ledger, row),
    )


def at_lam(ledger: Ledger, row: int, lam: Lam) -> ItemRow | None:
    """A few-shot item at one λ with its choices; None where it has no answer there."""
    answer = ledger.answers[row][ledger.lams.index(lam)]
    record = answer.record if answer else None
    return item_row(record, ledger.task(row).metric) if isinstance(record, IclRecord) else None


def mark_words(mark: Mark, task: LedgerTask) -> str:
    """What a mark says."""
    if task.form == "chat":
        return FOLLOWED.get(mark, mark)
    return "no answer stored" if mark == "absent" else OUTCOMES[mark]


def flip_words(item: OpenItem) -> str:
    """At which λ the answer flips and by what margin, in a sentence or a few."""
    if not item.flips:
        there = [mark for mark in item.marks if mark != "absent"]
        at = "at the only λ that has it" if len(there) == 1 else f"at all {len(there)} λ"
        return f"It does not flip: {'right' if item.group == 'always' else 'not right'} {at}."
    told = [_flip_words(flip, item) for flip in item.flips[:MOST_FLIPS]]
    more = len(item.flips) - len(told)
    return " ".join([*told, *([f"It flips {more} more times above."] if more else [])])


def margin_words(item: OpenItem, lam: Lam) -> str:
    """How it stands at one λ."""
    at = item.lams.index(lam)
    words = f"At λ = {lam}: {mark_words(item.marks[at], item.task)}"
    margin = item.margins[at]
    if margin is None:
        return f"{words}."
    lead = "ahead of" if margin > 0 else "behind"
    best = "the best other choice"
    if margin == 0:
        return f"{words}; the right choice and {best} are level."
    return f"{words}; the right choice is {abs(margin):.2f} {lead} {best} ({item.compared_by})."


def _compared_by(metric: str) -> str:
    found = (words for name, words in BY_WORDS.items() if metric.startswith(name))
    return next(found, "log-likelihood")


def _flips(
    lams: tuple[Lam, ...], marks: tuple[Mark, ...], margins: tuple[float | None, ...]
) -> tuple[Flip, ...]:
    there = [at for at, mark in enumerate(marks) if mark != "absent"]
    return tuple(
        Flip(lams[low], lams[high], marks[high] == "right", margins[low], margins[high])
        for low, high in pairwise(there)
        if (marks[low] == "right") != (marks[high] == "right")
    )


def _flip_words(flip: Flip, item: OpenItem) -> str:
    way = "from not right to right" if flip.to_right else "from right to not right"
    words = f"Between λ = {flip.below} and {flip.above} it turns {way}"
    if flip.margin_below is None or flip.margin_above is None:
        return f"{words}."
    ends = (_signed(flip.margin_below), _signed(flip.margin_above))
    return f"{words}: the margin goes from {ends[0]} to {ends[1]}."


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _choices(ledger: Ledger, row: int) -> tuple[ChoiceLine, ...]:
    answers, metric = ledger.answers[row], ledger.task(row).metric
    records = [one.record if one else None for one in answers]
    scored = [one for one in records if isinstance(one, IclRecord)]
    if not scored or not scored[0].choices:
        return ()
    right = right_ones(scored[0].choices, scored[0].target)
    by = [compared(one, metric) if isinstance(one, IclRecord) else None for one in records]
    return tuple(
        ChoiceLine(text, right[at], tuple(None if one is None else one[at] for one in by))
        for at, text in enumerate(scored[0].choices)
    )


def _runs(
    lams: tuple[Lam, ...], marks: tuple[Mark, ...], texts: list[str | None]
) -> tuple[SaidRun, ...]:
    runs: list[SaidRun] = []
    for lam, mark, text in zip(lams, marks, texts, strict=True):
        if runs and (runs[-1].mark, runs[-1].text) == (mark, text):
            runs[-1] = SaidRun((*runs[-1].lams, lam), mark, text)
        else:
            runs.append(SaidRun((lam,), mark, text))
    return tuple(runs)


def _checks(ledger: Ledger, row: int) -> tuple[CheckLine, ...]:
    verdicts = [one.verdict if one else None for one in ledger.answers[row]]
    details = [one.detail or {} if one else {} for one in verdicts]
    texts = dict.fromkeys(text for detail in details for text in detail)
    return tuple(CheckLine(text, tuple(detail.get(text) for detail in details)) for text in texts)
