"""A sweep over several made-up engines, without Ray: lost ones, refused ones, errors."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

import core.jobs.sweep
from core.engine.fleet import NoReplacement
from core.engine.protocol import Engine, LoadedPair, OnProgress, Score, ScoreRequest
from core.engine.turn import Turn
from core.errors import EngineUnavailable, PairError
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.lam import Lam
from core.store.environment import Environment, read_environment
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, contents, silent, small_plan

pytestmark = pytest.mark.usefixtures("suites")
GRID = "0,0.5,1"
ITEMS = 3 * (36 + 3)
SOON_SECONDS = 5.0


class MadeFleet:
    """Engines in this process; `room` says how many may be lost and replaced."""

    def __init__(self, count: int, room: int = 0) -> None:
        self.turn, self.room = Turn(), room
        self.engines: tuple[Engine, ...] = tuple(MadeEngine(self) for _ in range(count))
        self.made: list[MadeEngine] = [one for one in self.engines if isinstance(one, MadeEngine)]
        self.closed = self.abandoned = False
        self.meeting = threading.Barrier(count)

    def another(self, lost: Engine) -> Engine:
        if not self.room:
            raise NoReplacement("An engine was lost, and there is no room for another.")
        self.room -= 1
        self.made.append(MadeEngine(self))
        return self.made[-1]

    def environment(self, engine: Engine, loaded: LoadedPair) -> Environment:
        assert isinstance(engine, MadeEngine)
        return read_environment(f"fake:{self.made.index(engine)}")

    def abandon(self) -> None:
        self.abandoned = True

    def close(self) -> None:
        self.closed = True

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.made)


class MadeEngine(CountingEngine):
    """Waits at its first question until every engine has one, so that all take part."""

    def __init__(self, fleet: MadeFleet) -> None:
        super().__init__()
        self.fleet = fleet
        self.dies_at: int | None = None
        self.refuses: Exception | None = None

    def load(self, pair: str) -> LoadedPair:
        if self.refuses is not None and threading.current_thread() is not threading.main_thread():
            raise self.refuses
        return super().load(pair)

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        with self.fleet.turn.away():
            if self.calls == 0 and self in self.fleet.engines:
                self.fleet.meeting.wait(SOON_SECONDS)
        return super().score(pair, lam, requests, on_progress)

    def before_call(self) -> None:
        if self.calls == self.dies_at:
            raise EngineUnavailable("The engine is gone. Start the sweep again.")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.jobs.sweep, "LONGEST_PAUSE_SECONDS", 0.0)


def whole(tmp_path: Path) -> dict[str, bytes]:
    store = RunStore(tmp_path / "whole")
    run_sweep(small_plan(GRID), CountingEngine(), store, silent)
    return contents(store.results)


def test_several_engines_write_what_one_writes(tmp_path: Path) -> None:
    fleet, store, seen = MadeFleet(3), RunStore(tmp_path / "spread"), list[Progress]()
    outcome = run_sweep(small_plan(GRID), fleet.engines[0], store, seen.append)
    assert contents(store.results) == whole(tmp_path)
    assert (outcome.computed, outcome.judged, fleet.calls) == (ITEMS, 6, 36)
    assert all(one.calls for one in fleet.made)
    assert (seen[-1].done, seen[-1].total) == (ITEMS, ITEMS)
    assert "3 engines" in seen[-1].message
    assert fleet.closed and not fleet.abandoned
    devices = {store.environment(one.run_id)["device"] for one in store.complete("icl")}
    assert devices == {"fake:0", "fake:1", "fake:2"}, "each run names where it was made"
    again = run_sweep(small_plan(GRID), CountingEngine(), store, silent)
    assert again.computed == 0


def test_a_lost_engine_is_replaced_and_one_batch_is_done_twice(tmp_path: Path) -> None:
    fleet, store = MadeFleet(2, room=1), RunStore(tmp_path / "spread")
    fleet.made[1].dies_at = 5
    outcome = run_sweep(small_plan(GRID), fleet.engines[0], store, silent)
    assert contents(store.results) == whole(tmp_path)
    assert len(fleet.made) == 3 and fleet.made[2].calls > 0
    assert (outcome.computed, fleet.calls) == (ITEMS, 36 + 1)


def test_where_there_is_no_room_the_others_go_on(tmp_path: Path) -> None:
    fleet, store, seen = MadeFleet(2), RunStore(tmp_path / "spread"), list[Progress]()
    fleet.made[1].dies_at = 5
    run_sweep(small_plan(GRID), fleet.engines[0], store, seen.append)
    assert contents(store.results) == whole(tmp_path)
    assert "1 engine" in seen[-1].message and "engines" not in seen[-1].message


def test_when_all_are_lost_the_sweep_says_so_and_is_gone_on_with(tmp_path: Path) -> None:
    fleet, store = MadeFleet(2), RunStore(tmp_path / "spread")
    for engine in fleet.made:
        engine.dies_at = 5
    with pytest.raises(NoReplacement, match="no room for another"):
        run_sweep(small_plan(GRID), fleet.engines[0], store, silent)
    assert fleet.closed
    outcome = run_sweep(small_plan(GRID), CountingEngine(), store, silent)
    assert 0 < outcome.computed < ITEMS
    assert contents(store.results) == whole(tmp_path)


def test_an_engine_that_sees_other_parents_ends_it_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    fleet, store = MadeFleet(2), RunStore(tmp_path / "spread")
    fleet.made[1].refuses = PairError("The base parent of tiny on node-2 is another one.")
    with pytest.raises(PairError, match="another one"):
        run_sweep(small_plan(GRID), fleet.engines[0], store, silent)
    assert fleet.calls == 0 and fleet.abandoned and fleet.closed


def test_an_error_of_one_ends_the_others_and_keeps_what_was_measured(tmp_path: Path) -> None:
    fleet, store = MadeFleet(2), RunStore(tmp_path / "spread")

    class Interrupted(Exception):
        """Stands for a signal that reaches the thread which reports."""

    def report(progress: Progress) -> None:
        if progress.done > ITEMS // 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        run_sweep(small_plan(GRID), fleet.engines[0], store, report)
    assert fleet.abandoned and fleet.closed
    outcome = run_sweep(small_plan(GRID), CountingEngine(), store, silent)
    assert 0 < outcome.computed < ITEMS
    assert contents(store.results) == whole(tmp_path)
