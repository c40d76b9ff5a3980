"""What a sweep asks of the engine, and what it leaves."""

import shutil
from pathlib import Path

import pytest

from core.errors import InputError, NotKnown, StoreError
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.lam import INSTRUCT, Lam
from core.reports.trade_off import available, read_trade_off
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, contents, silent, small_plan

pytestmark = pytest.mark.usefixtures("suites")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "results")


def test_a_second_sweep_asks_nothing(store: RunStore) -> None:
    first, second = CountingEngine(), CountingEngine()
    outcome = run_sweep(small_plan(), first, store, silent)
    assert (outcome.runs, outcome.computed, outcome.judged) == (12, 3 * (36 + 3), 6)
    before = contents(store.results)
    again = run_sweep(small_plan(), second, store, silent)
    assert (again.computed, again.judged, second.asked) == (0, 0, 0)
    assert contents(store.results) == before
    assert again.sweep_id == outcome.sweep_id


def test_published_runs_are_not_measured_again(store: RunStore, tmp_path: Path) -> None:
    run_sweep(small_plan(), CountingEngine(), store, silent)
    engine, own = CountingEngine(), RunStore(tmp_path / "own", also=(store.results,))
    run_sweep(small_plan(), engine, own, silent)
    assert engine.asked == 0
    assert list((tmp_path / "own").rglob("*.json*")) == []


def test_a_wider_grid_measures_only_the_difference(store: RunStore) -> None:
    run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    outcome = run_sweep(small_plan("0,0.5,1"), CountingEngine(), store, silent)
    assert outcome.computed == 39
    trade_off = read_trade_off(store, "tiny")
    assert trade_off is not None
    assert [str(point.lam) for point in trade_off.points] == ["0", "0.5", "1"]


def test_one_lam_measured_now_joins_the_line(store: RunStore) -> None:
    run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    run_sweep(small_plan("0.35"), CountingEngine(), store, silent)
    trade_off = read_trade_off(store, "tiny")
    assert trade_off is not None
    point = trade_off.at(Lam.parse("0.35"))
    assert point is not None
    assert point.icl.n == 36
    assert point.wins is not None


def test_a_lone_lam_brings_the_answers_it_is_judged_against(store: RunStore) -> None:
    outcome = run_sweep(small_plan("0.35"), CountingEngine(), store, silent)
    assert outcome.computed == 36 + 3 + 3
    trade_off = read_trade_off(store, "tiny")
    assert trade_off is not None
    point = trade_off.at(Lam.parse("0.35"))
    assert point is not None
    assert point.win_rate.value is not None
    assert point.icl_difference.value is None
    assert point.icl_difference.reason == "λ=1 is not measured on this curve"


def test_both_references_are_there_without_an_engine(store: RunStore) -> None:
    run_sweep(small_plan(), CountingEngine(), store, silent)
    assert [one.name for one in available(store, "tiny")] == ["lam:1", "outputs:reference"]
    own = read_trade_off(store, "tiny", "lam:1")
    shipped = read_trade_off(store, "tiny", "outputs:reference")
    assert own is not None
    assert shipped is not None
    at_one = own.at(INSTRUCT), shipped.at(INSTRUCT)
    assert at_one[0] is not None
    assert at_one[1] is not None
    assert (at_one[0].win_rate.value, at_one[0].win_rate.interval) == (50.0, None)
    assert at_one[0].win_rate.reason is not None
    assert at_one[1].win_rate.interval is not None
    with pytest.raises(NotKnown, match=r"lam:1, outputs:reference"):
        read_trade_off(store, "tiny", "outputs:other")


def test_a_trial_and_the_whole_are_two_lines(store: RunStore) -> None:
    run_sweep(small_plan(), CountingEngine(), store, silent)
    run_sweep(small_plan(limit=2), CountingEngine(), store, silent)
    trade_off = read_trade_off(store, "tiny")
    assert trade_off is not None
    assert {point.icl.n for point in trade_off.points} == {36}
    shutil.rmtree(store.results / "runs")
    shutil.rmtree(store.results / "generations")
    run_sweep(small_plan(limit=2), CountingEngine(), store, silent)
    trial = read_trade_off(store, "tiny")
    assert trial is not None
    assert {point.icl.n for point in trial.points} == {6}
    assert any("first 2 items" in note for note in trial.notes)


def test_progress_counts_every_item_once(store: RunStore) -> None:
    seen: list[Progress] = []
    run_sweep(small_plan(), CountingEngine(), store, seen.append)
    counted = [progress.done for progress in seen]
    assert counted == sorted(counted)
    assert (seen[-1].done, seen[-1].total) == (117, 117)
    assert seen[-1].eta_seconds == 0


def test_a_half_done_sweep_says_how_much_was_there(store: RunStore) -> None:
    class Stopping(CountingEngine):
        def before_call(self) -> None:
            if self.calls == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(small_plan(), Stopping(), store, silent)
    seen: list[Progress] = []
    outcome = run_sweep(small_plan(), CountingEngine(), store, seen.append)
    assert outcome.computed == 117 - 8
    assert (seen[-1].done, seen[-1].total) == (117, 117)


def test_results_that_cannot_be_written_stop_before_the_engine(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    engine = CountingEngine()
    with pytest.raises(StoreError):
        run_sweep(small_plan(), engine, RunStore(tmp_path / "file"), silent)
    assert engine.calls == 0


def test_an_unknown_suite_or_a_bad_limit_writes_nothing(store: RunStore) -> None:
    with pytest.raises(InputError, match="limit of 0"):
        run_sweep(small_plan(limit=0), CountingEngine(), store, silent)
    assert list(store.results.iterdir()) == []
