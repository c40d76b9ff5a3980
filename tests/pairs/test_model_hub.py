"""Pairs on a hub: looked at by headers alone, fetched with faults, and refused in sentences.

The client is the real one; a hub of our own stands in, because no other can be reached in tests.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from core.commands.cli import main
from core.errors import PairError
from core.jobs.asking import ask_apart
from core.jobs.checking import check_online, fetch_parents
from core.pairs.download import fetch
from core.pairs.hub_model import ask_hub
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry, find_pair
from core.pairs.remote import read_remote
from core.pairs.verified import read_verified
from core.settings import Settings
from tests.pairs.model_hub import COMMIT, Faults, model_hub
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

BASE, INSTRUCT = "org/base", "org/instruct"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub with a tiny pair of several shards, and this process pointed at it."""
    root = tmp_path / "hub"
    write_tiny_pair(root / "org", dtype=torch.bfloat16, tied=False)
    for name in ("base", "instruct"):
        _shard(root / "org" / name)
    with model_hub(root, faults) as address:
        point_at(address, monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 5)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        yield root


def point_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both places at which the client keeps the address."""
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    entry = PairEntry("ours", "ours", BASE, INSTRUCT)
    return settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))


def _shard(folder: Path) -> None:
    """The same weights in two files with an index, as large models have them."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    names: list[str] = sorted(tensors)
    places: dict[str, str] = {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-{number:05d}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file, {"format": "pt"})
        places |= dict.fromkeys(part, file)
    index = {"metadata": {}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "model.safetensors").unlink()


def nothing(done: int, total: int) -> None:
    """No one is told."""


def test_a_pair_is_looked_at_without_its_weights(
    settings: Settings, faults: Faults, tmp_path: Path
) -> None:
    checked = check_online("ours", settings)
    assert checked.can_be_merged, checked.findings
    levels = {one.topic: one.level for one in checked.findings}
    assert levels["architecture"] == levels["tensors"] == levels["disk"] == "green"
    assert "apache-2.0" in next(one.words for one in checked.findings if one.topic == "licence")
    assert not list((tmp_path / "cache").rglob("*.safetensors"))
    assert read_verified(settings)[BASE].model.revision == COMMIT
    assert find_pair("ours", settings).instruct_revision == COMMIT


def test_headers_alone_say_what_the_files_say(hub: Path) -> None:
    remote = read_remote(BASE)
    fetched = fetch(BASE)
    from core.pairs.checkpoint import read_checkpoint

    here = read_checkpoint(fetched)
    told = {name: (one.dtype, one.shape) for name, one in remote.tensors.items()}
    assert told == {name: (one.dtype, one.shape) for name, one in here.tensors.items()}
    assert remote.parameters == here.parameters and remote.stop_ids == here.stop_ids


def test_what_was_fetched_can_be_merged_and_is_not_fetched_again(
    settings: Settings, faults: Faults
) -> None:
    told: list[tuple[int, int]] = []
    fetch_parents("ours", settings, lambda progress: told.append((progress.done, progress.total)))
    assert told and told[-1][0] == told[-1][1] > 0
    assert check_pair(find_pair("ours", settings), settings, download=False).parameters > 0
    sent = sum(n for path, n in faults.asked.items() if path.endswith(".safetensors"))
    fetch_parents("ours", settings, lambda progress: None)
    assert sum(n for path, n in faults.asked.items() if path.endswith(".safetensors")) == sent


