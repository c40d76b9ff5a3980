"""On GPUs: a pair whose layers lie on two devices is the same model as on one.

With a single GPU the second device is the CPU, whose kernels round otherwise.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.merge.endpoints import same_bits
from core.spec import Decoding
from tests.gpu.test_forms import settings_on

pytestmark = pytest.mark.gpu
LAM = Lam(650)
PROMPT = Prompt("the river runs past a small town and people say")
REQUESTS = [ScoreRequest("the river", " runs"), ScoreRequest("a small", " town and people")]


@pytest.mark.parametrize("other", ["cpu", "cuda:1"])
def test_layers_on_two_devices(other: str, cuda: torch.device, tmp_path: Path) -> None:
    if other == "cuda:1" and torch.cuda.device_count() < 2:
        pytest.skip("there is one GPU here")
    settings = settings_on(torch.device("cuda", 0), tmp_path, torch.float32)
    alone = TorchEngine(settings)
    weights = alone.load("tiny").weights_bytes
    spread = TorchEngine(replace(settings, device=f"cuda:0,{other}"))
    spread._residents._free = lambda device: int(2.95 * weights)
    assert spread.memory_plan("tiny").form == "spread"
    assert spread.load("tiny").device == f"cuda:0+{other}"
    for lam in (BASE, LAM, INSTRUCT):
        ours, theirs = (one.resident("tiny").at(lam).state_dict() for one in (spread, alone))
        assert all(same_bits(ours[name].cpu(), theirs[name].cpu()) for name in theirs)
        for one, expected in zip(
            spread.score("tiny", lam, REQUESTS), alone.score("tiny", lam, REQUESTS), strict=True
        ):
            assert one.logprob == pytest.approx(expected.logprob, abs=1e-3)
        answers = [one.generate("tiny", lam, [PROMPT], Decoding(8)) for one in (spread, alone)]
        assert answers[0] == answers[1]
    together = list(
        spread.stream_many("tiny", [BASE, LAM, INSTRUCT], PROMPT, Decoding(8), "blended")
    )
    assert together
