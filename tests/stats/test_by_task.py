"""Drawing tasks again: against every possible draw, against scipy, and by simulation."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm, t

from core.stats.bootstrap import Table, macro, resampled_means, span_of
from core.stats.by_task import FEWEST_TASKS, drawn_tasks, expanded, span_by_task
from tests.stats.test_bootstrap import yes_no

RNG = np.random.default_rng(11)


def test_draws_are_those_of_all_possible_sets() -> None:
    values = np.array([0.1, 0.5, 0.6, 0.9, 0.2])
    every = np.array([np.mean(chosen) for chosen in product(values, repeat=len(values))])
    drawn = drawn_tasks(len(values), 40_000) @ values
    shares = np.linspace(0.05, 0.95, 7)
    assert np.quantile(drawn, shares) == pytest.approx(np.quantile(every, shares), abs=0.011)
    assert drawn.mean() == pytest.approx(every.mean(), abs=0.002)


def test_the_same_tasks_are_drawn_for_every_quantity() -> None:
    assert np.array_equal(drawn_tasks(12), drawn_tasks(12))
    assert drawn_tasks(12).sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("tasks", [5, 12, 21, 200])
def test_the_level_is_widened_as_student_and_the_small_variance_ask(tasks: int) -> None:
    tail = norm.cdf(-np.sqrt(tasks / (tasks - 1)) * t.ppf(0.975, tasks - 1))
    assert expanded(0.95, tasks) == pytest.approx(1 - 2 * tail, abs=2e-4)


def test_too_few_tasks_have_no_interval() -> None:
    few = FEWEST_TASKS - 1
    assert span_by_task(drawn_tasks(few) @ np.arange(few), few) is None
    assert span_by_task(drawn_tasks(FEWEST_TASKS) @ np.arange(FEWEST_TASKS), FEWEST_TASKS)


@pytest.mark.parametrize("tasks", [12, 21])
def test_it_covers_the_mean_over_tasks_of_this_sort(tasks: int) -> None:
    """Tasks from a wide population, each measured on 100 items."""
    weights, hits, trials = drawn_tasks(tasks, 800), 0, 400
    for _ in range(trials):
        skills = RNG.beta(2, 2, size=tasks)
        measured = RNG.binomial(100, skills) / 100
        span = span_by_task(weights @ measured, tasks)
        assert span is not None
        hits += span.low <= 0.5 <= span.high
    assert 0.92 * trials <= hits <= 0.98 * trials


def test_it_is_wider_than_drawing_items_where_tasks_differ() -> None:
    tables = [Table(yes_no(100, share)) for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.4)]
    by_item = span_of(macro([resampled_means(table, at)[:, 0] for at, table in enumerate(tables)]))
    by_task = span_by_task(drawn_tasks(6) @ [table.values.mean() for table in tables], 6)
    assert by_item and by_task
    assert by_task.high - by_task.low > 2 * (by_item.high - by_item.low)
