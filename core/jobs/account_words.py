"""A job's account as rows for people: what was expected, what it took, and whether that fits.

    for row in account_rows(account): …

Not here: where the numbers come from (`account.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.jobs.account import Account, JudgingActual, StageActual
from core.jobs.estimate import Estimate, Span, StageEstimate

NAMES = {"few-shot": "Few-shot tasks", "answers": "Answers", "judging": "Judges"}
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One number; `within` None where nothing was expected or nothing is known."""

    stage: str
    what: str
    expected: str
    actual: str
    within: bool | None
    so_far: bool = False  # the stage is not finished, so there is nothing to compare yet

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.so_far:
            return "so far"
        return UNKNOWN if self.within is None else ("as expected" if self.within else "outside")


def account_rows(account: Account) -> tuple[AccountRow, ...]:
    """Items, tokens and seconds of each stage that had something to do, then the judges."""
    rows: list[AccountRow] = []
    for actual in account.stages:
        planned = account.expected.stage(actual.stage) if account.expected else None
        if actual.items or (planned and planned.items):
            so_far = planned is not None and actual.items < (planned.items or 0)
            rows += [replace(row, so_far=so_far) for row in _stage(actual, planned)]
    if account.judging is not None:
        rows += _judging(account.judging, account.expected)
    return tuple(rows)


def account_sentence(account: Account) -> str:
    """On what the expectation rests, and the clock."""
    told = (
        [one.timed_by for one in account.expected.stages if one.timed_by and one.items]
        if (account.expected)
        else []
    )
    rests = f"Seconds expected: {told[0]}. " if told else "Nothing was estimated beforehand. "
    clock = (
        ""
        if account.seconds is None
        else (
            f"By the clock the job took {seconds(account.seconds)}, starting and loading included."
        )
    )
    return f"{rests}{clock}".strip()


def _stage(actual: StageActual, planned: StageEstimate | None) -> Iterator[AccountRow]:
    name = NAMES[actual.stage]
    items = planned.items if planned else None
    read = planned.read if planned else None
    yield _row(name, "items", _exact(items), actual.items)
    yield _row(name, "tokens read", _exact(read), actual.read)
    written = (planned.likely or planned.written) if planned else None
    if actual.written or written:
        yield _row(name, "tokens written", written, actual.written)
    took = None if planned is None else planned.seconds
    known = actual.seconds
    yield AccountRow(
        name,
        "seconds of the engine",
        UNKNOWN if took is None else f"{seconds(took[0])} to {seconds(took[1])}",
        UNKNOWN if known is None else seconds(known),
        None if took is None or known is None else took[0] <= known <= took[1],
    )


def _judging(actual: JudgingActual, expected: Estimate | None) -> Iterator[AccountRow]:
    judges = expected.judges if expected else ()
    name = NAMES["judging"]
    yield _row(name, "questions", _sum([one.calls for one in judges]), actual.calls)
    read = _sum([one.read for one in judges if one.read])
    if actual.read or read:
        yield _row(name, "tokens read", read, actual.read)
    if actual.dollars is not None:
        cost = _sum([one.dollars for one in judges if one.dollars])
        yield AccountRow(
            name,
            "dollars",
            UNKNOWN if cost is None else f"${cost[0]:.4f} to ${cost[1]:.4f}",
            f"${actual.dollars:.4f}",
            None if cost is None else cost[0] <= actual.dollars <= cost[1],
        )


def _row(stage: str, what: str, expected: Span | None, actual: int | None) -> AccountRow:
    fits = None if expected is None or actual is None else expected[0] <= actual <= expected[1]
    return AccountRow(stage, what, span(expected), _number(actual), fits)


def _exact(number: int | None) -> Span | None:
    return None if number is None else (number, number)


def _sum(spans: list[Span]) -> Span | None:
    if not spans:
        return None
    return sum(low for low, _ in spans), sum(high for _, high in spans)


def span(numbers: Span | None) -> str:
    """Two whole numbers, or one where they are equal."""
    if numbers is None:
        return UNKNOWN
    low, high = numbers
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def _number(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"


def seconds(amount: float) -> str:
    """In the largest unit that keeps two digits."""
    if amount < 90:
        return f"{amount:.1f} s" if amount < 10 else f"{amount:.0f} s"
    return f"{amount / 60:.0f} min" if amount < 5400 else f"{amount / 3600:.1f} h"
