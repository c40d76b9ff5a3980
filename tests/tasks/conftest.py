"""Data sets in the hub's layout, made up by us, in place of the hub; nothing outside is read."""

from pathlib import Path

import pytest

HUB_COPIES = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def hub_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that PARTWAY_DATA names; state and the readers' cache are the test's own."""
    import datasets

    monkeypatch.setenv("PARTWAY_DATA", str(HUB_COPIES))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.utils.tqdm, "disable", True, raising=False)
    return HUB_COPIES