def test_a_cut_connection_is_gone_on_with(settings: Settings, faults: Faults) -> None:
    faults.cut["model-00002-of-00002.safetensors"] = 1
    try:
        fetch(BASE, on_progress=nothing)
    except PairError as error:
        assert "Start again" in str(error) or "cannot be reached" in str(error)
    fetch(BASE, on_progress=nothing)
    fetch(INSTRUCT, on_progress=nothing)
    assert check_pair(find_pair("ours", settings), settings, download=False).parameters > 0


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "knows no model org/base"),
        (403, "is gated: accept its licence"),
        (404, "knows no model org/base"),
        (429, "Ask again in 7 seconds"),
        (500, r"failed over org/base \(500\)"),
    ],
)
def test_every_refusal_is_its_own_sentence(
    status: int, said: str, settings: Settings, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client tries again by itself
    faults.statuses[BASE] = status
    for ask in (ask_hub, read_remote, fetch):
        with pytest.raises(PairError, match=said):
            ask(BASE)


def test_a_hub_that_is_not_there_and_offline_mode_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    point_at("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(PairError, match="hub cannot be reached"):
        ask_hub(BASE)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PairError, match="HF_HUB_OFFLINE"):
        ask_hub(BASE)


def test_a_login_page_in_place_of_the_hub_is_told(settings: Settings, faults: Faults) -> None:
    faults.pages.add(BASE)
    for ask in (ask_hub, read_remote, fetch):
        with pytest.raises(PairError, match=r"does not speak as the hub does.*login page"):
            ask(BASE)


def test_a_model_that_moved_is_told_by_its_name_now(settings: Settings, faults: Faults) -> None:
    faults.moved["org/former"] = BASE
    entry = PairEntry("moved", "moved", "org/former", INSTRUCT)
    write_registry(settings.pairs_file, entry)
    checked = check_online("moved", settings)
    assert any("org/former is called org/base now" in one.words for one in checked.findings)


def test_pickles_quantised_weights_and_other_architectures_are_refused_before_any_download(
    settings: Settings, hub: Path, tmp_path: Path
) -> None:
    config = json.loads((hub / INSTRUCT / "config.json").read_text())
    quantised = {**config, "quantization_config": {"quant_method": "fp8"}}
    (hub / INSTRUCT / "config.json").write_text(json.dumps(quantised))
    checked = check_online("ours", settings)
    assert not checked.can_be_merged
    assert any(one.level == "red" and "quantised" in one.words for one in checked.findings)
    (hub / INSTRUCT / "config.json").write_text(json.dumps({**config, "architectures": ["Other"]}))
    shutil.rmtree(tmp_path / "cache")
    reds = [one.words for one in check_online("ours", settings).findings if one.level == "red"]
    assert any("different architectures" in words for words in reds)
    for file in (hub / INSTRUCT).glob("model*"):
        file.unlink()
    (hub / INSTRUCT / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(PairError, match="no safetensors weights"):
        check_online("ours", settings)
    assert not list((tmp_path / "cache").rglob("model*.safetensors"))


def test_a_pair_larger_than_the_disk_is_refused_before_a_byte(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    free = type("Use", (), {"free": 2_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    disk = next(one for one in check_online("ours", settings).findings if one.topic == "disk")
    assert disk.level == "red" and "2,000,000 are free" in disk.words
    with pytest.raises(PairError, match="2,000,000 free"):
        fetch(BASE)
    assert not list((tmp_path / "cache").rglob("*.safetensors"))


def test_the_command_says_it_in_lines_and_in_json(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    faults: Faults,
) -> None:
    for name, value in (("STATE", settings.state), ("PAIRS", settings.pairs_file)):
        monkeypatch.setenv(f"PARTWAY_{name}", str(value))
    monkeypatch.setenv("PARTWAY_DEVICE", "cpu")
    assert main(["pairs", "check", "ours", "--online"]) == 0
    said = capsys.readouterr().out
    assert "can be merged, by configs and headers alone" in said and "memory" in said
    assert main(["pairs", "check", "ours", "--online", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["can_be_merged"] is True
    assert main(["pairs", "check", "ours"]) == 3  # nothing was fetched yet
    assert "not on this machine" in capsys.readouterr().err
    monkeypatch.setenv("HF_ENDPOINT", constants.ENDPOINT)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    asked = ask_apart("ours", settings)  # as a page does, with what torch has to say
    assert asked.can_be_merged and {"model", "memory"} <= {one.topic for one in asked.findings}
    faults.statuses[BASE] = 403
    assert main(["pairs", "check", "ours", "--online"]) == 3
    assert "gated" in capsys.readouterr().err
