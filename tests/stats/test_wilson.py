"""Wilson's interval against known values and against its own definition."""

import pytest

from core.stats.wilson import wilson

Z = 1.959963984540054


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe (1998), table I, method 3, four digits.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 7, 100, 4000])
@pytest.mark.parametrize("share", [0.0, 0.13, 0.5, 1.0])
def test_its_ends_are_where_the_score_test_turns(n: int, share: float) -> None:
    successes = round(share * n)
    span = wilson(successes, n)
    assert span is not None
    for end in span:
        assert abs(successes / n - end) == pytest.approx(Z * (end * (1 - end) / n) ** 0.5, abs=1e-9)
    assert 0 <= span.low <= successes / n <= span.high <= 1


def test_nothing_is_said_of_nothing() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize("successes", [-1, 11])
def test_impossible_counts_are_a_bug(successes: int) -> None:
    with pytest.raises(ValueError, match="of 10"):
        wilson(successes, 10)
