"""What is told before a sweep is what the sweep itself then finds: runs, items, verdicts."""

from pathlib import Path

import pytest

from core.jobs.forecast import forecast
from core.jobs.measured import measured
from core.jobs.plan import SweepPlan
from core.jobs.prepare import planned
from core.lam import Lam, parse_grid
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    state = tmp_path / "state"
    return Settings(tmp_path / "results", state, state / "pairs.toml")


@pytest.mark.parametrize(("grid", "limit"), [("0.5,0.55", None), ("0,1", 7), ("0:1:0.1", None)])
def test_the_forecast_is_what_the_sweep_finds(
    grid: str, limit: int | None, settings: Settings
) -> None:
    plan, store = SweepPlan("tinyworld", parse_grid(grid), limit=limit), published(settings)
    ahead, work = forecast(plan, settings, store), planned(plan, settings)
    missing = work.missing(store)
    assert ahead.runs == len(list(work.all_steps()))
    assert ahead.runs - ahead.stored == len(missing)
    assert ahead.items_left == sum(work.count(step) for step in missing)
    assert ahead.uncounted == ()
    assert ahead.unjudged == len(work.unjudged(store))
    assert ahead.nothing_left == (not missing and not work.unjudged(store))
    assert ahead.few_shot[0].lams == work.lams


def test_verdicts_that_are_missing_are_not_called_stored(settings: Settings) -> None:
    answered = settings.results.parent / "answered"
    answered.mkdir()
    for name in ("runs", "generations", "sweeps"):
        (answered / name).symlink_to(PUBLISHED / name)
    store = RunStore(settings.results, (answered,))
    plan = SweepPlan("tinyworld", parse_grid("0,1"))
    ahead = forecast(plan, settings, store)
    assert ahead.stored == ahead.runs
    assert ahead.unjudged == len(planned(plan, settings).unjudged(store)) > 0
    assert not ahead.nothing_left


def test_a_trial_is_timed_by_whole_runs(settings: Settings) -> None:
    """Seconds are an item's, so that any stored run of the task tells them."""
    store = published(settings)
    whole = forecast(SweepPlan("tinyworld", parse_grid("0.55")), settings, store)
    trial = forecast(SweepPlan("tinyworld", parse_grid("0.55"), limit=10), settings, store)
    for one, other in zip(whole.few_shot, trial.few_shot, strict=True):
        assert one.seconds == other.seconds and one.seconds is not None
        assert (one.items, other.items) == (100, 10)
    assert whole.answers.seconds_left is None


def test_measured_leaves_out_what_is_not_there(settings: Settings) -> None:
    found = measured(SweepPlan("tinyworld", parse_grid("0.5,0.55")), settings, published(settings))
    assert len(found) == 12
    assert all(set(row.by_lam) == {Lam(500)} for row in found)
    trial = SweepPlan("tinyworld", parse_grid("0.5"), limit=3)
    assert measured(trial, settings, published(settings)) == ()


def published(settings: Settings) -> RunStore:
    return RunStore(settings.results, (PUBLISHED,))
