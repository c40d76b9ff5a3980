"""Two orders make one verdict: the mean after turning back, and nothing where one is missing."""

import random

import pytest

from core.judges.metrics import win_rate_summary
from core.judges.orders import Shown, both_orders, candidate_goes_first, order_summary, unswitched
from core.store.records import JudgmentRecord

FIRST, SECOND = 1.0, 2.0  # letters, as values about the slots


def record(preference: float | None) -> JudgmentRecord:
    return JudgmentRecord("x", preference, None, None, None)


def test_the_mean_is_taken_after_turning_back() -> None:
    found = both_orders(reference_first=1.8, candidate_first=1.3)
    assert found.preference == pytest.approx((1.8 + (3 - 1.3)) / 2)
    assert found.consistent is True and found.reason is None


def test_the_same_answer_in_both_orders_wins_whole() -> None:
    assert both_orders(reference_first=SECOND, candidate_first=FIRST).preference == 2
    assert both_orders(reference_first=FIRST, candidate_first=SECOND).preference == 1


def test_letters_that_contradict_each_other_are_an_inconsistent_draw() -> None:
    always_first = both_orders(FIRST, FIRST)
    assert (always_first.preference, always_first.consistent) == (1.5, False)
    counted = win_rate_summary([record(always_first.preference), record(2.0)])
    assert (counted.n_wins, counted.n_draws, counted.n_wins_base) == (1, 1, 0)
    assert counted.discrete_win_rate == 75


def test_float_noise_around_a_draw_is_a_draw() -> None:
    for tenth in range(1, 10):
        value = 1 + tenth / 10
        assert both_orders(value, value).preference == 1.5, value


def test_one_order_missing_is_a_missing_pair() -> None:
    for pair in (Shown(None, 1.2), Shown(1.2, None), Shown(float("nan"), 2.0), Shown(1.2, -1.0)):
        found = both_orders(*pair)
        assert (found.preference, found.consistent) == (None, None)
        assert found.reason == "one order gave no verdict"
    assert both_orders(None, None).reason == "neither order gave a verdict"


def test_a_draw_and_a_winner_disagree() -> None:
    assert both_orders(1.5, FIRST).consistent is False
    assert both_orders(0.0, 1.5) == both_orders(1.5, 1.5), "a stored 0 is a draw"


def test_a_judge_of_slots_alone_is_found_out() -> None:
    """`first` as a null judge: every pair inconsistent, everything to the first slot."""
    found = order_summary([Shown(FIRST, FIRST)] * 7 + [Shown(None, FIRST)])
    assert (found.n_pairs, found.n_missing, found.n_inconsistent) == (7, 1, 7)
    assert (found.swap_consistency, found.first_slot_share) == (0, 100)


def test_a_judge_without_slot_bias_is_at_fifty() -> None:
    found = order_summary([Shown(1.9, 1.1), Shown(1.2, 1.8)])
    assert found.first_slot_share == pytest.approx(50) and found.swap_consistency == 100
    nothing = order_summary([])
    assert (nothing.swap_consistency, nothing.first_slot_share) == (None, None)


def test_the_official_order_is_the_packages_draw() -> None:
    texts = [f"What is {n} + {n}?" for n in range(400)]
    for text in texts:
        drawn = random.Random("is_switched_outputs" + text + "0").choices([False, True])[0]
        assert candidate_goes_first(text) is drawn
    share = sum(map(candidate_goes_first, texts)) / len(texts)
    assert 0.4 < share < 0.6
    assert unswitched(1.2, candidate_first=True) == pytest.approx(1.8)
    assert unswitched(1.2, candidate_first=False) == 1.2
