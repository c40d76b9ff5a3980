"""The same merges as mergekit's, where it is installed (PARTWAY_MERGEKIT = its mergekit-yaml).

Its task arithmetic computes base + λ·(instruct − base) in float32; from λ = 0.5 on we start
from the other end, which is exact at λ = 1. So the two differ by roundings: in float32 by at
most one unit in the last place. In bfloat16 by one rounding, in values that lie half-way between
two numbers: how many there are depends on λ, and the bounds below are what is held.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from core.jobs.export_order import Export
from core.jobs.exporting import export_now
from core.lam import BASE, INSTRUCT, Lam
from core.merge.export import ExportOrder, export_checkpoint
from core.merge.materialised import Materialised
from core.merge.parents import load_materialised
from core.pairs.parts import layer_of
from core.pairs.preflight import check_pair
from core.pairs.recipe import MERGEKIT, recipe_of
from core.pairs.registry import PairEntry, find_pair
from tests.bench.mergekit_peer import Merge, run_several, run_yaml
from tests.private_settings import settings_for
from tests.tiny_pair import make_config, make_model, make_tokenizer, write_checkpoint


@dataclass(frozen=True)
class Made:
    """Our model, to be set to any λ, and what mergekit wrote at each."""

    ours: Materialised
    theirs: dict[Lam, dict[str, Tensor]]


COMMAND = os.environ.get("PARTWAY_MERGEKIT") or shutil.which("mergekit-yaml")
NAMES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

pytestmark = pytest.mark.skipif(
    COMMAND is None,
    reason="mergekit is not installed: pip install it into an environment of its own and set "
    "PARTWAY_MERGEKIT to its mergekit-yaml",
)


LAMS = (Lam(50), Lam(370), Lam(650), Lam(900), Lam(1200), BASE, INSTRUCT)
SHARE_HALF_WAY = {Lam(50): 1e-4, Lam(370): 1e-4}
WORST_SHARE = 1e-3


def write_near_pair(folder: Path, dtype: torch.dtype) -> PairEntry:
    """An instruct parent that is its base and a little more, as tuning leaves it."""
    tokenizer = make_tokenizer()
    base = make_model(make_config(len(tokenizer), tied=False, layers=4), 0)
    write_checkpoint(folder / "base", base.to(dtype), tokenizer)
    draw = torch.Generator().manual_seed(1)
    for parameter in base.parameters():
        change = torch.empty(parameter.shape).normal_(std=0.01, generator=draw)
        parameter.data = (parameter.data.float() + change).to(dtype)
    write_checkpoint(folder / "instruct", base, tokenizer)
    return PairEntry("near", "near", str(folder / "base"), str(folder / "instruct"))


@pytest.fixture(scope="module", params=NAMES)
def merges(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Our merge and mergekit's at every λ, in one dtype."""
    folder, dtype = tmp_path_factory.mktemp(request.param), request.param
    entry = write_near_pair(folder, NAMES[dtype])
    asked = [Merge(Path(entry.base), Path(entry.instruct), lam, dtype, exact=True) for lam in LAMS]
    assert COMMAND is not None
    theirs = run_several(Path(COMMAND), asked, folder)
    report = check_pair(entry, settings_for(folder, folder / "pairs.toml"))
    merged = load_materialised(report, torch.device("cpu"))
    files = dict(zip(LAMS, (load_file(one / "model.safetensors") for one in theirs), strict=True))
    return Made(merged, files)


