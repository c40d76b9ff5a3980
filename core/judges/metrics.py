"""Win rates over verdicts, in AlpacaEval 2's definitions, and pass rates over checks.

With u = preference − 1: `win_rate` = 100 mean(u), `standard_error` = 100 sd(u, n−1)/√n,
`discrete_win_rate` = 100 (wins + draws/2)/n. A stored 0 means a draw there, as 1.5 does.
One difference: AlpacaEval drops missing verdicts silently; here they are counted. Not here:
length control (length_control.py), bootstrap errors (uncertainty.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.store.records import JudgmentRecord

STORED_DRAW = 0.0
HALF = 0.5


@dataclass(frozen=True, slots=True)
class WinRate:
    """Percent, 0–100; None where the verdicts do not define it."""

    win_rate: float | None  # None without a verdict
    standard_error: float | None  # None below two verdicts
    discrete_win_rate: float | None
    n_wins: int  # the candidate's
    n_wins_base: int  # the reference's, AlpacaEval's name
    n_draws: int
    n_total: int  # verdicts that count
    n_missing: int  # verdicts that could not be had


@dataclass(frozen=True, slots=True)
class PassRate:
    """Share of outputs that pass every check, in percent; None without an output."""

    pass_rate: float | None
    n_passed: int
    n_total: int
    n_missing: int  # items without an output


def win_rate_summary(records: Sequence[JudgmentRecord]) -> WinRate:
    """Wins, draws, losses and the three rates."""
    return rates([record.preference for record in records])


def rates(preferences: Sequence[float | None]) -> WinRate:
    """The same of bare preferences: 1 reference, 2 candidate, 1.5 or 0 a draw."""
    credits = [credit_of(preference) for preference in preferences]
    values = [value for value in credits if value is not None]
    wins = sum(value > HALF for value in values)
    losses = sum(value < HALF for value in values)
    draws = len(values) - wins - losses
    n = len(values)
    return WinRate(
        win_rate=100 * math.fsum(values) / n if n else None,
        standard_error=_standard_error(values),
        discrete_win_rate=100 * (wins + draws / 2) / n if n else None,
        n_wins=wins,
        n_wins_base=losses,
        n_draws=draws,
        n_total=n,
        n_missing=len(credits) - n,
    )


def pass_rate_summary(records: Sequence[JudgmentRecord]) -> PassRate:
    """How many candidates' outputs passed every check, whatever the reference did."""
    known = [record.candidate_passed for record in records if record.candidate_passed is not None]
    passed = sum(known)
    return PassRate(
        pass_rate=100 * passed / len(known) if known else None,
        n_passed=passed,
        n_total=len(known),
        n_missing=len(records) - len(known),
    )


def credit(record: JudgmentRecord) -> float | None:
    """The candidate's credit: 0 lost, 0.5 a draw, 1 won; None where no verdict counts."""
    return credit_of(record.preference)


def credit_of(preference: float | None) -> float | None:
    """A preference outside 1–2 counts as missing, as it does in AlpacaEval."""
    if preference is None:
        return None
    if preference == STORED_DRAW:
        return HALF
    return preference - 1 if 1 <= preference <= 2 else None


def _standard_error(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return 100 * math.sqrt(squares / (len(values) - 1) / len(values))
