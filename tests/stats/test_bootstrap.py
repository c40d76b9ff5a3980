"""The paired bootstrap against closed forms and against doing it the slow way."""

import numpy as np
import pytest

from core.stats.bootstrap import (
    SEED,
    Floats,
    Table,
    counts,
    differences,
    macro,
    means,
    resampled_means,
    span_of,
)

RNG = np.random.default_rng(5)


def yes_no(n: int, *shares: float) -> Floats:
    return np.column_stack([(RNG.random(n) < share).astype(float) for share in shares])


def test_the_spread_is_the_standard_error() -> None:
    table = Table(yes_no(400, 0.3, 0.9))
    spread = resampled_means(table, resamples=8000).std(axis=0)
    expected = table.values.std(axis=0) / np.sqrt(400)
    assert spread == pytest.approx(expected, rel=0.04)


def test_paired_differences_have_the_spread_of_the_differences() -> None:
    first = yes_no(300, 0.5)[:, 0]
    second = np.where(RNG.random(300) < 0.1, 1 - first, first)  # nearly the same items right
    table = Table(np.column_stack([first, second]))
    gap = resampled_means(differences(table, 0), resamples=8000)[:, 1]
    expected = (second - first).std() / np.sqrt(300)
    assert gap.std() == pytest.approx(expected, rel=0.04)
    unpaired = np.sqrt(first.var() / 300 + second.var() / 300)
    assert gap.std() < 0.6 * unpaired


def test_the_same_items_are_drawn_for_every_lam() -> None:
    column = yes_no(50, 0.4)
    drawn = resampled_means(Table(np.hstack([column, column, 1 - column])))
    assert np.array_equal(drawn[:, 0], drawn[:, 1])
    assert drawn[:, 2] == pytest.approx(1 - drawn[:, 0])


def test_the_same_seed_gives_the_same_interval() -> None:
    table = Table(yes_no(80, 0.4))
    assert np.array_equal(resampled_means(table, 3), resampled_means(table, 3))
    assert not np.array_equal(resampled_means(table, 3), resampled_means(table, 4))


def test_against_drawing_item_by_item() -> None:
    table = Table(yes_no(30, 0.2, 0.7))
    generator = np.random.default_rng([SEED, 7])
    picks = generator.integers(0, 30, size=(100, 29), dtype=np.int64)
    slow = np.array([table.values[pick].mean(axis=0) for pick in picks])
    assert resampled_means(table, 7, resamples=100) == pytest.approx(slow)


def test_large_tasks_are_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(yes_no(40, 0.5))
    monkeypatch.setattr("core.stats.bootstrap._CELLS_AT_ONCE", 400)
    drawn = resampled_means(table, resamples=205)
    assert drawn.shape == (205, 1)
    assert drawn.std() == pytest.approx(table.values.std() / np.sqrt(40), rel=0.2)


def test_clusters_are_drawn_whole() -> None:
    groups = np.repeat(np.arange(40), 5)
    per_group = (RNG.random(40) < 0.5).astype(float)
    table = Table(per_group[groups][:, None], groups)  # items of a passage agree entirely
    spread = resampled_means(table, resamples=8000).std()
    assert spread == pytest.approx(per_group.std() / np.sqrt(40), rel=0.05)
    alone = resampled_means(Table(table.values), resamples=8000).std()
    assert spread > 2 * alone


def test_clusters_of_one_are_items() -> None:
    values = yes_no(60, 0.3)
    alone = resampled_means(Table(values, np.arange(60)))
    assert alone == pytest.approx(resampled_means(Table(values)))


def test_an_absent_value_is_left_out_and_never_a_zero() -> None:
    values = np.array([[1.0, np.nan], [1.0, 1.0], [0.0, 1.0], [1.0, np.nan]])
    table = Table(values)
    assert means(table) == pytest.approx([0.75, 1.0])
    assert counts(table).tolist() == [4, 2]
    gaps = differences(table, 0)
    assert counts(gaps).tolist() == [4, 2]
    assert means(gaps)[1] == pytest.approx(0.5)


def test_a_column_without_a_value_has_no_mean_and_no_interval() -> None:
    table = Table(np.array([[1.0, np.nan], [0.0, np.nan]]))
    assert np.isnan(means(table)[1])
    drawn = resampled_means(table)
    assert span_of(drawn[:, 1]) is None
    assert span_of(drawn[:, 0]) is not None


def test_no_items_no_interval() -> None:
    table = Table(np.empty((0, 2)))
    assert span_of(resampled_means(table)[:, 0]) is None


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    hits = 0
    for _ in range(200):
        span = span_of(resampled_means(Table(yes_no(120, 0.4)), resamples=400)[:, 0])
        assert span is not None
        hits += span.low <= 0.4 <= span.high
    assert 180 <= hits <= 199


def test_tasks_weigh_the_same_whatever_their_size() -> None:
    small, large = Table(yes_no(40, 0.5)), Table(yes_no(1000, 0.5))
    drawn = macro([resampled_means(small, 1, 8000), resampled_means(large, 2, 8000)])
    expected = 0.5 * np.sqrt(small.values.var() / 40 + large.values.var() / 1000)
    assert drawn.std() == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("n", [1, 2, 3, 40, 41, 2000])
def test_ends_are_numpys_own_quantiles(n: int) -> None:
    samples = np.random.default_rng(n).normal(size=n)
    span = span_of(samples)
    assert span is not None
    tail = (1 - 0.95) / 2
    assert list(span) == list(np.quantile(samples, [tail, 1 - tail]))
