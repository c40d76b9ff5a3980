"""Which commit of a hub data set is meant: what was pinned, else what the hub says now.

    commit_of("allenai/ai2_arc", None, settings)      → 40 hex digits

A run's id holds the commit, so it must be known before the run. A commit that nobody could
look up is not invented: a suite leaves it open, and the first use with a network asks the
hub and writes the answer into `STATE/revisions.json` (never into a suite file, which is
shared and under version control). Not here: loading rows (`hub_rows.py`).
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import TaskError
from core.settings import Settings
from core.store.files import write_json
from core.store.lock import waiting_lock
from core.tasks.hub import HubUnreachable, commit_in_cache, commit_on_hub

PINS = "revisions.json"
COMMIT = re.compile(r"[0-9a-f]{40}")


def pinned(repo: str, asked: str | None, settings: Settings) -> str | None:
    """The commit as far as it is known without a network; None when it is not."""
    if asked is not None and COMMIT.fullmatch(asked):
        return asked
    pin = read_pins(settings).get(_key(repo, asked))
    return None if pin is None else str(pin["commit"])


def commit_of(repo: str, asked: str | None, settings: Settings) -> str:
    """The commit that is pinned, else looked up now and pinned.

    Raises:
        TaskError: it is not pinned, and the hub does not tell it.
    """
    known = pinned(repo, asked, settings)
    if known is not None:
        return known
    try:
        found = commit_on_hub(repo, asked)
    except HubUnreachable as error:
        cached = commit_in_cache(repo, asked)
        if cached is None:
            raise TaskError(
                f"The data set {repo} cannot be reached ({error}), and no commit of it is pinned. "
                f"Go online once and run: python -m core icl pin. Or put a copy of the data set "
                f"into the folder PARTWAY_DATA/{repo}."
            ) from error
        found = cached
    write_pin(repo, asked, found, settings)
    return found


def read_pins(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every pin: "owner/name" (or "owner/name@branch") → commit and when it was looked up.

    Raises:
        TaskError: the file is broken.
    """
    path = pins_file(settings)
    if not path.is_file():
        return {}
    try:
        pins: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
        good = all(COMMIT.fullmatch(pin["commit"]) for pin in pins.values())
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        good = False
    if not good:
        raise TaskError(
            f"The pins in {path} are broken. Delete the file and run: python -m core icl pin."
        )
    return pins


def write_pin(repo: str, asked: str | None, commit: str, settings: Settings) -> None:
    """Keep the commit for every later run on this machine."""
    path = pins_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with waiting_lock(path.with_suffix(".lock")):  # not the file itself: it is replaced whole
        today = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(
            path,
            {**read_pins(settings), _key(repo, asked): {"commit": commit, "looked_up": today}},
        )


def pins_file(settings: Settings) -> Path:
    """Where pins are kept."""
    return settings.state / PINS


def _key(repo: str, asked: str | None) -> str:
    return repo if asked is None else f"{repo}@{asked}"
