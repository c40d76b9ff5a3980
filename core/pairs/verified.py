"""What the hub said of models when it was last asked, kept in the state folder.

    keep(ask_hub("org/model"), "org/model", settings)
    read_verified(settings)["org/model"].revision

A revision kept here is used from then on, so that a pair stays what was checked. Not here:
asking (`hub_model.py`).
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.pairs.hub_model import HubModel
from core.settings import Settings
from core.store.files import write_json

FILE = "verified-models.json"


@dataclass(frozen=True, slots=True)
class Verified:
    """A model as the hub told it, and when."""

    model: HubModel
    checked: str  # ISO 8601, UTC


def read_verified(settings: Settings) -> dict[str, Verified]:
    """Every model that was asked for, by the id that was asked."""
    try:
        content = json.loads(_path(settings).read_text(encoding="utf-8"))
        return {
            asked: Verified(HubModel(**one["model"]), str(one["checked"]))
            for asked, one in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # only costs asking again


def keep(model: HubModel, asked: str, settings: Settings) -> None:
    """Remember what the hub said.

    Raises:
        StoreError: the state folder cannot be written.
    """
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    known = {name: asdict(one) for name, one in read_verified(settings).items()}
    known[asked] = {"model": asdict(model), "checked": now}
    write_json(_path(settings), known)


def _path(settings: Settings) -> Path:
    return settings.state / FILE
