"""The host is killed in the middle of its work: a sentence for who reads, and the work goes on."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.protocol import Engine, Prompt, ScoreRequest
from core.engine.steady import SteadyEngine
from core.engine.supervisor import engine_state, ensure_engine, stop_engine
from core.engine.torch_engine import TorchEngine
from core.errors import EngineUnavailable
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding

LAM = Lam(650)
PROMPT = Prompt("the river runs past")
LONG = Decoding(200, temperature="0.5", seed=3)


@pytest.fixture(scope="module")
def settings(
    tiny_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    made = replace(tiny_settings, state=tmp_path_factory.mktemp("killed") / "state")
    yield made
    stop_engine(made)


def kill(settings: Settings) -> None:
    pid = engine_state(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_a_stream_ends_in_a_sentence_and_the_next_call_recovers(
    settings: Settings, tiny_engine: TorchEngine
) -> None:
    (whole,) = tiny_engine.generate("tiny", LAM, [PROMPT], LONG)
    assert whole.tokens == LONG.max_new_tokens, "choose a seed whose answer is long"
    stream = ensure_engine(settings).stream("tiny", LAM, PROMPT, LONG)
    told = next(stream).text
    kill(settings)
    with pytest.raises(EngineUnavailable, match="does not answer"):
        for chunk in stream:
            told += chunk.text
    assert whole.text.startswith(told) and told != whole.text
    assert ensure_engine(settings).generate("tiny", LAM, [PROMPT], LONG) == [whole]
    assert "ended unexpectedly" in engine_state(settings).message


def test_long_work_goes_on_and_nothing_is_lost_or_doubled(
    settings: Settings, tiny_engine: TorchEngine
) -> None:
    requests = [ScoreRequest(f"the river {n} runs past the town", " and stops") for n in range(200)]
    expected = tiny_engine.score("tiny", LAM, requests)
    engine: Engine = SteadyEngine(settings)
    engine.load("tiny")
    begun = threading.Event()
    before = engine_state(settings).pid

    def kill_when_begun() -> None:
        begun.wait(60)
        kill(settings)

    killer = threading.Thread(target=kill_when_begun)
    killer.start()
    scores = engine.score("tiny", LAM, requests, lambda done, total: begun.set())
    killer.join()
    assert scores == expected
    while engine_state(settings).pid in (None, before):  # killed after the last score was told
        time.sleep(0.05)
        engine.load("tiny")
    pieces = [chunk.text for chunk in engine.stream("tiny", LAM, PROMPT, LONG)]
    assert "".join(pieces) == tiny_engine.generate("tiny", LAM, [PROMPT], LONG)[0].text


def test_what_kills_its_host_every_time_is_given_up(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Deadly:
        def load(self, pair: str) -> None:
            asked.append(pair)
            raise EngineUnavailable("The engine is gone. Try again.")

    monkeypatch.setattr("core.engine.steady.ensure_engine", lambda *_, **__: Deadly())
    monkeypatch.setattr("core.engine.steady.WAITS_SECONDS", (0.0, 0.0))
    with pytest.raises(EngineUnavailable, match="is gone"):
        SteadyEngine(settings).load("tiny")
    assert len(asked) == 3
