"""Cohen's κ: equal to scikit-learn's, by hand on a small table, and honest where undefined."""

from random import Random

import pytest
from sklearn.metrics import cohen_kappa_score

from core.stats.agreement import BOTH_ONE_SIDED, TOO_FEW, agreement


def drawn(seed: int, n: int = 200, noise: float = 0.4) -> tuple[list[int], list[int]]:
    random = Random(seed)
    first = [random.choice((0, 0, 1, 2)) for _ in range(n)]
    second = [random.randrange(3) if random.random() < noise else one for one in first]
    return first, second


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_scikit_learns(seed: int) -> None:
    first, second = drawn(seed)
    found = agreement(first, second, 3)
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert found.interval is not None and found.kappa is not None
    assert found.interval.low < found.kappa < found.interval.high


def test_a_table_by_hand() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = 0.7, p_e = 0.5, κ = 0.4.
    first = [0] * 25 + [1] * 25
    second = [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15
    found = agreement(first, second, 2)
    assert (found.n, found.agreed, found.share) == (50, 35, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_swapping_the_judges_changes_nothing() -> None:
    first, second = drawn(7)
    one, other = agreement(first, second, 3), agreement(second, first, 3)
    assert one.kappa == pytest.approx(other.kappa)


def test_full_agreement_is_one_and_clusters_widen() -> None:
    first, second = drawn(3)
    assert agreement(first, first, 3).kappa == pytest.approx(1.0)
    doubled = agreement(first * 2, second * 2, 3)
    clustered = agreement(first * 2, second * 2, 3, [*range(len(first))] * 2)
    assert doubled.interval is not None and clustered.interval is not None
    width = clustered.interval.high - clustered.interval.low
    assert width > 1.2 * (doubled.interval.high - doubled.interval.low)


def test_what_is_not_defined_has_a_reason() -> None:
    assert agreement([], [], 3).reason == TOO_FEW
    same = agreement([1] * 9, [1] * 9, 3)
    assert (same.share, same.kappa, same.interval, same.reason) == (1.0, None, None, BOTH_ONE_SIDED)
