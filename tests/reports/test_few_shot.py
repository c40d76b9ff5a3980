"""The four views of few-shot accuracy, each from its definition and from records."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.lam import INSTRUCT, Lam
from core.reports.few_shot import (
    ONE_CHOICE,
    TOO_FEW,
    ZERO,
    ZERO_DRAWN,
    DrawnTask,
    above_chance,
    draw_task,
    few_shot,
)
from core.reports.measures import ALL_AGREE, BY_DEFINITION, NO_REFERENCE, resample
from core.reports.points import Point
from core.reports.trade_off import read_trade_off
from core.reports.views import VIEWS, Group, View
from core.settings import PUBLISHED
from core.stats.bootstrap import Floats, Table, drawn_weights
from core.store.records import IclRecord
from core.store.runs import RunStore

LAMS = (Lam(500), INSTRUCT)
RNG = np.random.default_rng(23)


def task(values: Floats, choices: Floats | float, name: str = "a", stream: int = 1) -> DrawnTask:
    """Scores 0/1 (items × two λ, the second λ=1) and choices an item (0: generated)."""
    scores = Table(100.0 * np.asarray(values))
    many = np.broadcast_to(choices, len(scores.values))
    each = np.divide(100.0, many, out=np.zeros(len(many)), where=many > 0)
    chance = np.where(np.isnan(scores.values), np.nan, each[:, None])
    return draw_task(name, "kind", resample(scores, 1, stream), Table(chance), stream)


def overall(*tasks: DrawnTask) -> Group:
    return few_shot(tasks, LAMS).overall


def value(group: Group, view: View, column: int = 0) -> float:
    found = group.views[view][column].measure.value
    assert found is not None
    return found


def random_task(name: str, stream: int, *shares: float, items: int = 60) -> DrawnTask:
    return task((RNG.random((items, 2)) < np.array(shares)).astype(float), 4, name, stream)


def test_the_fraction_is_the_paper_s() -> None:
    half, whole = np.array([[1, 1], [1, 0], [1, 0], [0, 0]]), np.array([[1, 1], [1, 1]])
    group = overall(task(half, 0), task(whole, 0, "b", 2))
    at_half, at_one = (75 + 100) / 2, (25 + 100) / 2
    assert value(group, "fractional") == pytest.approx(100 * (at_half - at_one) / at_one)
    assert value(group, "difference") == pytest.approx(at_half - at_one)
    one = group.views["fractional"][1].measure
    assert (one.value, one.interval, one.reason) == (0.0, None, BY_DEFINITION)


def test_chance_is_the_mean_of_one_over_choices_and_nothing_is_clipped() -> None:
    right = np.array([[1, 0], [0, 0], [1, 0], [0, 0]])
    mixed = np.array([2.0, 4.0, 4.0, 2.0])  # c = (1/2 + 1/4 + 1/4 + 1/2) / 4
    group = overall(task(right, mixed), task(right, 0, "written", 2))
    c = 0.375
    first, second = 100 * (0.5 - c) / (1 - c), 50.0
    assert value(group, "corrected") == pytest.approx((first + second) / 2)
    assert value(group, "corrected", 1) == pytest.approx((100 * (0 - c) / (1 - c) + 0) / 2)
    assert value(group, "corrected", 1) < 0


def test_guessing_scores_nothing_and_all_right_scores_all() -> None:
    for choices in (2, 4, 5):
        rows = np.zeros((choices * 4, 2))
        rows[::choices, 0] = 1  # right as often as a guess
        rows[:, 1] = 1
        group = overall(task(rows, choices))
        assert value(group, "corrected") == pytest.approx(0)
        assert value(group, "corrected", 1) == pytest.approx(100)


def test_a_single_choice_leaves_no_room_above_chance() -> None:
    group = overall(task(np.ones((3, 2)), 1, "only"))
    for reading in group.views["corrected"]:
        assert reading.measure.value is None
        assert reading.measure.reason == ONE_CHOICE.format(task="only")
        assert reading.across_tasks.value is None


def test_nothing_is_a_percentage_of_zero() -> None:
    group = overall(task(np.array([[1, 0], [0, 0]]), 0))
    for reading in group.views["fractional"]:
        assert (reading.measure.value, reading.measure.reason) == (None, ZERO)
    rare = np.zeros((40, 2))
    rare[:8, 0], rare[0, 1] = 1, 1  # λ=1 is right once: some resamples miss it
    measure = overall(task(rare, 0)).views["fractional"][0].measure
    assert measure.value == pytest.approx(700)
    assert (measure.interval, measure.reason) == (None, ZERO_DRAWN)


def test_every_draw_is_the_definition_of_that_draw() -> None:
    """Item by item: the intervals' ends are quantiles of the views of the drawn tables."""
    tables = [(RNG.random((30, 2)) < 0.6).astype(float) for _ in range(2)]
    choices = [RNG.integers(2, 5, size=30).astype(float) for _ in range(2)]
    group = overall(
        *(task(v, c, str(at), at) for at, (v, c) in enumerate(zip(tables, choices, strict=True)))
    )
    weights = [np.concatenate(list(drawn_weights(30, at, 2000, 29))) / 29 for at in range(2)]
    drawn = [w @ v for w, v in zip(weights, tables, strict=True)]  # (resamples × λ)
    chance = [w @ (1 / c) for w, c in zip(weights, choices, strict=True)]
    means = (drawn[0] + drawn[1]) / 2
    expected = {
        "absolute": 100 * means[:, 0],
        "difference": 100 * (means[:, 0] - means[:, 1]),
        "fractional": 100 * (means[:, 0] - means[:, 1]) / means[:, 1],
        "corrected": 50 * sum((d[:, 0] - c) / (1 - c) for d, c in zip(drawn, chance, strict=True)),
    }
    for view, samples in expected.items():
        interval = group.views[view][0].measure.interval  # type: ignore[index]
        assert interval is not None
        ends = np.quantile(samples, [0.025, 0.975])
        assert (interval.low, interval.high) == pytest.approx(tuple(ends)), view


