"""Memory that runs out in the middle of work: smaller batches, the same answers, no dead engine."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding

LAM = Lam(650)
REQUESTS = [
    ScoreRequest(f"the river runs past {who} and", what)
    for who in ("a small town", "the people", "it", "never a town")
    for what in (" stops", " say that", " it never runs")
]
PROMPTS = [Prompt(text) for text in ("the river", "a small town", "people say that it", "never")]
DECODING = Decoding(12, temperature="0.8", seed=3)


@pytest.fixture
def engine(tiny_settings: Settings) -> Iterator[TorchEngine]:
    made = TorchEngine(tiny_settings)
    yield made
    made.close()


def small_memory(engine: TorchEngine, rows: int, *, from_call: int = 0) -> list[int]:
    """From that forward on, the model has memory for so many rows; returns the batch sizes."""
    seen: list[int] = []

    def refuse(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        seen.append(len(named["input_ids"]))
        if len(seen) > from_call and seen[-1] > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB.")

    engine.resident("tiny").model.register_forward_pre_hook(refuse, with_kwargs=True)
    return seen


@pytest.mark.parametrize("tokens", [15, 25])
def test_scores_are_the_same_in_smaller_batches(
    engine: TorchEngine, tiny_engine: TorchEngine, tokens: int
) -> None:
    expected = tiny_engine.score("tiny", LAM, REQUESTS)
    sizes = short_memory(engine, tokens)
    before = engine.resident("tiny").token_budget
    found = engine.score("tiny", LAM, REQUESTS)
    assert [one.greedy for one in found] == [one.greedy for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-4)
    assert max(sizes) > tokens >= sizes[-1]
    assert engine.resident("tiny").token_budget < before


@pytest.mark.parametrize("from_call", [0, 1, 5, 9])
@pytest.mark.parametrize("rows", [1, 3])
def test_answers_go_on_where_memory_ran_out(
    engine: TorchEngine, tiny_engine: TorchEngine, rows: int, from_call: int
) -> None:
    """Whether it happens while prompts are read or in the middle of the answers."""
    expected = tiny_engine.generate("tiny", LAM, PROMPTS, DECODING)
    sizes = small_memory(engine, rows, from_call=from_call)
    assert engine.generate("tiny", LAM, PROMPTS, DECODING) == expected
    assert max(sizes) > rows


def short_memory(engine: TorchEngine, tokens: int) -> list[int]:
    """The model has memory to compute so many tokens at a time; returns how many it was given."""
    seen: list[int] = []

    def refuse(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        seen.append(named["input_ids"].numel())
        if seen[-1] > tokens:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB.")

    engine.resident("tiny").model.register_forward_pre_hook(refuse, with_kwargs=True)
    return seen


@pytest.mark.parametrize("tokens", [100, 40, 20])
def test_one_text_is_read_in_smaller_pieces(
    engine: TorchEngine, tiny_engine: TorchEngine, tokens: int
) -> None:
    prompt = Prompt("the river runs past a small town and people say " * 12)
    expected = (
        tiny_engine.token_scores("tiny", LAM, prompt, 2),
        tiny_engine.next_tokens("tiny", [LAM, Lam(0)], prompt, 3),
    )
    seen = short_memory(engine, tokens)
    scores = engine.token_scores("tiny", LAM, prompt, 2)
    assert max(seen) > tokens >= seen[-1]
    assert scores[0] is None and len(scores) == len(expected[0])
    for one, other in zip(scores[1:], expected[0][1:], strict=True):
        assert one is not None and other is not None
        assert (one.token, one.text) == (other.token, other.text)
        assert one.logprob == pytest.approx(other.logprob, abs=1e-4)
    seen.clear()
    for row, wanted in zip(
        engine.next_tokens("tiny", [LAM, Lam(0)], prompt, 3), expected[1], strict=True
    ):
        assert [one.token for one in row] == [one.token for one in wanted]
        assert [one.logprob for one in row] == pytest.approx(
            [one.logprob for one in wanted], abs=1e-4
        )
    assert max(seen) > tokens >= seen[-1]


def test_one_text_too_large_is_a_sentence_and_the_engine_lives(engine: TorchEngine) -> None:
    resident: Resident = engine.resident("tiny")
    small_memory(engine, 0)
    for ask in (
        lambda: engine.score("tiny", LAM, REQUESTS),
        lambda: engine.generate("tiny", LAM, PROMPTS, DECODING),
        lambda: list(engine.stream("tiny", LAM, PROMPTS[0], DECODING)),
        lambda: engine.next_tokens("tiny", [LAM], PROMPTS[0], 3),
        lambda: engine.token_scores("tiny", LAM, PROMPTS[0], 3),
    ):
        with pytest.raises(EngineError, match="does not fit into the memory left on cpu"):
            ask()
    resident.model._forward_pre_hooks.clear()
    assert engine.score("tiny", LAM, REQUESTS)


def test_memory_that_runs_out_while_loading_is_a_sentence(
    engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 3 GB")

    monkeypatch.setattr("core.merge.flat.allocate", refuse)
    with pytest.raises(EngineError, match="ran out on cpu while tiny was being loaded"):
        engine.load("tiny")
    monkeypatch.undo()
    assert engine.load("tiny").endpoints_exact
