"""Best sets, tests, regions, fronts, worth and prices against definitions and other libraries."""

from math import sqrt

import numpy as np
import pytest
import scipy.stats

from core.stats.best import tied_with_best
from core.stats.bootstrap import Table, complete, differences, resampled_means, span_of
from core.stats.draws import Gap, draw
from core.stats.ellipse import tilted, upright
from core.stats.exchange import NO_LOSS, NO_PRICE, exchange
from core.stats.front import front_shares, on_front
from core.stats.settle import EQUAL, OUT_OF_REACH, to_settle
from core.stats.sign_flip import holm, sign_flip
from core.stats.worth import best_set, gain, halves

RNG = np.random.default_rng(11)


def yes_no(n: int, *shares: float) -> Table:
    luck = RNG.random((n, 1))
    return Table((luck < np.array(shares)).astype(float))


def test_items_that_a_lam_lacks_are_left_out_and_counted() -> None:
    values = np.array([[1.0, 0.0, np.nan], [0.0, np.nan, 1.0], [1.0, 1.0, np.nan], [0.0, 0.0, 1.0]])
    found = draw([Table(values, np.array([2, 0, 1, 2]))], (0, 1), 0)
    assert found is not None
    assert (found.n, found.of) == (3, 4)
    assert found.values == pytest.approx([2 / 3, 1 / 3])
    assert complete(Table(values, np.array([2, 0, 1, 2])), [0, 1]).clusters is not None


def test_one_passage_shows_no_spread() -> None:
    alone = Table(yes_no(30, 0.5).values, np.zeros(30, dtype=np.intp))
    assert draw([yes_no(30, 0.5), alone], (0,), 0) is None
    assert span_of(resampled_means(alone)[:, 0]) is None


def test_few_passages_have_the_unbiased_spread() -> None:
    values = np.array([[0.0], [1.0], [1.0]])
    spread = resampled_means(Table(values), resamples=20_000).std()
    assert spread == pytest.approx(values.std(ddof=1) / sqrt(3), rel=0.02)


def test_draws_are_paired_and_tasks_independent() -> None:
    task = yes_no(200, 0.5, 0.6)
    both = draw([task, task], (0, 1), 0, 4000)
    assert both is not None
    single = differences(task, 0).values[:, 1].std() / sqrt(200)
    assert both.gap(1, 0).error == pytest.approx(single / sqrt(2), rel=0.05)


def test_the_best_is_tied_with_itself_and_equal_columns_are_tied() -> None:
    table = yes_no(200, 0.4, 0.9, 0.9)
    found = tied_with_best(table.values.mean(axis=0), resampled_means(table))
    assert found.members == (1, 2) and found.best == 1


def test_one_lam_alone_is_the_best() -> None:
    table = yes_no(50, 0.4)
    assert tied_with_best(table.values.mean(axis=0), resampled_means(table)).members == (0,)


def test_no_lam_has_no_best() -> None:
    with pytest.raises(ValueError, match="no column"):
        tied_with_best(np.empty(0), np.empty((5, 0)))


def test_the_sign_flips_agree_with_scipy() -> None:
    table = Table((RNG.random((120, 2)) < (0.5, 0.62)).astype(float))
    gaps = differences(table, 0)
    (_, ours) = sign_flip([gaps], 4999)
    theirs = scipy.stats.permutation_test(
        (table.values[:, 1], table.values[:, 0]),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=4999,
        rng=3,
    ).pvalue
    assert ours == pytest.approx(theirs, abs=4 * sqrt(theirs * (1 - theirs) / 4999) + 1e-3)


def test_four_items_all_gained_are_two_in_sixteen() -> None:
    values = np.zeros((100, 2))
    values[:4, 1] = 1.0
    (same, gained) = sign_flip([differences(Table(values), 0)])
    assert gained == pytest.approx(2 / 16, abs=0.015)
    assert same == 1.0


