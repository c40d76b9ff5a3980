"""Fixtures that many tests share: the random tiny pair and an engine that has it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from tests.private_settings import settings_for

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
