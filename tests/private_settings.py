"""Settings for one test: everything below one folder, on one CPU thread."""

from pathlib import Path

from core.settings import Settings, read_settings


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
