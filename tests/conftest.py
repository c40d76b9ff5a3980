"""Fixtures that many tests share: the random tiny pair and an engine that has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings, read_settings

if TYPE_CHECKING:  # torch is imported only by the tests that ask for an engine
    from core.engine.torch_engine import TorchEngine


@pytest.fixture(scope="session")
def tiny_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose registry knows the random pair `tiny`; nothing outside is touched."""
    from tests.tiny_pair import write_registry, write_tiny_pair

    folder = tmp_path_factory.mktemp("tiny")
    registry = write_registry(folder / "pairs.toml", write_tiny_pair(folder))
    return settings_for(folder, registry)


@pytest.fixture(scope="session")
def tiny_engine(tiny_settings: Settings) -> "Iterator[TorchEngine]":
    """A torch engine with the random pair `tiny`, on one CPU thread."""
    from core.engine.torch_engine import TorchEngine

    engine = TorchEngine(tiny_settings)
    yield engine
    engine.close()


def settings_for(folder: Path, registry: Path) -> Settings:
    """Settings that keep everything below one folder."""
    return read_settings(
        {
            "PARTWAY_RESULTS": str(folder / "results"),
            "PARTWAY_STATE": str(folder / "state"),
            "PARTWAY_PAIRS": str(registry),
            "PARTWAY_DEVICE": "cpu",
            "PARTWAY_THREADS": "1",
        }
    )
