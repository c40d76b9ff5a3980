"""The exact test against scipy's binomial, and against every sign written out."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from core.stats.mcnemar import exact_p


@pytest.mark.parametrize(("first", "second"), [(1, 0), (5, 5), (9, 2), (0, 12), (700, 760)])
def test_items_that_stand_alone_give_mcnemars_exact_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second, 0.5).pvalue
    assert exact_p([1] * first + [-1] * second + [0] * 30) == pytest.approx(expected, rel=1e-9)


def test_passages_turn_their_sign_as_a_whole() -> None:
    draws = np.random.default_rng(5)
    for _ in range(20):
        balances = draws.integers(-4, 5, size=9)
        held = balances[balances != 0]
        sums = [abs(sum(sign * one for sign, one in zip(signs, held, strict=True)))
                for signs in product((1, -1), repeat=len(held))]  # fmt: skip
        expected = np.mean(np.array(sums) >= abs(held.sum()))
        assert exact_p(balances.tolist()) == pytest.approx(expected)


def test_where_nothing_differs_there_is_no_p() -> None:
    assert exact_p([]) is None
    assert exact_p([0, 0, 0]) is None


def test_a_thousand_items_on_one_side_do_not_break_the_arithmetic() -> None:
    p = exact_p([1] * 3000)
    assert p is not None and 0 <= p < 1e-300
