"""The shipped pair in an engine of its own: nothing is read from or written to the home folder."""

from collections.abc import Iterator

import pytest

from core.engine.torch_engine import TorchEngine
from tests.private_settings import settings_for


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TorchEngine]:
    folder = tmp_path_factory.mktemp("shipped")
    engine = TorchEngine(settings_for(folder, folder / "pairs.toml"))
    yield engine
    engine.close()
