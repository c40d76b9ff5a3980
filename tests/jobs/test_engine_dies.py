"""The engine host is killed in mid-answer: the sweep goes on, nothing is lost or doubled."""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import core.jobs.sweep
from core.engine.client import HostClient
from core.engine.protocol import Generation, LoadedPair, OnProgress, Prompt, Score, ScoreRequest
from core.engine.supervisor import engine_state, ensure_engine, stop_engine
from core.errors import EngineUnavailable, PairError
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding, PairIdentity
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, contents, silent, small_plan
from tests.private_settings import settings_for

pytestmark = pytest.mark.usefixtures("suites")
GRID = "0,1"
ITEMS = 2 * (36 + 3)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = replace(settings_for(tmp_path, tmp_path / "pairs.toml"), device="fake")
    yield made
    stop_engine(made)


class Hunted:
    """A host that is killed with SIGKILL while it answers these calls (counted from one)."""

    def __init__(
        self, settings: Settings, fatal_calls: Sequence[int], fatal_loads: int = 0
    ) -> None:
        self.settings, self.fatal_calls = settings, set(fatal_calls)
        self.fatal_loads = fatal_loads  # so many of the first loads are its end as well
        self.calls = self.opened = self.killed = 0

    def open(self) -> "HuntedClient":
        self.opened += 1
        client = ensure_engine(self.settings)
        return HuntedClient(client.url, client._token, self)

    def report(self, on_progress: OnProgress | None) -> OnProgress | None:
        """Called once a call; what it returns kills the host when half of the answer is there."""
        self.calls += 1
        return self._kill if self.calls in self.fatal_calls else on_progress

    def _kill(self, done: int, total: int) -> None:
        self.kill()

    def kill(self) -> None:
        pid = engine_state(self.settings).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.killed += 1


class HuntedClient(HostClient):
    """Asks the host as any client does."""

    def __init__(self, url: str, token: str, hunt: Hunted) -> None:
        super().__init__(url, token)
        self._hunt = hunt

    def load(self, pair: str) -> LoadedPair:
        if self._hunt.killed < self._hunt.fatal_loads:
            self._hunt.kill()
        return super().load(pair)

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        return super().score(pair, lam, requests, self._hunt.report(on_progress))

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        return super().generate(pair, lam, prompts, decoding, self._hunt.report(on_progress))


def test_a_host_killed_in_mid_answer_costs_one_batch(settings: Settings, tmp_path: Path) -> None:
    whole, seen = RunStore(tmp_path / "whole"), list[Progress]()
    run_sweep(small_plan(GRID), CountingEngine(), whole, silent)
    hunt, store = Hunted(settings, (3, 10, 13)), RunStore(tmp_path / "killed")
    outcome = run_sweep(small_plan(GRID), hunt.open(), store, seen.append, reopen=hunt.open)
    assert hunt.killed == 3 and hunt.opened >= 4
    assert contents(store.results) == contents(whole.results)
    assert outcome.computed == ITEMS
    assert hunt.calls == 24 + hunt.killed  # every batch once, and again the one that was cut off
    assert (seen[-1].done, seen[-1].total) == (ITEMS, ITEMS)
    assert any("waiting for it to start again" in one.message for one in seen)


def test_a_host_killed_in_the_very_first_load_costs_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    whole, seen = RunStore(tmp_path / "whole"), list[Progress]()
    run_sweep(small_plan("0"), CountingEngine(), whole, silent)
    hunt, store = Hunted(settings, (), fatal_loads=2), RunStore(tmp_path / "killed")
    run_sweep(small_plan("0"), hunt.open(), store, seen.append, reopen=hunt.open)
    assert hunt.killed == 2 and hunt.opened == 3
    assert contents(store.results) == contents(whole.results)
    assert [one.stage for one in seen[:3]] == ["loading"] * 3
    assert "waiting for it to start again" in seen[1].message


class NeverLoads(CountingEngine):
    """An engine that dies of every load."""

    def load(self, pair: str) -> LoadedPair:
        self.calls += 1
        raise EngineUnavailable("The engine does not answer. Start it again.")


def test_an_engine_that_never_loads_ends_the_sweep_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.jobs.sweep, "LONGEST_PAUSE_SECONDS", 0.0)
    engine, store = NeverLoads(), RunStore(tmp_path / "results")
    with pytest.raises(EngineUnavailable, match="does not answer"):
        run_sweep(small_plan(GRID), engine, store, silent, reopen=lambda: engine)
    assert engine.calls == core.jobs.sweep.DEATHS_IN_A_ROW + 1
    with pytest.raises(EngineUnavailable):  # nobody can open another one: told at once
        run_sweep(small_plan(GRID), engine, store, silent)


class Gone(CountingEngine):
    """An engine that is never there when it is asked."""

    def before_call(self) -> None:
        raise EngineUnavailable("The engine does not answer. Start it again.")


def test_an_engine_that_does_not_come_back_ends_the_sweep_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.jobs.sweep, "LONGEST_PAUSE_SECONDS", 0.0)
    gone, store = Gone(), RunStore(tmp_path / "results")
    with pytest.raises(EngineUnavailable, match="does not answer"):
        run_sweep(small_plan(GRID), gone, store, silent, reopen=lambda: gone)
    assert gone.calls == core.jobs.sweep.DEATHS_IN_A_ROW + 1


class Other(CountingEngine):
    """After the restart, the pair's files are others."""

    def load(self, pair: str) -> LoadedPair:
        found = super().load(pair)
        return replace(found, identity=PairIdentity(pair, "b" * 20, "c" * 20))


def test_other_weights_after_the_restart_are_not_mixed_in(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "results")
    with pytest.raises(PairError, match="have changed since this sweep began"):
        run_sweep(small_plan(GRID), Gone(), store, silent, reopen=Other)
    assert not list(store.results.rglob("summary.json"))
