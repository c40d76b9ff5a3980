"""pass@k against every subset, votes against every subset, crossings and sureness by hand."""

from itertools import combinations

import numpy as np
import pytest

from core.stats.crossing import crossing
from core.stats.pass_at_k import any_of_first, maj_at_k, pass_at_k, pass_curve, vote_share
from core.stats.sureness import auroc, calibration_error, risk_coverage


@pytest.mark.parametrize("n", range(1, 8))
def test_pass_at_k_is_the_mean_over_every_subset(n: int) -> None:
    for c in range(n + 1):
        right = [at < c for at in range(n)]
        for k in range(1, n + 1):
            every = [any(chosen) for chosen in combinations(right, k)]
            assert pass_at_k(n, c, k) == pytest.approx(sum(every) / len(every), abs=1e-12)
        assert list(pass_curve(n, c)) == [pass_at_k(n, c, k) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "c", "k"), [(5, 2, 6), (5, 2, 0), (0, 0, 1), (5, 6, 1), (5, -1, 1)])
def test_what_has_no_pass_at_k(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="pass@"):
        pass_at_k(n, c, k)


def test_any_of_the_first_branches_goes_in_their_order() -> None:
    assert list(any_of_first([False, True, False])) == [0.0, 1.0, 1.0]
    assert list(any_of_first([False, False])) == [0.0, 0.0]


KEYS = ["a", "b", "b", None, "c", "a"]
RIGHT = [True, False, False, False, False, True]


def credit(places: tuple[int, ...]) -> float:
    """By the definition: abstentions do not vote, ties share the credit."""
    votes: dict[str, int] = {}
    for at in places:
        key = KEYS[at]
        if key is not None:
            votes[key] = votes.get(key, 0) + 1
    winners = [key for key, count in votes.items() if count == max(votes.values())]
    return sum(key == "a" for key in winners) / len(winners) if winners else 0.0


@pytest.mark.parametrize("k", range(1, 7))
def test_majorities_of_drawn_subsets_come_near_all_subsets(k: int) -> None:
    every = [credit(places) for places in combinations(range(6), k)]
    told = maj_at_k(KEYS, RIGHT, k, item=0, subsets=4000)
    assert told == pytest.approx(sum(every) / len(every), abs=0.03)
    assert maj_at_k(KEYS, RIGHT, k, 0) == maj_at_k(KEYS, RIGHT, k, 0)  # seeded


def test_votes_by_hand() -> None:
    assert maj_at_k(["a", "b"], [True, False], 2, 0) == 0.5
    assert maj_at_k([None, None, "a"], [False, False, True], 3, 0) == 1.0
    assert maj_at_k([None, None], [False, False], 2, 0) == 0.0
    assert vote_share(["b", "a", "a", None]) == ("a", 0.5)
    assert vote_share([None]) is None
    with pytest.raises(ValueError, match="maj@3"):
        maj_at_k(["a", "b"], [True, False], 3, 0)


def test_auroc_counts_pairs_in_the_right_order() -> None:
    assert auroc([0.9, 0.8, 0.1], [True, True, False]).value == 1.0
    assert auroc([0.1, 0.9], [True, False]).value == 0.0
    assert auroc([0.5, 0.5], [True, False]).value == 0.5
    assert auroc([0.5], [True]).reason is not None and auroc([], []).n == 0


def test_risk_falls_with_coverage_where_scores_are_good() -> None:
    told = risk_coverage([0.9, 0.8, 0.7, 0.7], [True, True, False, True])
    assert told.coverage == (0.25, 0.5, 1.0)  # equal scores are answered together
    assert told.risk == (0.0, 0.0, 0.25)


def test_calibration_error_by_hand() -> None:
    # Two bins: 0.95 claimed and half right (gap 0.45), 0.15 claimed and none right (gap 0.15).
    told = calibration_error([0.95, 0.95, 0.15, 0.15], [True, False, False, False])
    assert told.value == pytest.approx(0.3)
    assert calibration_error([1.0, 1.0], [True, True]).value == 0.0


def curves(rates: np.ndarray[tuple[int], np.dtype[np.float64]], n: int = 8, items: int = 200) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:  # fmt: skip  # noqa: E501
    """pass@k of items that are solved with these chances."""
    made = np.random.default_rng(1)
    counts = made.binomial(n, np.resize(rates, items))
    return np.stack([pass_curve(n, int(c)) for c in counts])


def test_two_curves_cross_where_one_is_narrow_and_the_other_broad() -> None:
    sure, broad = curves(np.array([1.0, 0.0])), curves(np.array([0.35]))
    told = crossing(broad, sure)
    assert told.at is not None and told.interval is not None
    assert told.interval.low <= told.at <= told.interval.high
    gap = (broad - sure).mean(axis=0)
    assert gap[int(told.at) - 1] < 0 <= gap[int(told.at)]
    assert crossing(sure, broad).at == pytest.approx(told.at)


def test_curves_that_do_not_cross_say_why() -> None:
    low, high = curves(np.array([0.1])), curves(np.array([0.6]))
    told = crossing(low, high)
    assert told.at is None and told.interval is None and told.reason is not None
    assert "second" in told.reason and crossing(low, low).reason == "the curves are equal"
    assert crossing(low[:1], high[:1]).reason is not None
