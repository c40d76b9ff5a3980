"""Parents that cannot be merged: each is one sentence with the reason and the next step."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import PairError
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import make_config, make_model, make_tokenizer, write_checkpoint

Break = Callable[[Path], None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, tmp_path / "pairs.toml")


@pytest.fixture
def entry(tmp_path: Path, tiny_settings: Settings) -> PairEntry:
    """A private copy of the random pair, to be broken."""
    for name in ("base", "instruct"):
        shutil.copytree(tiny_settings.pairs_file.parent / name, tmp_path / name)
    return PairEntry("tiny", "tiny", str(tmp_path / "base"), str(tmp_path / "instruct"))


def edit_json(path: Path, **changes: Any) -> None:
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | changes))


def truncate(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def cut_into_header(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:40])


def break_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def garble(folder: Path) -> None:
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:8] + b"#" + content[9:])


def lose_a_shard(folder: Path) -> None:
    shard = "model-00001-of-00002.safetensors"
    (folder / "model.safetensors").rename(folder / shard)
    names = {"a": shard, "b": "model-00002-of-00002.safetensors"}
    edit_json(folder / "model.safetensors.index.json", weight_map=names)


def keep_pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def point_outside(folder: Path) -> None:
    edit_json(folder / "model.safetensors.index.json", weight_map={"a": "../x.safetensors"})


def lie(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Another header over the same numbers."""
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    told = json.dumps(header).encode()
    weights.write_bytes(len(told).to_bytes(8, "little") + told + content[8 + length :])


def moved(first: int, last: int) -> Break:
    """The second tensor's place, moved by so many bytes at either end."""

    def change(header: dict[str, Any]) -> None:
        name = [key for key in header if key != "__metadata__"][1]
        begin, end = header[name]["data_offsets"]
        header[name]["data_offsets"] = [begin + first, end + last]

    return lambda folder: lie(folder, change)


def given(**fields: Any) -> Break:
    """The second tensor with these fields instead of its own."""

    def change(header: dict[str, Any]) -> None:
        header[[key for key in header if key != "__metadata__"][1]].update(fields)

    return lambda folder: lie(folder, change)


def drop_from_header(folder: Path) -> None:
    lie(folder, lambda header: header.pop([k for k in header if k != "__metadata__"][1]))


def promise_a_tensor(folder: Path) -> None:
    names = {"model.norm.weight": "model.safetensors", "no.such": "model.safetensors"}
    edit_json(folder / "model.safetensors.index.json", weight_map=names)


def store_twice(folder: Path) -> None:
    shutil.copy(folder / "model.safetensors", folder / "again.safetensors")
    names = {"a": "model.safetensors", "b": "again.safetensors"}
    edit_json(folder / "model.safetensors.index.json", weight_map=names)


def say_twice(folder: Path) -> None:
    """What one reader takes for the last of two, another refuses."""
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    length = int.from_bytes(content[:8], "little")
    told = content[8 : 8 + length].strip()
    twice = told[:-1] + b"," + told[1:]
    weights.write_bytes(len(twice).to_bytes(8, "little") + twice + content[8 + length :])


def nest(folder: Path) -> None:
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    (folder / "model.safetensors").write_bytes(len(deep).to_bytes(8, "little") + deep)


def rename(name: str) -> Break:
    def change(header: dict[str, Any]) -> None:
        header[name] = header.pop([key for key in header if key != "__metadata__"][1])

    return lambda folder: lie(folder, change)


def pack(folder: Path) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(file)
    tensors["model.norm.weight"] = tensors["model.norm.weight"].to(torch.uint8)
    save_file(tensors, file, {"format": "pt"})


def write_bytes_for_text(folder: Path) -> None:
    (folder / "chat_template.jinja").write_bytes(b"\xff\xfe")


def store_in_fp8(folder: Path) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(file)
    tensors["model.norm.weight"] = tensors["model.norm.weight"].to(torch.float8_e4m3fn)
    save_file(tensors, file, {"format": "pt"})