def test_against_every_possible_resample_of_a_tiny_task() -> None:
    values, choices = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]), np.array([2.0, 4.0, 3.0])
    picks = [list(pick) for pick in product(range(3), repeat=2)]
    every = [
        100 * (values[p, 0].mean() - (1 / choices[p]).mean()) / (1 - (1 / choices[p]).mean())
        for p in picks
    ]
    interval = overall(task(values, choices)).views["corrected"][0].measure.interval
    assert interval is not None
    assert interval.low == pytest.approx(min(every))  # a draw takes two of the three: 1 of 9
    assert interval.high == pytest.approx(max(every))


def test_items_that_one_side_lacks_count_on_neither() -> None:
    rows = np.array([[1, 1], [1, 0], [np.nan, 1], [np.nan, 1]])
    group = overall(task(rows, 2))
    assert value(group, "difference") == pytest.approx(50)
    assert value(group, "fractional") == pytest.approx(100)  # of 50 %, on the two shared items
    assert group.views["fractional"][0].measure.n == 2


def test_without_lam_one_there_is_nothing_to_differ_from() -> None:
    scores = resample(Table(np.array([[100.0], [0.0]])), None, 1)
    alone = draw_task("a", "kind", scores, Table(np.full((2, 1), 50.0)), 1)
    group = few_shot([alone], (Lam(500),)).overall
    for view in ("difference", "fractional"):
        assert group.views[view][0].measure.reason == NO_REFERENCE
    assert value(group, "absolute") == 50 and value(group, "corrected") == 0


def test_items_that_all_agree_claim_no_certainty() -> None:
    group = overall(task(np.ones((9, 2)), 2), task(np.zeros((9, 2)), 2, "b", 2))
    for view in ("absolute", "corrected"):
        measure = group.views[view][0].measure
        assert (measure.interval, measure.reason) == (None, ALL_AGREE)


def test_the_two_intervals_have_names_of_their_own() -> None:
    many = overall(*(random_task(str(at), at, 0.3 + at / 10, 0.4) for at in range(6)))
    for view in VIEWS:
        reading = many.views[view][0]
        assert reading.measure.interval and reading.across_tasks.interval
        assert "tasks fixed" in reading.measure.interval.method
        assert "by task" in reading.across_tasks.interval.method
        assert reading.across_tasks.n == 6 and reading.across_tasks.value == reading.measure.value
    few = overall(*(random_task(str(at), at, 0.5, 0.4) for at in range(4)))
    assert few.views["absolute"][0].across_tasks.reason == TOO_FEW


def test_above_chance_is_undefined_where_guessing_is_always_right() -> None:
    assert np.isnan(above_chance(np.array([50.0]), np.array([100.0]))).all()


@pytest.mark.parametrize(("view", "truth"), [("fractional", 50.0), ("corrected", 100 / 3)])
def test_intervals_cover_as_often_as_they_say(view: View, truth: float) -> None:
    """Three tasks of 150 items, 0.45 to 0.75 right, 4 choices; λ=1 two thirds of that."""
    hits, trials, skills = 0, 300, np.array([0.35, 0.5, 0.65])
    for _ in range(trials):
        tasks = []
        for at, skill in enumerate(skills):
            first = RNG.random(150) < skill
            second = first & (RNG.random(150) < 2 / 3)
            tasks.append(task(np.column_stack([first, second]), 4, str(at), at))
        interval = overall(*tasks).views[view][0].measure.interval
        assert interval is not None
        hits += interval.low <= truth <= interval.high
    assert 0.92 * trials <= hits <= 0.98 * trials


@pytest.mark.parametrize("pair", ["tinyworld", "pocketworld"])
def test_what_ships_is_the_definitions_over_its_records(pair: str) -> None:
    store = RunStore(Path(PUBLISHED))
    line = read_trade_off(store, pair)
    assert line is not None
    one = line.at(INSTRUCT)
    assert one is not None
    base = np.mean([accuracy for accuracy, _ in _by_task(store, one)])
    for point in line.points:
        found = _by_task(store, point)
        mean = np.mean([accuracy for accuracy, _ in found])
        expected = {
            "absolute": 100 * mean,
            "difference": 100 * (mean - base),
            "fractional": 100 * (mean - base) / base,
            "corrected": 100 * np.mean([(a - c) / (1 - c) for a, c in found]),
        }
        for view in VIEWS:
            reading = line.few_shot.overall.at(view, point.lam)
            assert reading is not None
            assert reading.measure.value == pytest.approx(expected[view])
        absolute = line.few_shot.overall.at("absolute", point.lam)
        assert absolute is not None and point.icl == absolute.measure


def _by_task(store: RunStore, point: Point) -> list[tuple[float, float]]:
    """Accuracy and chance of each task, 0–1, straight from the records."""
    found = []
    for scored in point.tasks:
        held = [r for r in store.records(scored.run_id) if isinstance(r, IclRecord)]
        chance = [1 / len(r.choices) if r.choices else 0.0 for r in held]
        right = [r.metrics[scored.metric] for r in held]
        found.append((float(np.mean(right)), float(np.mean(chance))))
    return found
