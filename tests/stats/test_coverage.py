"""Do the intervals and sets hold the truth as often as they say? Small simulations.

`python -m tests.bench.coverage` runs the same ones larger, and prints what was found where the
items are few.
"""

from math import sqrt

import numpy as np
import pytest
import scipy.stats

from core.stats.few_units import ENOUGH, T_QUANTILES
from tests.stats.simulated import (
    World,
    best_for_rate_kept,
    best_kept,
    claims_by_holm,
    claims_by_range,
    difference_covered,
    ellipse_covered,
    few_covered,
    flat,
    gains,
    mean_covered,
    rates,
    settled,
)

TIMES = 150
FEW_SHOT = World(((0.70, 0.69, 0.66, 0.60, 0.50),) * 4, 50)
FOLLOWING = World(((0.20, 0.30, 0.40, 0.50, 0.50),), 200)


def chance_error(share: float, times: int = TIMES) -> float:
    """Two standard errors of a share that was counted so many times."""
    return 2 * sqrt(share * (1 - share) / times)


def as_said(share: float) -> bool:
    """93–97 %, give or take what counting so few simulations does."""
    room = chance_error(0.95)
    return 0.93 - room <= share <= 0.97 + room


@pytest.mark.parametrize("chances", [(0.1, 0.1), (0.1, 0.2), (0.5, 0.55), (0.9, 0.8)])
def test_the_interval_of_a_paired_difference_holds_the_truth(chances: tuple[float, ...]) -> None:
    assert as_said(difference_covered(World((chances,), 200), TIMES))


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_the_interval_of_a_mean_over_tasks_holds_the_truth(chance: float) -> None:
    assert as_said(mean_covered(World(flat(1, chance, 4), 60), TIMES))


def test_few_passages_are_not_taken_for_many_items() -> None:
    assert mean_covered(World(flat(1, 0.5, 6), 60, passages=6), TIMES) > 0.91


@pytest.mark.parametrize(("passages", "least"), [(3, 0.87), (8, 0.93), (25, 0.93)])
def test_a_task_of_few_passages_has_a_wide_enough_interval(passages: int, least: float) -> None:
    world = World(flat(1, 0.5), 120, passages=passages)
    assert few_covered(world, TIMES) >= least - chance_error(0.95)


def test_the_t_quantiles_are_students() -> None:
    exact = scipy.stats.t.ppf(0.975, np.arange(1, ENOUGH - 1))
    assert exact == pytest.approx(T_QUANTILES, abs=5e-5)


def test_the_truly_best_of_eleven_is_kept_and_no_difference_is_invented() -> None:
    equal = World(flat(11, 0.5), 200)
    assert best_kept(equal, TIMES) >= 0.95 - chance_error(0.95)
    assert claims_by_range(equal, TIMES) <= 0.05 + chance_error(0.05)


def test_holm_against_a_lam_fixed_beforehand_invents_no_difference() -> None:
    equal = World(flat(11, 0.5), 200)
    assert claims_by_holm(equal, TIMES, fixed=True) <= 0.05 + chance_error(0.05)


def test_the_region_holds_the_true_point() -> None:
    first, second = World(flat(1, 0.3, 4), 100), World(flat(1, 0.5), 200)
    assert as_said(ellipse_covered(first, second, TIMES))


@pytest.mark.parametrize("rate", [0.0, 0.5, 2.0])
def test_the_set_for_a_worth_holds_the_best_lam(rate: float) -> None:
    kept = best_for_rate_kept(FEW_SHOT, FOLLOWING, rate, TIMES)
    assert kept >= 0.95 - chance_error(0.95)


def test_the_crossed_gain_is_honest_and_the_naive_one_is_not() -> None:
    first, second = World(flat(9, 0.5, 4), 50), World(flat(9, 0.5), 200)
    found = gains(first, second, 1.0, TIMES)
    assert found.naive_off > 0.03  # nothing is to be gained, and picking finds that much
    assert abs(found.crossed_off) < 0.008
    assert found.covered >= 0.93 - chance_error(0.95)


def test_the_exchange_rate_holds_the_truth_where_it_is_given() -> None:
    found = rates(World(((0.5, 0.6),) * 4, 50), World(((0.5, 0.35),), 200), TIMES)
    assert found.given > 0.5 and found.covered is not None
    assert found.covered >= 0.93 - chance_error(0.95)


def test_the_items_asked_for_settle_it_eight_times_in_ten() -> None:
    share = settled(World(((0.50, 0.58),), 100, 0.7), TIMES)
    assert abs(share - 0.8) <= chance_error(0.8) + 0.02
