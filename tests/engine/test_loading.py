"""Loading: bad pairs change nothing, changed files are noticed, old pairs make room."""

import shutil
from pathlib import Path

import pytest

from core.engine.protocol import ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError, NotKnown, PairError
from core.lam import INSTRUCT, Lam
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

REQUESTS = [ScoreRequest("the river", " runs"), ScoreRequest("a small", " town")]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path))
    return settings_for(tmp_path, registry)


def test_what_is_known_of_a_loaded_pair(settings: Settings) -> None:
    loaded = TorchEngine(settings).load("tiny")
    assert loaded.endpoints_exact
    assert (loaded.dtype, loaded.device, loaded.context_length) == ("float32", "cpu", 256)
    assert loaded.weights_bytes == 4 * loaded.parameters
    assert loaded.chat_template is not None


def test_a_bad_pair_leaves_the_good_one_as_it_was(settings: Settings, tmp_path: Path) -> None:
    engine = TorchEngine(settings)
    before = engine.score("tiny", Lam(300), REQUESTS)
    shutil.copytree(tmp_path / "base", tmp_path / "torn")
    weights = tmp_path / "torn" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with settings.pairs_file.open("a") as registry:
        registry.write(
            f'\n[[pair]]\nname = "torn"\nbase = "{tmp_path}/base"\ninstruct = "{tmp_path}/torn"\n'
        )
    for name, error in (("torn", PairError), ("nobody", NotKnown)):
        with pytest.raises(error):
            engine.load(name)
    assert [pair.identity.name for pair in engine.loaded_pairs()] == ["tiny"]
    assert engine.score("tiny", Lam(300), REQUESTS) == before


def test_weights_that_changed_on_disk_are_loaded_again(settings: Settings, tmp_path: Path) -> None:
    engine = TorchEngine(settings)
    first = engine.load("tiny")
    assert engine.load("tiny") is first
    scores = engine.score("tiny", INSTRUCT, REQUESTS)
    shutil.copy(tmp_path / "base" / "model.safetensors", tmp_path / "instruct")
    second = engine.load("tiny")
    assert second.identity.instruct != first.identity.instruct
    assert engine.score("tiny", INSTRUCT, REQUESTS) != scores


def test_a_device_that_is_not_there_is_one_sentence(settings: Settings) -> None:
    from dataclasses import replace

    with pytest.raises(EngineError, match="PARTWAY_DEVICE = 'moon'"):
        TorchEngine(replace(settings, device="moon")).load("tiny")