BROKEN: dict[str, tuple[Break, str]] = {
    "missing folder": (shutil.rmtree, "does not exist"),
    "missing config": (lambda f: (f / "config.json").unlink(), r"config\.json is missing"),
    "broken config": (break_config, "cannot be read"),
    "missing weights": (lambda f: (f / "model.safetensors").unlink(), "holds no model.safetensors"),
    "truncated": (truncate, r"truncated.*100 bytes are missing"),
    "cut into the header": (cut_into_header, "ends inside its own header"),
    "empty file": (empty, "only 0 bytes long"),
    "garbled header": (garble, "header is not readable"),
    "missing shard": (lose_a_shard, r"lacks 1 of 2 weight files.*00002"),
    "shard outside": (point_outside, "points outside its folder"),
    "absolute shard": (
        lambda f: edit_json(f / "model.safetensors.index.json", weight_map={"a": "/etc/passwd"}),
        "points outside its folder",
    ),
    "parent as shard": (
        lambda f: edit_json(f / "model.safetensors.index.json", weight_map={"a": ".."}),
        "lacks 1 of 1 weight files",
    ),
    "promised tensor": (promise_a_tensor, r"names 1 tensors that no file holds.*no\.such"),
    "stored twice": (store_twice, "twice, in again.safetensors and model.safetensors"),
    "overlapping": (moved(-4, -4), "lies over"),
    "with a hole": (moved(4, 4), "4 bytes before .* belong to no tensor"),
    "larger than its shape": (moved(0, 4), r"takes [\d,]+ bytes, and its shape"),
    "backwards": (given(data_offsets=[8, 0]), "place or shape of .* is none"),
    "negative place": (given(data_offsets=[-8, 0]), "place or shape of .* is none"),
    "negative shape": (given(shape=[-1, -4]), "place or shape of .* is none"),
    "place of words": (given(data_offsets=["a", "b"]), "place or shape of .* is none"),
    "three places": (given(data_offsets=[0, 1, 2]), "header is not readable"),
    "unnamed bytes": (drop_from_header, "bytes before .* belong to no tensor"),
    "header twice": (say_twice, "safetensors does not read it .*duplicate field"),
    "deep header": (nest, "header is not readable"),
    "unknown dtype": (given(dtype="F4_OTHER"), "safetensors does not read it"),
    "nameless tensor": (rename("a\x1b[31m"), r"'a\\x1b\[31m' is no name of a tensor"),
    "packed": (pack, r"stores model\.norm\.weight in U8, which is packed or quantised"),
    "unknown architecture": (
        lambda f: edit_json(f / "config.json", model_type="foo", architectures=["FooForCausalLM"]),
        "names the architecture 'foo', which this version of transformers does not know",
    ),
    "encoder and decoder": (
        lambda f: edit_json(f / "config.json", model_type="t5", architectures=["T5Model"]),
        "is a T5Model, of which transformers makes no model that continues text",
    ),
    "classifier": (
        lambda f: edit_json(f / "config.json", architectures=["LlamaForSequenceClassification"]),
        "LlamaForSequenceClassification, and not a language model: .* LlamaForCausalLM",
    ),
    "architectures of no form": (
        lambda f: edit_json(f / "config.json", architectures={"a": 1}),
        "instruct is none",
    ),
    "template of bytes": (
        write_bytes_for_text,
        r"chat_template\.jinja cannot be read",
    ),
    "fp8": (store_in_fp8, r"stores model\.norm\.weight in F8_E4M3, which is quantised"),
    "pickle only": (keep_pickle_only, "pickle weights only"),
    "quantised": (
        lambda f: edit_json(f / "config.json", quantization_config={"bits": 4}),
        "quantised",
    ),
    "remote code": (
        lambda f: edit_json(f / "config.json", auto_map={"a": "b"}, model_type="own_thing"),
        "needs its own code",
    ),
    "other architecture": (
        lambda f: edit_json(f / "config.json", architectures=["GPT2LMHeadModel"]),
        r"different architectures: base is LlamaForCausalLM, instruct is GPT2LMHeadModel",
    ),
    "other rope": (
        lambda f: edit_json(f / "config.json", rope_parameters={"rope_theta": 5e5}),
        "differ in rope_parameters",
    ),
    "other activation": (
        lambda f: edit_json(f / "config.json", hidden_act="gelu"),
        r"differ in hidden_act \(base 'silu', instruct 'gelu'\)",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_parent_is_one_clear_sentence(
    name: str, entry: PairEntry, settings: Settings
) -> None:
    breaking, expected = BROKEN[name]
    breaking(Path(entry.instruct))
    with pytest.raises(PairError, match=expected) as caught:
        check_pair(entry, settings)
    assert "\n" not in str(caught.value)
    assert not (settings.state / "engine.json").exists()


def test_other_shapes_are_refused(entry: PairEntry, settings: Settings) -> None:
    tokenizer = make_tokenizer()
    config = make_config(len(tokenizer))
    config.intermediate_size = 48
    write_checkpoint(Path(entry.instruct), make_model(config, 1), tokenizer)
    edit_json(Path(entry.instruct) / "config.json", intermediate_size=64)
    with pytest.raises(PairError, match=r"mlp\.\w+_proj\.weight has shape"):
        check_pair(entry, settings)


def test_another_number_of_layers_is_refused(entry: PairEntry, settings: Settings) -> None:
    tokenizer = make_tokenizer()
    write_checkpoint(
        Path(entry.instruct), make_model(make_config(len(tokenizer), layers=3), 1), tokenizer
    )
    with pytest.raises(PairError, match="num_hidden_layers"):
        check_pair(entry, settings)


def test_another_vocabulary_is_refused(entry: PairEntry, settings: Settings) -> None:
    path = Path(entry.instruct) / "tokenizer.json"
    content = json.loads(path.read_text())
    words = content["model"]["vocab"]
    content["model"]["vocab"] = dict(zip(words, reversed(list(words.values())), strict=True))
    path.write_text(json.dumps(content))
    with pytest.raises(PairError, match="The tokenizers differ in"):
        check_pair(entry, settings)


def test_settings_without_effect_do_not_count(entry: PairEntry, settings: Settings) -> None:
    edit_json(Path(entry.instruct) / "config.json", use_cache=False, attention_dropout=0.3)
    assert check_pair(entry, settings).notes == ()


def test_auto_map_of_a_known_architecture_is_harmless(entry: PairEntry, settings: Settings) -> None:
    edit_json(Path(entry.instruct) / "config.json", auto_map={"AutoModelForCausalLM": "x.Y"})
    assert check_pair(entry, settings).architecture == "LlamaForCausalLM"


def test_both_parents_stop_tokens_count(entry: PairEntry, settings: Settings) -> None:
    assert check_pair(entry, settings).stop_ids == (1, 2)


def test_more_rows_and_other_dtypes_are_allowed_and_told(
    entry: PairEntry, settings: Settings
) -> None:
    tokenizer = make_tokenizer()
    model = make_model(make_config(len(tokenizer) + 7), 1).to(torch.bfloat16)
    write_checkpoint(Path(entry.instruct), model, tokenizer)
    report = check_pair(entry, settings)
    assert report.dtype == "float32"
    assert any("7 vocabulary rows come from the instruct parent" in n for n in report.notes)
    assert any("float32 and bfloat16" in note for note in report.notes)


def test_a_hub_id_that_is_not_here_is_one_sentence(settings: Settings, entry: PairEntry) -> None:
    elsewhere = replace(entry, base="nobody/no-such-model")
    with pytest.raises(PairError, match=r"nobody/no-such-model is not on this machine"):
        check_pair(elsewhere, settings, download=False)


def test_the_content_hash_is_of_content(entry: PairEntry, settings: Settings) -> None:
    first = check_pair(entry, settings).identity
    moved = Path(entry.base).rename(Path(entry.base).with_name("elsewhere"))
    again = check_pair(replace(entry, base=str(moved)), settings).identity
    assert (first.base, first.instruct) == (again.base, again.instruct)
    edit_json(moved / "generation_config.json", eos_token_id=[1, 3])
    assert check_pair(replace(entry, base=str(moved)), settings).identity.base != first.base
    (moved / "README.md").write_text("a card")
    assert check_pair(replace(entry, base=str(moved)), settings).identity.base != first.base


def test_the_content_hash_is_kept_between_looks(
    entry: PairEntry, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = check_pair(entry, settings).identity

    def no_reading(path: Path) -> str:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr("core.pairs.fingerprint.file_hash", no_reading)
    assert check_pair(entry, settings).identity == first


def test_several_dtypes_in_one_parent_are_told(entry: PairEntry, settings: Settings) -> None:
    for name in (entry.base, entry.instruct):
        file = Path(name) / "model.safetensors"
        halves = {
            key: tensor if "norm" in key else tensor.bfloat16()
            for key, tensor in load_file(file).items()
        }
        save_file(halves, file, {"format": "pt"})
    report = check_pair(entry, settings)
    assert report.dtype == "bfloat16"
    told = [note for note in report.notes if "5 tensors in float32 among others" in note]
    assert len(told) == 2 and all("computed in bfloat16" in note for note in told)
