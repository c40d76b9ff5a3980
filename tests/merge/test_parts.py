"""λ by parts on real tensors: exact ends, no trace of a λ before, the same when exported."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.engine.protocol import Answers, Prompt
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.merge.endpoints import same_bits
from core.merge.export import ExportOrder, export_checkpoint
from core.merge.materialised import Materialised
from core.merge.parents import load_materialised
from core.pairs.parts import kind_of, layer_of
from core.pairs.preflight import PairReport, check_pair
from core.pairs.registry import find_pair
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair


def report_of(folder: Path, path: str, dtype: torch.dtype = torch.float32) -> PairReport:
    registry = write_registry(
        folder / "pairs.toml", write_tiny_pair(folder, dtype=dtype, tied=False)
    )
    settings = settings_for(folder, registry)
    return check_pair(find_pair(f"tiny~{path}", settings), settings)


def loaded(report: PairReport) -> Materialised:
    return load_materialised(report, torch.device("cpu"))


def test_only_the_named_part_leaves_the_base(tmp_path: Path) -> None:
    merged = loaded(report_of(tmp_path, "attention-layers1", torch.bfloat16))
    merged.set_lam(INSTRUCT)
    for slot in merged.slots:
        moves = kind_of(slot.name) == "attention" and layer_of(slot.name) == 1
        assert same_bits(slot.live, slot.instruct if moves else slot.base), slot.name


def test_with_the_rest_at_the_instruct_parent_its_end_is_exact(tmp_path: Path) -> None:
    merged = loaded(report_of(tmp_path, "mlp-rest1", torch.bfloat16))
    merged.set_lam(INSTRUCT)
    assert all(same_bits(slot.live, slot.instruct) for slot in merged.slots)
    merged.set_lam(BASE)
    for slot in merged.slots:
        at = slot.base if kind_of(slot.name) == "mlp" else slot.instruct
        assert same_bits(slot.live, at), slot.name


def test_a_lambda_leaves_no_trace(tmp_path: Path) -> None:
    merged = loaded(report_of(tmp_path, "gradient0.2..1", torch.bfloat16))
    merged.set_lam(Lam(370))
    first = [slot.live.clone() for slot in merged.slots]
    for lam in (INSTRUCT, BASE, Lam(900), Lam(370)):
        merged.set_lam(lam)
    assert all(same_bits(slot.live, was) for slot, was in zip(merged.slots, first, strict=True))


@pytest.mark.parametrize("path", ["attention", "gradient0..1", "norms-rest1"])
def test_an_export_has_the_live_bits(path: str, tmp_path: Path) -> None:
    report = report_of(tmp_path, path, torch.bfloat16)
    export_checkpoint(ExportOrder(Lam(370), tmp_path / "out", "any"), report)
    written = load_file(tmp_path / "out" / "model.safetensors")
    merged = loaded(report)
    merged.set_lam(Lam(370))
    assert all(same_bits(slot.live, written[slot.name]) for slot in merged.slots)


def test_several_lambdas_are_answered_one_after_another_and_said_so(tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path))
    engine = TorchEngine(settings_for(tmp_path, registry))
    lams = (BASE, Lam(500), INSTRUCT)
    told = list(engine.stream_many("tiny~mlp", lams, Prompt("the river"), Decoding(8)))
    assert isinstance(told[0], Answers) and told[0].form == "materialised"
    assert "λ of their own" in told[0].why
    (alone,) = engine.generate("tiny~mlp", Lam(500), [Prompt("the river")], Decoding(8))
    assert alone.text == "".join(
        c.text for c in told[1:] if not isinstance(c, Answers) and c.row == 1
    )
    (whole,) = engine.generate("tiny", BASE, [Prompt("the river")], Decoding(8))
    (start,) = engine.generate("tiny~mlp", BASE, [Prompt("the river")], Decoding(8))
    assert whole.text == start.text
