"""On a GPU: the same seed, λ and prompt give the same text, alone and among others."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine.decoding import decode_steps
from core.engine.protocol import Prompt, ScoreRequest
from core.engine.row import Order
from core.engine.torch_engine import TorchEngine
from core.engine.writer import Writer
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import write_registry, write_tiny_pair

pytestmark = pytest.mark.gpu
LAM = Lam(650)
WORDS = ("the river", "a small town", "people say that it never", "and", "the people there")
PROMPTS = [Prompt(f"{WORDS[i % len(WORDS)]}{' runs' * (i // 5)}") for i in range(20)]
REQUESTS = [
    ScoreRequest("the river runs past a small town.\n" * 3 + question, choice)
    for question in ("the river", "people say that it", "a")
    for choice in (" town", " never stops", " no people")
]
GREEDY, SAMPLED = Decoding(16), Decoding(16, temperature="0.9", seed=7)


@pytest.fixture(scope="module")
def settings(device: torch.device, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("tiny")
    registry = write_registry(folder / "pairs.toml", write_tiny_pair(folder))
    return replace(settings_for(folder, registry), device=str(device))


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
def test_alone_and_in_a_batch(settings: Settings, decoding: Decoding) -> None:
    engine = TorchEngine(settings)
    resident = engine.resident("tiny")
    together = engine.generate("tiny", LAM, PROMPTS, decoding)
    for row, prompt in enumerate(PROMPTS):
        order = Order(row, tuple(resident.encoder.encode_prompt(prompt)))
        *_, answers = decode_steps(Writer(resident, LAM), [order], decoding)
        assert answers[row].text == together[row].text


def test_the_texts_of_another_process_of_this_machine(settings: Settings) -> None:
    told = [TorchEngine(settings).generate("tiny", LAM, PROMPTS, SAMPLED) for _ in "ab"]
    assert told[0] == told[1]


def test_a_gpu_scores_as_a_cpu_does(settings: Settings) -> None:
    engines = TorchEngine(settings), TorchEngine(replace(settings, device="cpu"))
    scores = [engine.score("tiny", LAM, REQUESTS) for engine in engines]
    for one, other in zip(*scores, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
        assert one.greedy == other.greedy


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_any_architecture_scores_as_on_a_cpu(
    name: str, device: torch.device, tmp_path: Path
) -> None:
    config, shares = ARCHITECTURES[name]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    settings = settings_for(tmp_path, registry)
    engines = TorchEngine(replace(settings, device=str(device))), TorchEngine(settings)
    assert engines[0].resident("odd").shares is shares
    scores = [engine.score("odd", LAM, REQUESTS) for engine in engines]
    for one, other in zip(*scores, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
