"""On a GPU: every form of a pair is the same model, and its memory comes back."""

import gc
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine.device import choose_device, give_back_cached
from core.engine.protocol import Answers, Chunk, Prompt
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError
from core.lam import BASE, INSTRUCT, Lam, parse_grid
from core.merge.blended import blend
from core.merge.endpoints import check_endpoints, same_bits
from core.merge.materialised import Materialised, Slot
from core.settings import Settings, read_settings
from core.spec import Decoding
from tests.merge.test_blended import BLENDABLE, LAMS, TOLERANCE, logprobs, merged_pair, tokens
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

pytestmark = pytest.mark.gpu
PROMPT = Prompt("the river runs past a small town and people say")
GRID = parse_grid("-0.2:1.2:0.2,0.65")


def moved(merged: Materialised, device: torch.device) -> Materialised:
    """The same pair on another device."""
    model = merged.model.to(device)
    named = model.state_dict()
    slots = [
        Slot(slot.name, named[slot.name], slot.base.to(device), slot.instruct.to(device))
        for slot in merged.slots
    ]
    return Materialised(model, slots)


def settings_on(device: torch.device, folder: Path, dtype: torch.dtype) -> Settings:
    registry = write_registry(folder / "pairs.toml", write_tiny_pair(folder, dtype=dtype))
    return replace(settings_for(folder, registry), device=str(device))


@pytest.mark.parametrize("name", BLENDABLE)
def test_rows_are_the_merged_models_at_their_lams(name: str, device: torch.device) -> None:
    merged = moved(merged_pair(BLENDABLE[name]), device)
    ids, blended = tokens(len(LAMS)).to(device), blend(merged)
    ways = [logprobs(blended.at(LAMS, merge_from), ids) for merge_from in (None, 1)]
    for row, lam in enumerate(LAMS):
        merged.set_lam(lam)
        alone = logprobs(merged.model, ids[row : row + 1])[0]
        for together in ways:
            assert float((together[row] - alone).abs().max()) < TOLERANCE


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_the_three_promises_hold(dtype: torch.dtype, device: torch.device) -> None:
    merged = moved(merged_pair(BLENDABLE["llama"], dtype), device)
    check_endpoints(merged)
    blended, ids = blend(merged), tokens(3).to(device)
    for lam in (BASE, INSTRUCT):
        merged.set_lam(lam)
        assert torch.equal(logprobs(blended.at([lam] * 3), ids), logprobs(merged.model, ids))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_streamed_weights_are_the_resident_ones(
    dtype: torch.dtype, device: torch.device, tmp_path: Path
) -> None:
    settings = settings_on(device, tmp_path, dtype)
    resident = TorchEngine(settings)
    weights = resident.memory_plan("tiny").weights_bytes
    streamed = TorchEngine(replace(settings, engine_bytes=2 * weights))
    assert resident.memory_plan("tiny").form == "resident"
    assert streamed.memory_plan("tiny").form == "streamed"
    for lam in (Lam(370), BASE, Lam(1300), INSTRUCT, Lam(650)):
        engines = (resident, streamed)
        states = [one.resident("tiny").at(lam).state_dict() for one in engines]
        assert all(same_bits(states[0][name], states[1][name]) for name in states[0])
        answers = [one.generate("tiny", lam, [PROMPT], Decoding(12)) for one in engines]
        assert answers[0] == answers[1]


def test_several_lams_at_once_say_what_each_says_alone(
    device: torch.device, tmp_path: Path
) -> None:
    engine = TorchEngine(settings_on(device, tmp_path, torch.float32))
    for decoding in (Decoding(16), Decoding(16, temperature="0.9", seed=3)):
        told: list[Answers | Chunk] = list(
            engine.stream_many("tiny", GRID, PROMPT, decoding, "blended")
        )
        assert isinstance(told[0], Answers) and told[0].form == "blended"
        for row, lam in enumerate(GRID):
            text = "".join(c.text for c in told if isinstance(c, Chunk) and c.row == row)
            assert text == engine.generate("tiny", lam, [PROMPT], decoding)[0].text


def test_a_gpu_is_chosen_by_itself_and_a_missing_one_is_a_sentence(cuda: torch.device) -> None:
    assert choose_device(read_settings({})).type == "cuda"
    assert choose_device(read_settings({"PARTWAY_DEVICE": "cpu"})).type == "cpu"
    with pytest.raises(EngineError, match="PARTWAY_DEVICE = 'cuda:99' cannot be used here"):
        choose_device(read_settings({"PARTWAY_DEVICE": "cuda:99"}))


@pytest.mark.parametrize("form", ["resident", "streamed"])
def test_unloading_gives_the_memory_back(form: str, cuda: torch.device, tmp_path: Path) -> None:
    settings = settings_on(cuda, tmp_path, torch.float32)
    weights = TorchEngine(settings).memory_plan("tiny").weights_bytes
    if form == "streamed":
        settings = replace(settings, engine_bytes=2 * weights)
    engine = TorchEngine(settings)
    list(engine.stream_many("tiny", GRID, PROMPT, Decoding(4), None))  # libraries keep some memory
    engine.unload("tiny")
    gc.collect()
    give_back_cached(cuda)
    before = torch.cuda.memory_allocated(cuda)
    for _ in range(2):
        list(engine.stream_many("tiny", GRID, PROMPT, Decoding(4), None))
        assert torch.cuda.memory_allocated(cuda) > before
        assert engine.unload("tiny")
        gc.collect()
        assert torch.cuda.memory_allocated(cuda) == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_without_a_live_copy_nothing_changes(
    dtype: torch.dtype, cuda: torch.device, tmp_path: Path
) -> None:
    settings = settings_on(cuda, tmp_path, dtype)
    live = TorchEngine(settings)
    weights = live.memory_plan("tiny").weights_bytes
    paired = TorchEngine(replace(settings, engine_bytes=int(2.9 * weights)))
    plan = paired.memory_plan("tiny")
    assert plan.form == "paired"
    before = torch.cuda.memory_allocated(cuda)
    paired.load("tiny")
    assert torch.cuda.memory_allocated(cuda) - before <= plan.device_bytes + 2**20
    for lam in (BASE, Lam(370), INSTRUCT):
        answers = [one.generate("tiny", lam, [PROMPT], Decoding(12)) for one in (live, paired)]
        assert answers[0] == answers[1]


@pytest.mark.parametrize("copies", [3.2, 2.9, 2.0], ids=["resident", "paired", "streamed"])
def test_what_was_planned_is_what_is_taken(
    copies: float, cuda: torch.device, tmp_path: Path
) -> None:
    settings = settings_on(cuda, tmp_path, torch.float32)
    weights = TorchEngine(settings).memory_plan("tiny").weights_bytes
    engine = TorchEngine(replace(settings, engine_bytes=int(copies * weights)))
    engine.load("tiny")  # libraries keep some memory from their first use on
    engine.unload("tiny")
    plan = engine.memory_plan("tiny")
    use = engine.load("tiny").memory
    assert use is not None and (use.form, use.planned_device) == (plan.form, plan.device_bytes)
    assert use.used_device is not None and use.used_host is not None
    # torch hands out pieces of 512 bytes and the model has tables of its own: some tens of KiB.
    assert abs(use.used_device - plan.device_bytes) < 2**20
    engine.close()
