"""Before any weights are read: are these the tensors that the config wants?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import PairError
from core.merge.fit import check_fit
from core.pairs.checkpoint import read_checkpoint
from core.settings import Settings

Change = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path, tiny_settings: Settings) -> Path:
    """A private copy of one random parent."""
    return Path(shutil.copytree(tiny_settings.pairs_file.parent / "base", tmp_path / "base"))


def config(**changes: object) -> Change:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def without(name: str) -> Change:
    def change(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        del tensors[name]
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (config(num_hidden_layers=3), r"lacks 9 tensors of its model, first model\.layers\.2"),
        (config(hidden_size=64), r"stores model\.embed_tokens\.weight as \[\d+, 32\], .*64\]"),
        (config(vocab_size=99), r"its config makes it \[99, 32\]"),
        (config(num_attention_heads=0), "cannot build the model"),
        (config(vocab_size="big"), "cannot build the model .*vocab_size"),
        (config(text_config=[1]), "cannot build the model"),
        (without("model.norm.weight"), r"lacks 1 tensors of its model, first model\.norm"),
    ],
)
def test_a_config_that_wants_other_tensors_is_refused(
    change: Change, said: str, folder: Path
) -> None:
    change(folder)
    with pytest.raises(PairError, match=said):
        check_fit(read_checkpoint(folder))


def test_what_the_model_does_not_use_is_told(folder: Path) -> None:
    assert check_fit(read_checkpoint(folder)) is None
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"mtp.weight": torch.zeros(3)}, folder / "model.safetensors")
    assert "1 tensor that its model does not use, first mtp.weight" in str(
        check_fit(read_checkpoint(folder))
    )


def test_headers_are_enough(folder: Path) -> None:
    """As of a checkpoint on the hub, of which configs and headers were fetched."""
    parent = read_checkpoint(folder)
    (folder / "model.safetensors").unlink()
    assert check_fit(parent) is None
