"""On a GPU whose memory really runs out: smaller batches, the same answers, then a sentence."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError
from core.lam import Lam
from core.pairs.registry import PairEntry
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_pair import make_config, make_tokenizer, write_checkpoint, write_registry

pytestmark = pytest.mark.gpu
LAM = Lam(650)
MIB = 1024**2
WIDE = 16_384  # numbers a token between the two matrices of an MLP: 64 KiB in float32
# No two begin alike, so that nothing is read once for all.
PROMPTS = [Prompt(f"{i} " + "the river runs past " * 20 + "a town " * (i % 3)) for i in range(64)]
REQUESTS = [
    ScoreRequest("the river " * 20 + "runs past " * (i % 9), what)
    for i in range(64)
    for what in (" a small town", " never stops")
]


@pytest.fixture
def engine(cuda: torch.device, tmp_path: Path) -> Iterator[TorchEngine]:
    """A pair of small weights and large activations."""
    tokenizer = make_tokenizer()
    config = make_config(len(tokenizer))
    config.intermediate_size = WIDE
    for seed, name in enumerate(("base", "instruct")):
        torch.manual_seed(seed)
        write_checkpoint(tmp_path / name, LlamaForCausalLM(config), tokenizer)
    entry = PairEntry("wide", "wide", str(tmp_path / "base"), str(tmp_path / "instruct"))
    settings = settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))
    made = TorchEngine(replace(settings, device=str(cuda)))
    yield made
    made.close()
    gc.collect()


@contextmanager
def only(mebibytes: int, device: torch.device) -> Iterator[None]:
    """No more of the device's memory than this beside what is in use."""
    gc.collect()
    torch.cuda.empty_cache()
    allowed = torch.cuda.memory_reserved(device) + mebibytes * MIB
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(allowed / total, device)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device)


def test_answers_go_on_in_halves(engine: TorchEngine, cuda: torch.device) -> None:
    decoding = Decoding(6, temperature="0.8", seed=3)
    expected = engine.generate("wide", LAM, PROMPTS, decoding)
    before = engine.resident("wide").token_budget
    with only(256, cuda):
        found = engine.generate("wide", LAM, PROMPTS, decoding)
    assert engine.resident("wide").token_budget < before
    # A GPU computes batches of other shapes by other kernels: nearly tied tokens change places.
    same = sum(one.text == other.text for one, other in zip(found, expected, strict=True))
    assert same >= 0.9 * len(PROMPTS)


def test_scores_go_on_in_halves(engine: TorchEngine, cuda: torch.device) -> None:
    engine._residents.adopt("wide", engine.resident("wide").with_sharing(False))
    expected = engine.score("wide", LAM, REQUESTS)
    before = engine.resident("wide").token_budget
    with only(256, cuda):
        found = engine.score("wide", LAM, REQUESTS)
    assert engine.resident("wide").token_budget < before
    for one, other in zip(found, expected, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-3)


def test_one_text_too_large_is_a_sentence_and_the_engine_lives(
    engine: TorchEngine, cuda: torch.device
) -> None:
    engine.generate("wide", LAM, PROMPTS[:1], Decoding(2))
    with only(2, cuda), pytest.raises(EngineError, match="does not fit into the memory left"):
        engine.generate("wide", LAM, PROMPTS[:2], Decoding(6))
    assert len(engine.generate("wide", LAM, PROMPTS[:2], Decoding(6))) == 2


def test_a_pair_too_large_is_a_sentence(engine: TorchEngine, cuda: torch.device) -> None:
    with only(2, cuda), pytest.raises(EngineError, match="Memory ran out on cuda"):
        engine.load("wide")
    assert engine.load("wide").endpoints_exact
