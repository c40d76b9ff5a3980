"""Errors of win rates: the bootstrap agrees with the formula, and pairs are compared as pairs."""

import pytest

from core.judges.length_fit import LengthRow
from core.judges.uncertainty import (
    length_controlled_difference,
    length_controlled_spread,
    paired_difference,
    win_rate_spread,
)
from tests.judges.golden import golden_rows

CREDITS = [row.credit for row in golden_rows()]
FORMULA = 1.4572869943408984  # AlpacaEval's standard_error of these verdicts


def test_the_bootstrap_agrees_with_the_formula() -> None:
    found = win_rate_spread(CREDITS)
    assert found.standard_error == pytest.approx(FORMULA, rel=0.05)
    assert found.interval is not None
    assert found.interval.low < 50.126 < found.interval.high
    assert found.interval.high - found.interval.low == pytest.approx(4 * FORMULA, rel=0.1)


def test_without_spread_there_is_a_reason() -> None:
    for credits in ([1.0] * 9, [0.5, 0.5, None], [1.0], []):
        found = win_rate_spread(credits)
        assert (found.standard_error, found.interval) == (None, None) and found.reason


def test_a_difference_is_paired() -> None:
    better = [None if credit is None else min(1.0, credit + 0.02) for credit in CREDITS]
    found = paired_difference(better, CREDITS)
    assert found.n == 196 and found.value == pytest.approx(2, abs=0.05)
    assert found.spread.standard_error is not None
    assert found.spread.standard_error < FORMULA / 10, "unpaired it would be about 2"


def test_a_difference_counts_common_instructions_only() -> None:
    found = paired_difference([1.0, 0.0, None, 0.5], [0.0, None, 1.0, 1.0])
    assert (found.value, found.n) == (25.0, 2)
    nothing = paired_difference([None, 1.0], [1.0, None])
    assert (nothing.value, nothing.n) == (None, 0)


def test_clusters_are_drawn_whole() -> None:
    credits = [float(i // 10 % 2) for i in range(200)]  # twenty templates that agree within
    alone = win_rate_spread(credits).standard_error
    drawn = win_rate_spread(credits, [str(i // 10) for i in range(200)]).standard_error
    assert alone is not None and drawn is not None and drawn > 2.5 * alone


def test_one_template_shows_no_spread() -> None:
    credits = [float(i % 2) for i in range(40)]
    spread = win_rate_spread(credits, ["only"] * 40)
    assert spread.standard_error is None and spread.reason is not None
    rows = golden_rows()
    assert length_controlled_spread(rows, clusters=["only"] * len(rows)).standard_error is None


def test_length_control_has_its_own_error() -> None:
    found = length_controlled_spread(golden_rows())
    assert found.standard_error == pytest.approx(FORMULA, rel=0.25)
    assert found.interval is not None and found.interval.low < 49.79 < found.interval.high
    assert length_controlled_spread([LengthRow(0.5, 1, 2)] * 40).standard_error is None


def test_draws_without_a_win_are_at_zero() -> None:
    """Three wins of sixty: one draw in twenty holds none, and no regression can say 0."""
    rows = [LengthRow(float(i in (7, 20, 41)), 500, 450 + 13 * (i % 9)) for i in range(60)]
    found = length_controlled_spread(rows)
    assert found.interval is not None and 0 <= found.interval.low <= 5 < found.interval.high < 50


def test_a_length_controlled_difference_is_paired_too() -> None:
    rows = golden_rows()
    shifted = [r._replace(credit=r.credit and min(1.0, r.credit + 0.02)) for r in rows]
    found = length_controlled_difference(shifted, rows)
    assert found.n == 196 and found.value == pytest.approx(2, abs=0.3)
    single = length_controlled_spread(rows).standard_error
    assert found.spread.standard_error is not None and single is not None
    assert found.spread.standard_error < single / 3
