"""The host is killed in the middle of an answer: a sentence for who reads, then it starts anew."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.engine.protocol import Prompt
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
