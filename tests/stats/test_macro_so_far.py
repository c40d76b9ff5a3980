"""The interval of a mean over tasks of which a few items are there."""

import numpy as np
import pytest

from core.stats.macro_so_far import macro_so_far
from core.stats.wilson import wilson

TIMES = 2000


def test_one_task_is_wilson() -> None:
    assert macro_so_far([(0.25, 40)]) == pytest.approx(wilson(10, 40))


def test_nothing_and_a_task_without_items_have_none() -> None:
    assert macro_so_far([]) is None
    assert macro_so_far([(0.5, 10), (0.0, 0)]) is None


def test_agreement_of_few_is_no_certainty_and_items_narrow_it() -> None:
    widths = []
    for n in (3, 12, 48, 192):
        span = macro_so_far([(1.0, n)] * 4)
        assert span is not None and span.high == 1.0 and span.low < 1.0
        widths.append(span.high - span.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 4 * widths[-1]


@pytest.mark.parametrize(
    ("tasks", "n", "low", "high"),
    [
        (6, 4, 0.1, 0.9),
        (6, 64, 0.1, 0.9),
        (12, 20, 0.05, 0.05),
        (12, 20, 0.5, 0.5),
        (2, 5, 0.5, 0.5),
    ],
)
def test_it_covers_the_truth(tasks: int, n: int, low: float, high: float) -> None:
    draw = np.random.default_rng(n)
    truth = np.linspace(low, high, tasks)
    held = 0
    for _ in range(TIMES):
        span = macro_so_far([(float(share), n) for share in draw.binomial(n, truth) / n])
        assert span is not None
        held += span.low <= truth.mean() <= span.high
    assert held / TIMES >= 0.925
