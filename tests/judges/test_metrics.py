"""Win rates are AlpacaEval's; nothing is dropped unseen and nothing is a number without data."""

import math
from dataclasses import replace

import pytest

from core.judges.metrics import pass_rate_summary, win_rate_summary
from core.store.records import JudgmentRecord


def verdict(preference: float | None, passed: bool | None = None) -> JudgmentRecord:
    return JudgmentRecord("x", preference, None, None, passed)


def golden() -> list[JudgmentRecord]:
    """A made-up annotation set whose results the alpaca_eval package was asked for."""
    rows = []
    for i in range(200):
        base, model = 400 + (37 * i) % 900, 300 + (53 * i) % 1100
        score = 0.8 * math.tanh((model - base) / 400) + ((29 * i) % 17 - 8) / 6
        preference: float | None = 1 + 1 / (1 + math.exp(-score))
        if i % 25 == 7:
            preference = 1.5
        rows.append(verdict(None if i % 50 == 11 else preference))
    return rows


def swapped(records: list[JudgmentRecord]) -> list[JudgmentRecord]:
    return [
        replace(one, preference=None if one.preference is None else 3 - one.preference)
        for one in records
    ]


def test_the_numbers_are_those_of_alpaca_eval() -> None:
    found = win_rate_summary(golden())
    assert found.win_rate == pytest.approx(50.12643949460496, abs=1e-10)
    assert found.standard_error == pytest.approx(1.4572869943408984, abs=1e-10)
    assert found.discrete_win_rate == pytest.approx(51.02040816326531, abs=1e-10)
    assert (found.n_wins, found.n_wins_base, found.n_draws) == (96, 92, 8)
    assert (found.n_total, found.n_missing) == (196, 4)


def test_swapping_the_roles_mirrors_the_rate() -> None:
    one, other = win_rate_summary(golden()), win_rate_summary(swapped(golden()))
    assert one.win_rate is not None and other.win_rate is not None
    assert one.win_rate + other.win_rate == pytest.approx(100)
    assert (one.n_wins, one.n_draws) == (other.n_wins_base, other.n_draws)


def test_all_draws_are_fifty_without_error() -> None:
    found = win_rate_summary([verdict(1.5)] * 3 + [verdict(0.0)])
    assert (found.win_rate, found.standard_error, found.discrete_win_rate) == (50, 0, 50)
    assert found.n_draws == 4


def test_a_missing_verdict_is_counted_and_never_a_draw() -> None:
    found = win_rate_summary([verdict(2), verdict(None), verdict(7.0), verdict(math.nan)])
    assert (found.win_rate, found.n_total, found.n_missing) == (100, 1, 3)
    assert found.standard_error is None, "one verdict has no spread"


def test_without_verdicts_there_is_no_rate() -> None:
    found = win_rate_summary([verdict(None)])
    assert (found.win_rate, found.discrete_win_rate, found.standard_error) == (None, None, None)
    assert found.n_missing == 1


def test_the_pass_rate_needs_no_verdict() -> None:
    found = pass_rate_summary([verdict(None, True), verdict(1, False), verdict(None, None)])
    assert (found.pass_rate, found.n_passed, found.n_total, found.n_missing) == (50, 1, 2, 1)
    assert pass_rate_summary([]).pass_rate is None
