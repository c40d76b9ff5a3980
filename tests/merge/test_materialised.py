"""Merging, from its definition: exact end points, one rounding, no memory of the λ before."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.errors import PairError
from core.lam import BASE, INSTRUCT, Lam
from core.merge.endpoints import check_endpoints, same_bits
from core.merge.materialised import Materialised, Slot, match_tensors
from core.merge.parents import load_materialised, load_parent
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import make_config, make_model, make_tokenizer, write_checkpoint

CPU = torch.device("cpu")
LAMS = [Lam(t) for t in (-500, 1, 50, 300, 370, 499, 500, 501, 999, 1200, 2000)]
HALVES = (torch.bfloat16, torch.float16)


def random_parents(dtype: torch.dtype, size: int = 20_000) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(7)
    base = torch.randn(size, generator=draw, dtype=torch.float64) * 0.02
    instruct = base + torch.randn(size, generator=draw, dtype=torch.float64) * 0.001
    return base.to(dtype), instruct.to(dtype)


def merged_of(base: Tensor, instruct: Tensor) -> Materialised:
    return Materialised(nn.Identity(), [Slot("w", torch.empty_like(base), base, instruct)])


@pytest.mark.parametrize("dtype", [torch.float32, *HALVES])
@pytest.mark.parametrize("lam", LAMS, ids=str)
def test_the_definition_holds_to_one_rounding(dtype: torch.dtype, lam: Lam) -> None:
    base, instruct = random_parents(dtype)
    merged = merged_of(base, instruct)
    merged.set_lam(lam)
    exact = base.double() + lam.value * (instruct.double() - base.double())
    live = merged.slots[0].live
    above = torch.nextafter(exact.to(dtype), torch.full_like(base, torch.inf)).double()
    one_ulp = (above - exact.to(dtype).double()).abs()
    # float32 arithmetic on float32 weights may round twice near the larger parent's size.
    room = 2 * one_ulp if dtype == torch.float32 else one_ulp
    assert bool(((live.double() - exact).abs() <= room + 1e-9 * (dtype == torch.float32)).all())
    if dtype in HALVES:  # one rounding: all but a few in a million are the nearest value
        assert float((live != exact.to(dtype)).double().mean()) < 1e-3


@pytest.mark.parametrize("dtype", [torch.float32, *HALVES])
def test_end_points_are_the_parents_bit_for_bit(dtype: torch.dtype) -> None:
    base, instruct = random_parents(dtype)
    base[0], instruct[1], base[2] = float("inf"), float("nan"), -0.0
    merged = merged_of(base, instruct)
    for lam, parent in ((INSTRUCT, instruct), (Lam(400), None), (BASE, base)):
        merged.set_lam(lam)
        assert parent is None or same_bits(merged.slots[0].live, parent)


@pytest.mark.parametrize("dtype", [torch.float32, *HALVES])
def test_no_lam_remembers_the_one_before(dtype: torch.dtype) -> None:
    merged = merged_of(*random_parents(dtype))
    merged.set_lam(Lam(500))
    first = merged.slots[0].live.clone()
    for thousandths in range(0, 2001, 100):  # where adding small steps in bf16 would drift
        merged.set_lam(Lam(thousandths))
    merged.set_lam(Lam(500))
    assert same_bits(merged.slots[0].live, first)


def test_lam_is_not_rounded_to_the_dtype_of_the_weights() -> None:
    base, instruct = random_parents(torch.bfloat16)
    merged = merged_of(base, instruct)
    merged.set_lam(Lam(370))
    rounded = torch.lerp(base, instruct, torch.tensor(0.37, dtype=torch.bfloat16))
    assert not same_bits(merged.slots[0].live, rounded)


def test_setting_the_same_lam_again_costs_nothing() -> None:
    merged = merged_of(*random_parents(torch.float32))
    assert merged.set_lam(Lam(500)) is True
    assert merged.set_lam(Lam(500)) is False


def test_numbers_that_are_not_floating_come_from_the_base() -> None:
    base, instruct = torch.tensor([1, 2]), torch.tensor([3, 4])
    merged = merged_of(base, instruct)
    merged.set_lam(INSTRUCT)
    assert merged.slots[0].live.tolist() == [1, 2]


def test_tied_tensors_are_written_once() -> None:
    shared = torch.zeros(4, 2)
    live = {"embed": shared, "head": shared}
    source = {"embed": torch.ones(4, 2), "head": torch.ones(4, 2)}
    assert [match.names for match in match_tensors(live, source, source)] == [("embed", "head")]


def test_rows_that_one_parent_lacks_come_from_the_other_at_every_lam() -> None:
    base, instruct = torch.zeros(3, 2), torch.ones(5, 2)
    live = torch.empty(5, 2)
    (match,) = match_tensors({"e": live}, {"e": base}, {"e": instruct})
    merged = Materialised(nn.Identity(), match.slots)
    for lam in (BASE, Lam(250), INSTRUCT):
        merged.set_lam(lam)
        assert live[3:].eq(1).all() and live[:3].eq(lam.value).all()


@pytest.mark.parametrize("shapes", [((3, 2), (3, 4)), ((2,), (2, 2))])
def test_other_shapes_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    base, instruct = (torch.zeros(shape) for shape in shapes)
    with pytest.raises(PairError, match="has shape"):
        match_tensors({"w": torch.zeros(3, 4)}, {"w": base}, {"w": instruct})


def test_a_merge_that_leaves_a_trace_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def drifting(self: Slot, lam: Lam) -> None:
        self.live.add_(0.25 if lam == Lam(500) else 0.5)

    merged = merged_of(*random_parents(torch.float32))
    monkeypatch.setattr(Slot, "write", drifting)
    with pytest.raises(PairError, match="λ="):
        check_endpoints(merged)


def test_rounding_lerp_at_the_end_points_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_bfloat16(self: Slot, value: float) -> None:
        self.live.copy_(self.base + value * (self.instruct - self.base))

    merged = merged_of(*random_parents(torch.bfloat16))
    monkeypatch.setattr(Slot, "write", in_bfloat16)
    with pytest.raises(PairError, match="λ=1 differs from the instruct parent"):
        check_endpoints(merged)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, tmp_path / "pairs.toml")


def write_pair(folder: Path, base: dict[str, object], instruct: dict[str, object]) -> PairEntry:
    tokenizer = make_tokenizer()
    for seed, (name, how) in enumerate({"base": base, "instruct": instruct}.items()):
        rows = len(tokenizer) + int(str(how.get("more_rows", 0)))
        model = make_model(make_config(rows, tied=bool(how.get("tied", True))), seed)
        dtype = how.get("dtype", torch.float32)
        assert isinstance(dtype, torch.dtype)
        write_checkpoint(folder / name, model.to(dtype), tokenizer)
    return PairEntry("p", "p", str(folder / "base"), str(folder / "instruct"))


PAIRS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "tied": ({}, {}),
    "untied": ({"tied": False}, {"tied": False}),
    "bfloat16": ({"dtype": torch.bfloat16}, {"dtype": torch.bfloat16}),
    "mixed dtypes": ({}, {"dtype": torch.bfloat16}),
    "base tied, instruct untied": ({}, {"tied": False}),
    "base untied, instruct tied": ({"tied": False}, {}),
    "instruct has more rows": ({}, {"more_rows": 5}),
    "base has more rows": ({"more_rows": 5, "tied": False}, {"tied": False}),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_real_model_is_its_parents_at_the_end_points(
    name: str, tmp_path: Path, settings: Settings
) -> None:
    entry = write_pair(tmp_path, *PAIRS[name])
    report = check_pair(entry, settings)
    merged = load_materialised(report, CPU)
    tokens = torch.tensor([[5, 60, 200, 7, 7, 31]])
    for lam, folder in ((INSTRUCT, report.instruct_folder), (BASE, report.base_folder)):
        merged.set_lam(lam)
        parent = load_parent(folder, getattr(torch, report.dtype))
        with torch.inference_mode():
            expected, found = parent(tokens).logits, merged.model(tokens).logits
        rows = expected.shape[-1]
        for key, tensor in parent.state_dict().items():
            assert same_bits(merged.model.state_dict()[key][: len(tensor)], tensor)
        if found.shape == expected.shape:
            assert same_bits(found, expected)
        else:  # a product with more columns may be summed in another order
            torch.testing.assert_close(found[..., :rows], expected, atol=1e-5, rtol=1e-5)
