"""Where two parents differ: sums against a direct computation, and parts that add up."""

from math import isclose
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import StoreError
from core.jobs import hashing
from core.jobs.looking import look_now
from core.jobs.progress import Progress
from core.merge import anatomy as reading
from core.pairs.anatomy import keep_anatomy, read_anatomy
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    entry = write_tiny_pair(tmp_path, dtype=torch.bfloat16, tied=False)
    return settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))


def test_reading_large_parents_to_know_them_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "WORTH_TELLING", 1)
    entry, told = write_tiny_pair(tmp_path), list[Progress]()
    with hashing.hashing_told(told.append):
        check_pair(entry, settings_for(tmp_path, tmp_path / "pairs.toml"))
    assert {one.stage for one in told} == {"hashing"} and told[-1].done == told[-1].total > 0


def test_sums_are_those_of_the_tensors(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE", 1000)  # several pieces a tensor
    anatomy = look_now("tiny", settings, lambda progress: None)
    base, instruct = (load_file(tmp_path / n / "model.safetensors") for n in ("base", "instruct"))
    assert {one.name for one in anatomy.tensors} == base.keys()
    for one in anatomy.tensors:
        left, right = base[one.name].double(), instruct[one.name].double()
        change = anatomy.of(one)
        assert change.elements == left.numel()
        if not left.any():
            assert change.relative is None
            continue
        assert change.relative is not None and change.equal is not None
        assert isclose(change.relative, float((right - left).norm() / left.norm()), rel_tol=1e-6)
        cosine = torch.nn.functional.cosine_similarity(left.view(-1), right.view(-1), dim=0)
        assert change.cosine == pytest.approx(float(cosine), abs=1e-6)
        assert change.equal == float((left == right).double().mean())


def test_parts_add_up_to_the_whole(settings: Settings) -> None:
    anatomy = look_now("tiny", settings, lambda progress: None)
    parts = anatomy.by_kind()
    assert set(parts) == {"embeddings", "attention", "mlp", "norms"}
    assert isclose(sum(part.share or 0 for part in parts.values()), 1.0)
    assert sum(part.elements for part in parts.values()) == anatomy.whole().elements
    layers = [*range(anatomy.layers), None]
    cells = [anatomy.cell(kind, layer) for kind in parts for layer in layers]
    assert isclose(sum(cell.share or 0 for cell in cells if cell), 1.0)
    assert anatomy.cell("attention", None) is None


def test_parents_that_are_equal_have_changed_nowhere(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "base" / "model.safetensors"
    save_file(load_file(file), tmp_path / "instruct" / "model.safetensors", {"format": "pt"})
    whole = look_now("tiny", settings, lambda progress: None).whole()
    assert (whole.relative, whole.share, whole.equal) == (0.0, None, 1.0)


def test_it_is_looked_once_and_found_by_content(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = look_now("tiny", settings, lambda progress: None)
    with monkeypatch.context() as patched:
        patched.setattr(reading, "look", lambda *_: pytest.fail("looked twice"))
        assert look_now("tiny", settings, lambda progress: None) == first
    identity = check_pair(find_pair("tiny", settings), settings).identity
    (file,) = (settings.results / "weights").iterdir()
    assert keep_anatomy(first, identity, settings.results) == file
    file.write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        read_anatomy(identity, settings)
