"""The page on stored numbers, without an engine: `open_app()` runs it as a person would."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import api
from core.jobs import jobs
from core.reports.points import TradeOff
from core.settings import Settings
from tests.made_trade_off import made_trade_off

APP = Path(__file__).resolve().parents[2] / "app.py"
SECONDS = 60.0
OpenApp = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may see this machine's results, engine or pairs."""
    for name in ("RESULTS", "STATE"):
        monkeypatch.setenv(f"PARTWAY_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("PARTWAY_ENGINE_URL", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting an engine or a job is a failure."""

    def refuse(*_: object) -> None:
        raise AssertionError("looking at stored results must not start anything")

    monkeypatch.setattr(api, "open_engine", refuse)
    monkeypatch.setattr(api, "start_measuring", refuse)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up line for tinyworld; nothing for any other pair."""

    def trade_off(pair: str, reference: str, asked: object = None) -> TradeOff | None:
        return made_trade_off(pair, reference) if pair == "tinyworld" else None

    def references(pair: str) -> dict[str, str]:
        named = {"lam:1": "λ = 1", "outputs:shipped": "the shipped reference outputs"}
        return named if pair == "tinyworld" else {}

    monkeypatch.setattr(api, "trade_off", trade_off)
    monkeypatch.setattr(api, "references", references)


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No results at all."""
    monkeypatch.setattr(api, "trade_off", lambda pair, reference, asked=None: None)
    monkeypatch.setattr(api, "references", lambda pair: {})


class FakeWorkers:
    """Jobs are written to the disk; their workers are only noted, and hold their locks."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self._held: list[int] = []

    def launch(
        self, command: list[str], folder: Path, settings: Settings, held: tuple[int, ...] = ()
    ) -> None:
        """In place of `jobs.launch`."""
        self.commands.append(command)
        self._held.extend(map(os.dup, held))

    def end(self) -> None:
        """Their processes are gone."""
        while self._held:
            os.close(self._held.pop())


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWorkers]:
    """Nothing that a page starts is a process."""
    made_up = FakeWorkers()
    monkeypatch.setattr(jobs, "launch", made_up.launch)
    yield made_up
    made_up.end()


@pytest.fixture
def open_app() -> OpenApp:
    """Run the app with these URL parameters."""

    def run(**parameters: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=SECONDS)
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return run
