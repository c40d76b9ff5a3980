"""Bradley–Terry against its definition: the likelihood itself, a known truth, and its limits."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from core.stats.bradley_terry import ALWAYS, NEVER, UNLINKED, Chance, Game, chances, limit_chances
from tests.bench.tasting import AGAINST, STRENGTHS, sitting


def by_brute_force(players: int, against: int, games: list[Game]) -> list[float]:
    """The maximum of Σ outcome·log P + (1 − outcome)·log(1 − P), found by a general optimiser."""

    def loss(free: np.ndarray) -> float:
        strengths = np.insert(free, against, 0.0)
        gaps = np.array([strengths[g.first] - strengths[g.second] for g in games])
        outcomes = np.array([g.outcome for g in games])
        told = outcomes * np.logaddexp(0, -gaps) + (1 - outcomes) * np.logaddexp(0, gaps)
        return float(told.sum())

    found = minimize(loss, np.zeros(players - 1), method="BFGS", options={"gtol": 1e-9})
    return list(1 / (1 + np.exp(-np.insert(found.x, against, 0.0))))


def simulated(strengths: list[float], times: int, seed: int, drawn: float = 0.0) -> list[Game]:
    """Every pair of players meets `times` times on prompts of its own; some games are draws."""
    random = np.random.default_rng(seed)
    games = []
    for unit in range(times):
        for one, other in combinations(range(len(strengths)), 2):
            chance = 1 / (1 + np.exp(strengths[other] - strengths[one]))
            won = 0.5 if random.random() < drawn else float(random.random() < chance)
            games.append(Game(one, other, won, unit))
    return games


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_the_maximum_of_the_likelihood_draws_as_half_a_win(seed: int) -> None:
    games = simulated([0.0, 0.4, 0.9, -0.5], times=8, seed=seed, drawn=0.2)
    found = chances(4, 2, games)
    assert [one.value for one in found] == pytest.approx(by_brute_force(4, 2, games), abs=1e-4)
    assert found[2] == Chance(24, 0.5)


def test_a_known_truth_is_found_within_its_interval() -> None:
    strengths = [-1.0, -0.3, 0.0, 0.6]
    found = chances(4, 2, simulated(strengths, times=150, seed=5))
    for one, strength in zip(found, strengths, strict=True):
        truth = 1 / (1 + np.exp(-strength))
        assert one.value == pytest.approx(truth, abs=0.08)
        if one.interval is not None:
            assert one.interval.low <= truth <= one.interval.high
            assert one.interval.high - one.interval.low < 0.2


def test_who_won_or_lost_everything_has_no_value_but_a_reason() -> None:
    games = [Game(0, 1, 1.0, n) for n in range(6)] + [Game(2, 3, 0.5, n) for n in range(6)]
    assert [(one.games, one.value, one.reason) for one in chances(4, 1, games)] == [
        (6, None, ALWAYS),
        (6, 0.5, None),
        (6, None, UNLINKED),
        (6, None, UNLINKED),
    ]
    assert chances(4, 0, games)[1].reason == NEVER


def test_a_ring_of_wins_is_enough_and_a_table_says_its_limits() -> None:
    ring = np.array([[0, 3, 0, 1], [0, 0, 3, 0], [3, 0, 0, 0], [0, 0, 0, 0]], dtype=float)
    assert limit_chances(ring, 1)[:3] == pytest.approx([0.5, 0.5, 0.5])
    assert limit_chances(ring, 1)[3] == 0.0  # it only ever lost
    assert np.isnan(limit_chances(np.zeros((2, 2)), 0)[1])


def test_few_votes_and_few_prompts_are_said() -> None:
    few = simulated([0.0, 0.5], times=4, seed=1)
    assert chances(2, 0, few)[1].reason == "only 4 votes; 5 are needed"
    one_prompt = [Game(0, 1, float(n % 2), 0) for n in range(20)]
    told = chances(2, 0, one_prompt)[1]
    assert told.value == pytest.approx(0.5) and told.interval is None
    assert told.reason == "fewer than 5 prompts"
    assert chances(3, 0, [])[1] == Chance(0, None, reason="only 0 votes; 5 are needed")


def test_votes_on_one_prompt_count_together() -> None:
    """Ten votes on each of six prompts say less than sixty votes on sixty prompts."""
    random = np.random.default_rng(3)
    sides = random.random(6) < 0.5
    same = [Game(0, 1, float(sides[n % 6]), n % 6) for n in range(60)]
    apart = [Game(0, 1, float(sides[n % 6]), n) for n in range(60)]
    narrow, wide = chances(2, 0, apart)[1].interval, chances(2, 0, same)[1].interval
    assert narrow is not None and wide is not None
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_intervals_that_hold_together_are_wider_and_hold_every_resample_they_claim() -> None:
    games = sitting(votes=120, seed=3)
    found = [one for one in chances(len(STRENGTHS), AGAINST, games) if one.interval is not None]
    assert len(found) >= 4
    for one in found:
        assert one.interval is not None and one.together is not None
        assert one.together.low <= one.interval.low <= one.interval.high <= one.together.high
    alone = chances(2, 1, [Game(0, 1, float(unit % 3 == 0), unit) for unit in range(60)])[0]
    assert alone.interval is not None and alone.together is not None
    # Nobody else to look at: the same question, so the same interval.
    assert alone.together.low == pytest.approx(alone.interval.low, abs=0.02)
    assert alone.together.high == pytest.approx(alone.interval.high, abs=0.02)
