"""`python -m core pairs add`: a pair that persists, an adapter that is merged first."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from core.commands.cli import main
from tests.tiny_pair import write_tiny_pair


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "STATE"):
        monkeypatch.setenv(f"PARTWAY_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("PARTWAY_PAIRS", str(tmp_path / "pairs.toml"))


def write_lora(folder: Path, rank: int = 2) -> Path:
    folder.mkdir()
    config: dict[str, Any] = {"peft_type": "LORA", "r": rank, "lora_alpha": 4, "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    name = "base_model.model.model.layers.0.self_attn.q_proj"
    draw = torch.Generator().manual_seed(3)
    low, high = torch.randn(rank, 32, generator=draw), torch.randn(32, rank, generator=draw)
    tensors = {f"{name}.lora_A.weight": low, f"{name}.lora_B.weight": high}
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder


def test_a_pair_is_added_checked_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = write_tiny_pair(tmp_path / "parents")
    assert main(["pairs", "add", "mine", "--base", entry.base, "--instruct", entry.instruct]) == 0
    assert "pairs check mine" in capsys.readouterr().out
    assert main(["pairs", "check", "mine"]) == 0
    assert "mine can be merged" in capsys.readouterr().out
    assert main(["pairs", "list", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["mine"]["group"] == "yours" and listed["tinyworld"]["group"] == "embedded"
    assert main(["pairs", "add", "mine", "--base", entry.base, "--instruct", entry.instruct]) == 2


def test_a_template_that_refuses_is_told_and_a_broken_tokenizer_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = write_tiny_pair(tmp_path / "parents")
    main(["pairs", "add", "mine", "--base", entry.base, "--instruct", entry.instruct])
    (Path(entry.instruct) / "chat_template.jinja").write_text("{{ raise_exception('no turns') }}")
    assert main(["pairs", "check", "mine"]) == 0
    assert "refuses these messages: no turns" in capsys.readouterr().out
    (Path(entry.instruct) / "tokenizer.json").write_text("{")
    assert main(["pairs", "check", "mine"]) == 3
    assert "The tokenizer of" in capsys.readouterr().err


def test_an_adapter_becomes_the_instruct_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = write_tiny_pair(tmp_path / "parents")
    adapter = write_lora(tmp_path / "lora")
    command = ["pairs", "add", "tuned", "--base", entry.base, "--instruct", str(adapter)]
    assert main([*command, "--json"]) == 0
    instruct = Path(json.loads(capsys.readouterr().out)["instruct"])
    assert instruct.is_relative_to(tmp_path / "state") and (instruct / "config.json").is_file()
    assert main(["pairs", "check", "tuned"]) == 0
    capsys.readouterr()
    assert main(["pairs", "weights", "tuned", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    changed = [name for name, one in told["tensors"].items() if one["relative"]]
    assert changed == ["model.layers.0.self_attn.q_proj.weight"]
