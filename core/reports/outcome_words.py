"""Outcomes of written answers in words, and one task's counts over λ."""

from dataclasses import fields
from typing import NamedTuple

from core.lam import Lam
from core.reports.outcomes import Outcome, OutcomeCounts
from core.reports.points import TradeOff

WORDS: dict[Outcome, str] = {
    "right": "right",
    "chatter": "right at first, then chatter",
    "out_of_tokens": "out of tokens",
    "unparsable": "no answer found",
    "wrong": "wrong",
    "unknown": "not right, ending not recorded",
}


class CountsAt(NamedTuple):
    """What became of a task's answers at one λ."""

    lam: Lam
    counts: OutcomeCounts


def counts_over_lam(line: TradeOff, task: str) -> tuple[CountsAt, ...]:
    """The λ at which the task's answers were written; empty for a task of choices."""
    return tuple(
        CountsAt(point.lam, scored.outcomes)
        for point in line.points
        for scored in point.tasks
        if scored.task == task and scored.outcomes is not None
    )


def shares(counts: OutcomeCounts) -> dict[Outcome, float]:
    """Each outcome's share of the items in percent, those that occur."""
    held = {outcome: int(getattr(counts, outcome)) for outcome in WORDS}
    whole = sum(getattr(counts, field.name) for field in fields(counts))
    return {outcome: 100 * n / whole for outcome, n in held.items() if n}


def in_words(counts: OutcomeCounts) -> str:
    """How often what, those that occur: "40 right, 60 wrong"."""
    held = {outcome: getattr(counts, outcome) for outcome in WORDS}
    return ", ".join(f"{n} {WORDS[outcome]}" for outcome, n in held.items() if n)
