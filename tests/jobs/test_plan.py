"""The order of measuring, and the time left."""

import pytest

from core.errors import InputError
from core.jobs.plan import SweepPlan, coarse_first, plan_from_json
from core.jobs.progress import Progress, Tracker
from core.lam import Lam, parse_grid


def order(grid: str) -> list[str]:
    return [str(lam) for lam in coarse_first(parse_grid(grid))]


def test_end_points_first_then_the_middle_then_the_rest() -> None:
    assert order("0:1:0.25") == ["1", "0", "0.5", "0.25", "0.75"]
    assert order("0:1:0.1,1.1,1.2")[:4] == ["1", "0", "1.2", "0.5"]


@pytest.mark.parametrize("grid", ["0.35", "1", "0,1", "-0.5:2:0.05", "1.1,1.2", "0.001,0.999"])
def test_every_lam_comes_once(grid: str) -> None:
    assert sorted(coarse_first(parse_grid(grid))) == list(parse_grid(grid))


def test_a_plan_survives_its_file() -> None:
    plan = SweepPlan("mine", parse_grid("0,0.35"), "a", "b", limit=5)
    assert plan_from_json(plan.to_json()) == plan


def test_an_empty_grid_is_refused() -> None:
    with pytest.raises(InputError, match="no λ"):
        SweepPlan("mine", tuple[Lam, ...]())


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_kind_of_item_has_its_own_rate() -> None:
    clock, seen = Clock(), list[Progress]()
    tracker = Tracker({"icl": 100, "generations": 10}, seen.append, clock)
    tracker.enter("icl", "first")
    assert seen[-1].eta_seconds is None
    clock.now = 5.0
    tracker.computed("icl", 50)
    assert seen[-1].eta_seconds == pytest.approx(60 * 0.1)
    clock.now = 100.0  # time between two runs belongs to neither
    tracker.enter("generations", "second")
    clock.now = 110.0
    tracker.computed("generations", 5)
    assert seen[-1].eta_seconds == pytest.approx(50 * 0.1 + 5 * 2.0)


def test_what_was_there_already_makes_no_rate() -> None:
    clock, seen = Clock(), list[Progress]()
    tracker = Tracker({"icl": 100, "generations": 0}, seen.append, clock)
    tracker.enter("icl", "again")
    tracker.found("icl", 90)
    assert (seen[-1].done, seen[-1].eta_seconds) == (90, None)
    clock.now = 2.0
    tracker.computed("icl", 2)
    assert seen[-1].eta_seconds == pytest.approx(8.0)


def test_a_long_batch_moves_the_bar_before_it_is_flushed() -> None:
    clock, seen = Clock(), list[Progress]()
    tracker = Tracker({"icl": 0, "generations": 20}, seen.append, clock)
    tracker.enter("generations", "answers")
    tracker.ahead(4)
    assert (seen[-1].done, tracker.done) == (4, 0)
    clock.now = 10.0
    tracker.computed("generations", 10)
    assert (seen[-1].done, tracker.done) == (10, 10)
