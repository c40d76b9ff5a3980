"""The forms of a pair: the same bits, another place in memory."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.lam import BASE, INSTRUCT, Lam
from core.merge import streamed
from core.merge.endpoints import check_endpoints, same_bits
from core.merge.flat import lay_out, rebind
from core.merge.forms import hold, mapped_part, pinned_part
from core.merge.materialised import Materialised, match_tensors
from core.merge.parents import load_materialised
from core.pairs.preflight import check_pair
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import write_tiny_pair

CPU = torch.device("cpu")
LAMS = (BASE, Lam(1), Lam(370), Lam(500), INSTRUCT, Lam(1200), Lam(-300))
DTYPES = (torch.float32, torch.bfloat16, torch.float16)


class Odd(nn.Module):
    """Tied tensors, odd sizes, a scalar, whole numbers, and two floating dtypes."""

    def __init__(self, dtype: torch.dtype, seed: int) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        self.embed = nn.Embedding(31, 7, dtype=dtype)
        self.head = nn.Linear(7, 31, bias=True, dtype=dtype)
        self.head.weight = self.embed.weight
        self.scale = nn.Parameter(torch.ones((), dtype=dtype))
        self.wide = nn.Parameter(torch.ones(5, dtype=torch.float64))
        self.register_buffer("steps", torch.tensor([seed, 3]))
        for parameter in self.parameters():
            parameter.data.normal_(std=0.1, generator=draw)


def odd_pair(dtype: torch.dtype) -> tuple[nn.Module, tuple[dict[str, Tensor], dict[str, Tensor]]]:
    """A model to be the live one, and both parents' tensors (the live one's own among them)."""
    base, instruct = Odd(dtype, 1), Odd(dtype, 2)
    return instruct, (tensors(base), tensors(instruct))


def tensors(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


def by_tensor(dtype: torch.dtype, lam: Lam) -> dict[str, Tensor]:
    """The definition: every tensor by itself."""
    model, (base, instruct) = odd_pair(dtype)
    live = {name: torch.empty_like(tensor) for name, tensor in tensors(model).items()}
    matches = match_tensors(live, base, instruct)
    Materialised(model, [slot for match in matches for slot in match.slots]).set_lam(lam)
    return live


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lam", LAMS, ids=str)
def test_one_buffer_has_the_bits_of_tensor_by_tensor(dtype: torch.dtype, lam: Lam) -> None:
    model, parents = odd_pair(dtype)
    merged = hold(model, match_tensors(tensors(model), *parents), CPU, "resident")
    check_endpoints(merged)
    merged.set_lam(lam)
    for name, expected in by_tensor(dtype, lam).items():
        assert same_bits(merged.model.state_dict()[name], expected), name
    assert merged.model.get_parameter("embed.weight") is merged.model.get_parameter("head.weight")


@pytest.mark.parametrize("pinned", [True, False], ids=["buffers", "files"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lam", LAMS, ids=str)
def test_parents_that_come_in_pieces_give_the_same_bits(
    dtype: torch.dtype, lam: Lam, pinned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed, "STAGING_BYTES", 48)  # many pieces, none ending with a tensor
    model, parents = odd_pair(dtype)
    parts = [
        pinned_part(layout, layout.allocate(CPU))
        if pinned
        else mapped_part(layout, layout.allocate(CPU), staged=True)
        for layout in lay_out(match_tensors(tensors(model), *parents))
    ]
    rebind(model, {name: view for part in parts for name, view in part.views.items()})
    slots, written = ([s for p in parts for s in getattr(p, k)] for k in ("slots", "written"))
    merged = Materialised(model, slots, written)
    check_endpoints(merged)
    merged.set_lam(lam)
    for name, expected in by_tensor(dtype, lam).items():
        assert same_bits(model.state_dict()[name], expected), name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, tmp_path / "pairs.toml")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_parents_left_in_their_files_give_the_same_model(
    tmp_path: Path, settings: Settings, dtype: torch.dtype
) -> None:
    report = check_pair(write_tiny_pair(tmp_path, dtype=dtype), settings)
    resident = load_materialised(report, CPU, "resident")
    mapped = load_materialised(report, CPU, "streamed")
    for lam in LAMS:
        resident.set_lam(lam)
        mapped.set_lam(lam)
        for name, tensor in resident.model.state_dict().items():
            assert same_bits(mapped.model.state_dict()[name], tensor)
    assert {region for slot in mapped.slots for region in mappings(slot.base)} == {
        str(report.base_folder / "model.safetensors")
    }
    assert mappings(mapped.slots[0].live) == [""]
    assert mappings(resident.slots[0].base) == [""]


def mappings(tensor: Tensor) -> list[str]:
    """The files in whose pages a tensor lies; "" for memory of the process itself."""
    place = tensor.data_ptr()
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *rest = line.split(maxsplit=5)
        low, high = (int(edge, 16) for edge in span.split("-"))
        if low <= place < high:
            name = rest[4] if len(rest) > 4 else ""
            found.append("" if name.startswith("[") else name)
    return found


def test_files_overwritten_in_place_do_not_reach_a_resident_pair(
    tmp_path: Path, settings: Settings
) -> None:
    report = check_pair(write_tiny_pair(tmp_path), settings)
    merged = load_materialised(report, CPU, "resident")
    merged.set_lam(Lam(300))
    before = {name: tensor.clone() for name, tensor in merged.model.state_dict().items()}
    (tmp_path / "base" / "model.safetensors").write_bytes(b"")
    (tmp_path / "instruct" / "model.safetensors").write_bytes(b"")
    merged.set_lam(Lam(800))
    merged.set_lam(Lam(300))
    assert all(same_bits(merged.model.state_dict()[k], t) for k, t in before.items())


def test_writing_a_lam_asks_for_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model, parents = odd_pair(torch.bfloat16)
    merged = hold(model, match_tensors(tensors(model), *parents), CPU, "resident")
    merged.set_lam(Lam(100))
    with torch.profiler.profile(profile_memory=True) as seen:
        for lam in LAMS:
            merged.set_lam(lam)
    assert max((event.self_cpu_memory_usage for event in seen.events()), default=0) == 0