@pytest.mark.parametrize("lam", LAMS, ids=str)
def test_our_merge_is_mergekits(merges: Made, lam: Lam) -> None:
    merges.ours.set_lam(lam)
    theirs = merges.theirs[lam]
    assert {slot.name for slot in merges.ours.slots} == theirs.keys()
    differing = total = 0
    for slot in merges.ours.slots:
        expected = theirs[slot.name]
        larger = torch.stack([slot.base, slot.instruct, slot.live]).abs().amax(dim=0)
        one_place = torch.finfo(slot.live.dtype).eps * larger.double()
        assert bool(((slot.live.double() - expected.double()).abs() <= one_place).all())
        differing += int(slot.live.ne(expected).sum())
        total += expected.numel()
    if merges.ours.slots[0].live.dtype == torch.bfloat16:
        assert differing <= SHARE_HALF_WAY.get(lam, WORST_SHARE) * total


@pytest.mark.parametrize("dtype", NAMES)
def test_an_exports_own_recipe_gives_its_tensors(dtype: str, tmp_path: Path) -> None:
    """Within the roundings above, `mergekit.yaml` writes what lies beside it."""
    entry, lam = write_near_pair(tmp_path, NAMES[dtype]), Lam(370)
    report = check_pair(entry, settings_for(tmp_path, tmp_path / "pairs.toml"))
    recipe = recipe_of(entry, report, lam)
    texts = {MERGEKIT: recipe.mergekit_yaml(report)}
    out = tmp_path / "out"
    export_checkpoint(ExportOrder(lam, out, recipe.export_id, texts), report)
    assert COMMAND is not None
    run_yaml(Path(COMMAND), out / MERGEKIT, tmp_path / "theirs")
    ours, theirs = (load_file(one / "model.safetensors") for one in (out, tmp_path / "theirs"))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        place = torch.finfo(tensor.dtype).eps * tensor.double().abs().clamp(min=1e-2)
        assert theirs[name].dtype == tensor.dtype
        assert bool(((tensor.double() - theirs[name].double()).abs() <= place).all())


GRADIENT = """\
merge_method: task_arithmetic
base_model: {base}
models:
  - model: {instruct}
    parameters: {{weight: [0.1, 0.9, 0.4]}}
dtype: float32
"""


def test_a_gradient_over_layers_is_mergekits_own(tmp_path: Path) -> None:
    """Four layers, three anchors; outside of the layers mergekit takes the first anchor."""
    write_near_pair(tmp_path, torch.float32)
    registry = tmp_path / "pairs.toml"
    registry.write_text('[[pair]]\nname = "near"\nbase = "base"\ninstruct = "instruct"\n')
    settings = settings_for(tmp_path, registry)
    entry = find_pair("near~gradient0.1..0.9..0.4", settings)
    ours = load_materialised(check_pair(entry, settings), torch.device("cpu"))
    ours.set_lam(INSTRUCT)
    recipe = tmp_path / "gradient.yaml"
    recipe.write_text(GRADIENT.format(base=tmp_path / "base", instruct=tmp_path / "instruct"))
    assert COMMAND is not None
    run_yaml(Path(COMMAND), recipe, tmp_path / "theirs")
    theirs = load_file(tmp_path / "theirs" / "model.safetensors")
    inside = [slot for slot in ours.slots if layer_of(slot.name) is not None]
    assert len({layer_of(slot.name) for slot in inside}) == 4
    for slot in inside:
        torch.testing.assert_close(slot.live, theirs[slot.name], rtol=3e-7, atol=1e-8)


def test_the_recipe_of_a_path_gives_its_tensors(tmp_path: Path) -> None:
    write_near_pair(tmp_path, torch.float32)
    registry = tmp_path / "pairs.toml"
    registry.write_text('[[pair]]\nname = "near"\nbase = "base"\ninstruct = "instruct"\n')
    settings = settings_for(tmp_path, registry)
    out = tmp_path / "out"
    export_now(Export("near~attention-layers1..2", Lam(370), out), settings, lambda progress: None)
    assert COMMAND is not None
    run_yaml(Path(COMMAND), out / MERGEKIT, tmp_path / "theirs")
    ours, theirs = (load_file(one / "model.safetensors") for one in (out, tmp_path / "theirs"))
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, theirs[name], rtol=3e-7, atol=1e-8)