def test_a_passage_flips_as_one() -> None:
    values = np.zeros((40, 2))
    values[:, 1] = 1.0
    (_, alone) = sign_flip([differences(Table(values), 0)])
    (_, whole) = sign_flip([differences(Table(values, np.arange(40) // 10), 0)])
    assert alone == pytest.approx(1 / 5000) and whole == pytest.approx(2 / 16, abs=0.015)


def test_a_column_that_lacks_a_task_has_no_p_value() -> None:
    values = np.array([[1.0, np.nan], [0.0, np.nan], [1.0, np.nan]])
    assert sign_flip([differences(Table(values), 0)])[1] is None


def test_holm_by_hand() -> None:
    # Sorted: 0.01·4, 0.02·3, then 0.03·2 and 0.04·1, both raised to what came before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, None, 0.5]) == [1.0, None, 1.0]
    assert holm([]) == []


def test_ninety_five_percent_of_a_plane_is_chi_square_with_two_degrees() -> None:
    radius = sqrt(scipy.stats.chi2.ppf(0.95, 2))
    region = upright(1.0, 2.0, 0.5, 0.25)
    assert (region.across, region.up) == pytest.approx((radius * 0.5, radius * 0.25))
    assert region.tilt == 0.0


def test_a_coordinate_known_by_definition_leaves_a_line_with_one_degree() -> None:
    region = upright(1.0, 50.0, 0.5, 0.0)
    assert region.across == pytest.approx(0.5 * sqrt(scipy.stats.chi2.ppf(0.95, 1)))
    assert region.up == 0.0


def test_shared_items_tilt_the_ellipse() -> None:
    turn = np.radians(30)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    samples = (RNG.standard_normal((200_000, 2)) * (3.0, 1.0)) @ axes
    region = tilted(0.0, 0.0, samples)
    assert region.tilt == pytest.approx(30, abs=0.5)
    radius = sqrt(scipy.stats.chi2.ppf(0.95, 2))
    assert (region.across, region.up) == pytest.approx((3 * radius, radius), rel=0.01)


def brute_force(x: np.ndarray, y: np.ndarray) -> list[bool]:
    def beats(a: int, b: int) -> bool:
        return bool(x[a] >= x[b] and y[a] >= y[b] and (x[a] > x[b] or y[a] > y[b]))

    return [not any(beats(other, one) for other in range(len(x))) for one in range(len(x))]


def test_the_front_is_that_of_brute_force_ties_included() -> None:
    x = RNG.integers(0, 6, size=(300, 7)).astype(float)
    y = RNG.integers(0, 6, size=(300, 7)).astype(float)
    slow = np.array([brute_force(*both) for both in zip(x, y, strict=True)])
    assert (on_front(x, y) == slow).all()
    assert front_shares(x, y) == pytest.approx(slow.mean(axis=0))


def test_what_a_point_is_worth_moves_the_best_lam() -> None:
    first = draw([yes_no(300, 0.9, 0.6, 0.3)], range(3), 1)
    second = draw([yes_no(300, 0.1, 0.5, 0.9)], range(3), 50)
    assert first is not None and second is not None
    assert best_set(first, second, 0.0).members == (0,)
    assert best_set(first, second, 10.0).members == (2,)
    split = halves(first, second)
    kept = gain(first, second, split, 10.0, reference=2)
    assert kept.naive == kept.crossed == 0.0 and kept.interval is None
    assert kept.picked == (0.0, 0.0, 1.0)


def test_halves_share_no_item_and_leave_none_out() -> None:
    values = np.arange(7.0)[:, None]
    groups = np.array([0, 0, 1, 2, 3, 3, 4])
    first = draw([Table(values, groups)], (0,), 1)
    assert first is not None
    split = halves(first, first, splits=20).first[..., 0]
    sums = {frozenset(np.flatnonzero(groups == g)) for g in range(5)}
    for left, right in split:
        assert left != right
        parts = [
            chosen
            for mask in range(1, 31)
            if (chosen := [i for g, s in enumerate(sums) if mask >> g & 1 for i in s])
            and np.isclose(values[chosen].mean(), left)
            and np.isclose(np.delete(values, chosen).mean(), right)
        ]
        assert parts, "both means must come from a whole-passage split of all seven items"


def test_a_price_is_the_ratio_and_its_interval_is_fiellers() -> None:
    gained, lost = Gap(3.0, 1.0, 500), Gap(6.0, 1.0, 200)
    found = exchange(gained, lost)
    assert found.rate == 0.5 and found.interval is not None
    z = scipy.stats.norm.ppf(0.975)
    for end in found.interval:  # where gained − rate · lost just differs from 0
        assert abs(3.0 - end * 6.0) / sqrt(1 + end**2) == pytest.approx(z)


def test_no_price_without_a_shown_loss() -> None:
    assert exchange(Gap(3.0, 1.0, 9), Gap(1.9, 1.0, 9)).reason == NO_LOSS
    assert exchange(Gap(3.0, 1.0, 9), Gap(-4.0, 1.0, 9)).reason == NO_PRICE
    assert exchange(Gap(3.0, 1.0, 9), Gap(0.0, 0.0, 9)).rate is None


def test_items_to_settle_by_the_textbook() -> None:
    found = to_settle(Gap(1.0, 1.0, 400), seconds_per_item=0.5)
    times = (scipy.stats.norm.ppf(0.975) + scipy.stats.norm.ppf(0.8)) ** 2
    assert found.more_items == pytest.approx(400 * (times - 1), abs=1)
    assert found.seconds == pytest.approx(2 * (found.more_items or 0) * 0.5)


def test_what_no_number_of_items_settles_says_why() -> None:
    assert to_settle(Gap(0.0, 1.0, 400)).reason == EQUAL
    far = to_settle(Gap(0.01, 1.0, 400))
    assert far.more_items is None and far.reason == OUT_OF_REACH.format(times=1000)
    assert to_settle(Gap(5.0, 1.0, 400)).more_items == 0
