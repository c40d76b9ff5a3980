"""Without a live copy: the same bits at every λ, from the parents and room for one module."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import GptOssConfig

from core.engine.pair_plan import plan_pair
from core.engine.protocol import Answers, Prompt, ScoreRequest
from core.engine.residents import Residents
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam, parse_grid
from core.merge.blended_kinds import NotBlendable
from core.merge.endpoints import check_endpoints, same_bits
from core.merge.forms import hold
from core.merge.materialised import Match, Materialised, Slot
from core.merge.paired import Paired
from core.pairs.preflight import PairReport
from core.pairs.registry import PairEntry
from core.settings import Settings
from core.spec import Decoding
from tests.merge.test_blended import _WIDE, BLENDABLE, LAMS, logprobs, merged_pair, tokens
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import (
    make_config,
    make_model,
    make_tokenizer,
    write_checkpoint,
    write_registry,
    write_tiny_pair,
)

CPU = torch.device("cpu")
PROMPT = Prompt("the river runs past a small town and people say")
REQUESTS = [
    ScoreRequest("the river runs past a small town. " * 3 + question, choice)
    for question in ("the river", "people say")
    for choice in (" town", " never stops", " no people")
]


def paired_of(merged: Materialised) -> Materialised:
    """The same pair, held without a live copy."""
    names: dict[int, list[str]] = {}
    for name, tensor in merged.model.state_dict().items():
        names.setdefault(tensor.data_ptr(), []).append(name)
    matches = [
        Match(s.live, tuple(names[s.live.data_ptr()]), (Slot(s.name, s.live, s.base, s.instruct),))
        for s in merged.slots
    ]
    return hold(merged.model, matches, CPU, "paired")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", BLENDABLE)
def test_every_lam_is_the_merged_model_bit_for_bit(name: str, dtype: torch.dtype) -> None:
    ids = tokens(3)
    merged = merged_pair(BLENDABLE[name], dtype)
    expected = {}
    for lam in LAMS:
        merged.set_lam(lam)
        expected[lam] = logprobs(merged.model, ids)
    paired = paired_of(merged_pair(BLENDABLE[name], dtype))
    assert isinstance(paired, Paired)
    before = [(slot.base.clone(), slot.instruct.clone()) for slot in paired.slots]
    check_endpoints(paired)
    for lam in (*LAMS, *reversed(LAMS)):
        paired.set_lam(lam)
        assert torch.equal(logprobs(paired.model, ids), expected[lam])
    for slot, (base, instruct) in zip(paired.slots, before, strict=True):
        assert same_bits(slot.base, base) and same_bits(slot.instruct, instruct)


def test_a_model_that_reads_past_its_modules_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.llama.modeling_llama import LlamaMLP

    def around(self: LlamaMLP, hidden: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(torch.tanh(self.up_proj(hidden)), self.down_proj.weight)

    monkeypatch.setattr(LlamaMLP, "forward", around)
    with pytest.raises(NotBlendable, match=r"was not reached|differ by|not the parent"):
        paired_of(merged_pair(BLENDABLE["llama"]))


def test_a_module_with_weights_and_modules_is_refused() -> None:
    config = GptOssConfig(
        **_WIDE, num_local_experts=4, num_experts_per_tok=2, layer_types=["full_attention"] * 3
    )
    with pytest.raises(NotBlendable, match="has weights of its own"):
        paired_of(merged_pair(config))


@pytest.fixture
def paired_plan(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the plan treat this CPU as a device with memory of its own, too small for three."""

    def plan(self: Residents, report: PairReport, _: object, without: Any = frozenset()) -> object:
        room = replace(self._room(CPU), device="mps", budget=int(2.9 * report.weights_bytes))
        return plan_pair(report.sizes, [room], 3, without)

    monkeypatch.setattr(Residents, "_plan", plan)
    yield


def engines(
    settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[TorchEngine, TorchEngine]:
    """One that holds the pair paired, and one with a live copy."""
    paired = TorchEngine(settings)
    paired.load(name)
    monkeypatch.undo()
    return paired, TorchEngine(settings)


@pytest.mark.usefixtures("paired_plan")
@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if "running state" not in name])
def test_scores_and_answers_are_those_of_a_live_copy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = write_registry(
        tmp_path / "pairs.toml", write_architecture_pair(tmp_path, ARCHITECTURES[name][0])
    )
    paired, live = engines(settings_for(tmp_path, registry), "odd", monkeypatch)
    assert paired.memory_plan("odd").form == "paired"
    assert paired.load("odd").weights_bytes == live.load("odd").weights_bytes
    for lam in (BASE, Lam(650), INSTRUCT):
        assert paired.score("odd", lam, REQUESTS) == live.score("odd", lam, REQUESTS)
        for decoding in (Decoding(8), Decoding(8, temperature="0.9", seed=2)):
            both = [e.generate("odd", lam, [PROMPT, Prompt("a")], decoding) for e in (paired, live)]
            assert both[0] == both[1]
    grid = parse_grid("0:1:0.25")
    told = [
        list(e.stream_many("odd", grid, PROMPT, Decoding(6), "blended")) for e in (paired, live)
    ]
    assert isinstance(told[0][0], Answers) and told[0][0].form == "blended"
    assert told[0][1:] == told[1][1:]


@pytest.mark.usefixtures("paired_plan")
def test_parents_of_two_vocabulary_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_pair(tmp_path)
    tokenizer = make_tokenizer()
    wider = make_model(make_config(len(tokenizer) + 24, tied=False), seed=1)
    write_checkpoint(tmp_path / "instruct", wider, tokenizer)
    entry = PairEntry("tiny", "tiny", str(tmp_path / "base"), str(tmp_path / "instruct"))
    settings = settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))
    paired, live = engines(settings, "tiny", monkeypatch)
    assert paired.memory_plan("tiny").form == "paired"
    for lam in (BASE, Lam(350), INSTRUCT):
        assert paired.score("tiny", lam, REQUESTS) == live.score("tiny", lam, REQUESTS)


@pytest.mark.usefixtures("paired_plan")
def test_a_model_that_cannot_be_held_so_is_held_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ARCHITECTURES["mamba: a running state"][0]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    paired, live = engines(settings_for(tmp_path, registry), "odd", monkeypatch)
    assert paired.memory_plan("odd").form == "streamed"
    assert paired.score("odd", Lam(300), REQUESTS) == live.score("odd", Lam(300), REQUESTS)
