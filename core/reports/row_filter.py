"""Choosing rows to read: where λ differ, by a pattern, by length, by what a badge says.

    filter_rows(rows, RowFilter(differs=True, pattern="sorry"))

A person's pattern runs under a time limit (the `regex` package can stop; `re` cannot), so one
that never ends costs a second and is told.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from core.errors import InputError
from core.lam import Lam
from core.reports.answer_rows import Row, Said
from core.reports.badges import badges

PATTERN_SECONDS = 1.0  # for all rows together
LONGEST_PATTERN = 1000
NO_BADGE = ""
_KEPT_ANSWERS = 32_768  # whose badges are known: a filter asks for all of them each time


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What is wanted of a row; what is left out is not asked for."""

    differs: bool = False  # λ do not all say the same
    pattern: str = ""  # in the prompt or in an answer
    kind: str = ""
    lam: Lam | None = None  # pattern, badge and length ask of this λ alone; None: of any
    badge: str = NO_BADGE  # the beginning of a badge's words, or "cut" or "empty"
    fewest: int = 0  # tokens
    most: int | None = None


def filter_rows(rows: Sequence[Row], wanted: RowFilter) -> tuple[Row, ...]:
    """The rows that are as wanted, in their order.

    Raises:
        InputError: the pattern is none, or takes too long.
    """
    found = [
        row
        for row in rows
        if (not wanted.differs or row.differs)
        and (not wanted.kind or row.kind == wanted.kind)
        and any(_fits(one, wanted) for one in _asked(row, wanted.lam))
    ]
    if not wanted.pattern:
        return tuple(found)
    return tuple(_matching(found, wanted))


@lru_cache(_KEPT_ANSWERS)
def badge_names(said: Said) -> tuple[str, ...]:
    """What a glance says of an answer, by the rules of the badges beside the columns."""
    own = ["cut"] if said.finish == "length" else []
    own += [] if said.text.strip() else ["empty"]
    return (*own, *(badge.text for badge in badges(said.text)))


def known_badges(rows: Sequence[Row]) -> tuple[str, ...]:
    """Every badge that some answer has, by the word that it begins with."""
    names = {name.split(":")[0] for row in rows for one in row.said for name in badge_names(one)}
    return tuple(sorted(names))


def _asked(row: Row, lam: Lam | None) -> tuple[Said, ...]:
    return row.said if lam is None else tuple(one for one in row.said if one.lam == lam)


def _fits(said: Said, wanted: RowFilter) -> bool:
    if said.tokens < wanted.fewest or (wanted.most is not None and said.tokens > wanted.most):
        return False
    return not wanted.badge or any(name.startswith(wanted.badge) for name in badge_names(said))


def _matching(rows: Sequence[Row], wanted: RowFilter) -> list[Row]:
    pattern = _compiled(wanted.pattern)
    end = time.monotonic() + PATTERN_SECONDS
    found = []
    try:
        for row in rows:
            texts = [one.text for one in _asked(row, wanted.lam)]
            if wanted.lam is None:
                texts.append(row.text)
            if any(pattern.search(text, timeout=_left(end)) for text in texts):
                found.append(row)
    except TimeoutError as error:
        raise InputError(
            f"The pattern {wanted.pattern[:60]!r} takes longer than {PATTERN_SECONDS:.0f} s. "
            "Give a simpler one, without a repeat inside a repeat."
        ) from error
    return found


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _compiled(text: str) -> "regex.Pattern[str]":
    if len(text) > LONGEST_PATTERN:
        raise InputError(
            f"The pattern has {len(text):,} characters. Give at most {LONGEST_PATTERN:,}."
        )
    try:
        return regex.compile(text, regex.IGNORECASE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise InputError(
            f"{text[:60]!r} is no pattern ({error}). Write it as in Python's re, or escape "
            "characters such as ( and [ with a backslash."
        ) from error
