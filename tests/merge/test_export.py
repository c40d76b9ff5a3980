"""An exported λ is the measured one: the same bits, loaded by transformers alone."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedConfig

from core.errors import StoreError
from core.lam import BASE, INSTRUCT, Lam
from core.merge import export, partial
from core.merge.endpoints import same_bits
from core.merge.export import Exported, ExportOrder, export_checkpoint
from core.merge.parents import load_materialised, load_parent
from core.pairs.preflight import PairReport, check_pair
from core.pairs.recipe import recipe_of
from core.pairs.registry import PairEntry
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import (
    make_config,
    make_model,
    make_tokenizer,
    write_checkpoint,
    write_tiny_pair,
)

CPU = torch.device("cpu")
BETWEEN = Lam(370)


def checked(entry: PairEntry, folder: Path) -> PairReport:
    return check_pair(entry, settings_for(folder, folder / "pairs.toml"))


def exported(
    report: PairReport, out: Path, lam: Lam = BETWEEN, shard_bytes: int = 10**9
) -> Exported:
    return export_checkpoint(order(report, out, lam, shard_bytes), report)


def order(report: PairReport, out: Path, lam: Lam, shard_bytes: int) -> ExportOrder:
    entry = PairEntry("any", "any", str(report.base_folder), str(report.instruct_folder))
    return ExportOrder(lam, out, recipe_of(entry, report, lam).export_id, {}, shard_bytes)


def assert_same_model(report: PairReport, folder: Path, lam: Lam) -> None:
    """State dicts bit for bit, and so the logits."""
    merged = load_materialised(report, CPU)
    merged.set_lam(lam)
    again = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True).eval()
    live = merged.model.state_dict()
    loaded = again.state_dict()
    assert live.keys() == loaded.keys()
    assert [name for name in live if not same_bits(live[name], loaded[name])] == []
    ids = torch.tensor([[3, 40, 7, 99, 12]])
    with torch.no_grad():
        assert torch.equal(merged.model(ids).logits, again(ids).logits)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_loads_as_the_live_model(name: str, tmp_path: Path) -> None:
    config: PreTrainedConfig = ARCHITECTURES[name][0]
    report = checked(write_architecture_pair(tmp_path, config), tmp_path)
    exported(report, tmp_path / "out")
    assert_same_model(report, tmp_path / "out", BETWEEN)


@pytest.mark.parametrize("lam", [BASE, INSTRUCT, Lam(1500)], ids=str)
def test_ends_are_the_parents_in_half_precision_and_in_shards(lam: Lam, tmp_path: Path) -> None:
    report = checked(write_tiny_pair(tmp_path, dtype=torch.bfloat16, tied=False), tmp_path)
    done = exported(report, tmp_path / "out", lam, shard_bytes=30_000)
    shards = [name for name in done.files if name.endswith(".safetensors")]
    assert len(shards) > 2 and "model.safetensors.index.json" in done.files
    assert_same_model(report, tmp_path / "out", lam)
    if lam in (BASE, INSTRUCT):
        parent = load_parent(
            report.base_folder if lam == BASE else report.instruct_folder, torch.bfloat16
        ).state_dict()
        written = {k: v for name in shards for k, v in load_file(tmp_path / "out" / name).items()}
        assert all(same_bits(written[name], parent[name]) for name in written)


def test_rows_that_one_parent_has_and_other_dtypes_come_along(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    rows = len(tokenizer)
    write_checkpoint(tmp_path / "base", make_model(make_config(rows, tied=False), 0), tokenizer)
    larger = make_model(make_config(rows + 8, tied=False), 1).to(torch.bfloat16)
    write_checkpoint(tmp_path / "instruct", larger, tokenizer)
    entry = PairEntry("rows", "rows", str(tmp_path / "base"), str(tmp_path / "instruct"))
    report = checked(entry, tmp_path)
    assert report.dtype == "float32"
    exported(report, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "config.json").read_text())["vocab_size"] == rows + 8
    assert_same_model(report, tmp_path / "out", BETWEEN)
    told = recipe_of(entry, report, BETWEEN).mergekit_yaml(report)  # where its tables differ
    assert f"have {rows} and {rows + 8} rows" in told
    assert yaml.safe_load(told)["merge_method"] == "task_arithmetic"


@pytest.mark.parametrize("tied", [("base",), ("instruct",)])
def test_a_tied_and_an_untied_parent_make_an_untied_model(tied: tuple[str], tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    for seed, name in enumerate(("base", "instruct")):
        config = make_config(len(tokenizer), tied=name in tied)
        write_checkpoint(tmp_path / name, make_model(config, seed), tokenizer)
    entry = PairEntry("tied", "tied", str(tmp_path / "base"), str(tmp_path / "instruct"))
    report = checked(entry, tmp_path)
    exported(report, tmp_path / "out")
    assert_same_model(report, tmp_path / "out", BETWEEN)


def test_tokenizer_template_and_stop_tokens_go_along(tmp_path: Path) -> None:
    report = checked(write_tiny_pair(tmp_path), tmp_path)
    with_card = replace(
        order(report, tmp_path / "out", BETWEEN, 10**9), texts={"README.md": "card\n"}
    )
    done = export_checkpoint(with_card, report)
    ours = AutoTokenizer.from_pretrained(tmp_path / "out")
    theirs = AutoTokenizer.from_pretrained(report.instruct_folder)
    text = "the river <|end|> never"
    assert ours.encode(text) == theirs.encode(text)
    assert ours.chat_template == theirs.chat_template
    config = json.loads((tmp_path / "out" / "generation_config.json").read_text())
    assert config["eos_token_id"] == [1, 2]  # the union: a base never learnt the chat's end
    assert (tmp_path / "out" / "README.md").read_text() == "card\n"
    assert done.size_bytes == sum(
        t.nbytes for t in load_file(tmp_path / "out" / "model.safetensors").values()
    )


class Stopped(Exception):
    """What ends an export in its middle."""


def test_an_interrupted_export_shows_nothing_and_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = checked(write_tiny_pair(tmp_path, tied=False), tmp_path)
    whole = exported(report, tmp_path / "whole", shard_bytes=60_000)
    written: list[Path] = []

    def stop_at_third(tensors: dict[str, torch.Tensor], path: Path, **more: object) -> None:
        if len(written) == 2:
            path.write_bytes(b"torn")
            (path.parent / ".tmpX1").write_bytes(b"what safetensors writes first")
            raise Stopped
        written.append(path)
        save_file(tensors, path, metadata={"format": "pt"})

    with monkeypatch.context() as patched:
        patched.setattr(partial, "save_file", stop_at_third)
        with pytest.raises(Stopped):
            exported(report, tmp_path / "out", shard_bytes=60_000)
    assert not (tmp_path / "out").exists()
    again = exported(report, tmp_path / "out", shard_bytes=60_000)
    assert again.kept_bytes > 0 and again.files == whole.files
    for name in whole.files:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(whole.files)
    assert not list(tmp_path.glob(".*partial"))


def test_a_disk_that_fills_up_while_weights_are_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(*_: object, **__: object) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(partial, "save_file", fill_up)
    with pytest.raises(StoreError, match=r"The disk that holds .* is full.*is kept"):
        exported(checked(write_tiny_pair(tmp_path), tmp_path), tmp_path / "out")


def test_what_was_kept_of_another_lambda_or_was_damaged_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = checked(write_tiny_pair(tmp_path, tied=False), tmp_path)

    def fail(*_: object) -> None:
        raise Stopped

    for lam, damage in ((Lam(900), False), (BETWEEN, True)):
        with monkeypatch.context() as patched:
            patched.setattr(export, "_write_small_files", fail)
            with pytest.raises(Stopped):
                exported(report, tmp_path / "out", lam, shard_bytes=60_000)
        if damage:
            for file in (tmp_path / ".out.partial").glob("*.safetensors"):
                content = bytearray(file.read_bytes())
                content[-1] ^= 1
                file.write_bytes(content)
    assert exported(report, tmp_path / "out", shard_bytes=60_000).kept_bytes == 0
    assert_same_model(report, tmp_path / "out", BETWEEN)


def test_places_that_would_lose_something_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = checked(write_tiny_pair(tmp_path), tmp_path)
    with pytest.raises(StoreError, match="parent's own folder"):
        exported(report, report.base_folder / "inside")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="not empty"):
        exported(report, tmp_path / "full")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Use", (), {"free": 1000}))
    with pytest.raises(StoreError, match="1,000 free"):
        exported(report, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / ".out.partial").exists()
