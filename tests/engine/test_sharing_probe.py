"""Texts that begin alike are computed together exactly where that changes nothing but roundings."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine import row_layout, sharing_probe
from core.engine.protocol import ScoreRequest
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.lam import BASE
from core.merge.in_float32 import in_float32
from core.pairs.registry import PairEntry
from tests.private_settings import settings_for
from tests.tiny_pair import (
    make_config,
    make_model,
    make_tokenizer,
    write_checkpoint,
    write_registry,
)

REQUESTS = [
    ScoreRequest("the river runs past a small town. " * 4 + question, choice)
    for question in ("the river", "people say")
    for choice in (" town", " never stops", " no people there")
]


def noisy_pair(folder: Path, dtype: torch.dtype, layers: int = 6) -> TorchEngine:
    """Weights so large that rounding in half precision changes scores by whole nats."""
    tokenizer = make_tokenizer()
    for seed, name in enumerate(("base", "instruct")):
        config = make_config(len(tokenizer), layers=layers, tied=False)
        config.initializer_range = 1.0
        write_checkpoint(folder / name, make_model(config, seed).to(dtype), tokenizer)
    entry = PairEntry("noisy", "noisy", str(folder / "base"), str(folder / "instruct"))
    return TorchEngine(settings_for(folder, write_registry(folder / "pairs.toml", entry)))


def test_a_noisy_pair_in_half_precision_shares(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = noisy_pair(tmp_path, torch.bfloat16)
    with caplog.at_level(logging.INFO, sharing_probe.__name__):
        resident = engine.resident("noisy")
    pairs = sharing_probe._requests(resident)
    ways = [sharing_probe._score(resident.with_sharing(shares), pairs) for shares in (True, False)]
    assert sharing_probe._furthest(*ways) > sharing_probe.FURTHEST_HALF
    assert resident.shares and engine.load("noisy").prefixes_shared
    assert "in float32 shared prefixes change scores by" in caplog.text
    assert "shared prefixes are off by" in caplog.text


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_seeing_a_wrong_token_is_noticed_in_any_precision(
    dtype: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = row_layout.lay_out

    def shifted(*given: object) -> row_layout.Layout:
        layout = place(*given)  # type: ignore[arg-type]
        return replace(layout, positions=layout.positions + 1)

    monkeypatch.setattr("core.engine.scoring.lay_out", shifted)
    resident = noisy_pair(tmp_path, dtype).resident("noisy")
    assert not resident.shares
    assert resident.loaded.prefixes_shared is False


def test_float32_is_the_same_model(tmp_path: Path) -> None:
    """Against a checkpoint whose very weights were widened before."""
    engine = noisy_pair(tmp_path / "half", torch.bfloat16, layers=2)
    resident: Resident = engine.resident("noisy")
    resident.at(BASE)
    wide = replace(resident, merged=in_float32(resident.merged))
    model = engine.resident("noisy").model
    ids = torch.tensor([[5, 9, 40, 7, 300]])
    with torch.inference_mode():
        found = wide.model(input_ids=ids).logits
        expected = model.float()(input_ids=ids).logits
    assert found.dtype == torch.float32
    assert torch.allclose(found, expected, atol=1e-5)
