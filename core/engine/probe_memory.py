"""What trying a pair has shown before, so that loading it again need not try again.

    memory.recall(key); memory.keep(key, True)

The key is everything that the outcome follows from: both parents' content, number format, the
device's name, versions and this project's own code; where one of them differs, it is tried anew.
Kept in the state folder; a file that cannot be read or written costs the trial and nothing else.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from core.canon import content_id
from core.engine.fingerprint import code_fingerprint
from core.pairs.preflight import PairReport

NAME = "sharing-tried.json"
MOST = 500  # outcomes kept; the oldest leave


class ProbeMemory:
    """Outcomes by key; without a folder nothing is remembered."""

    def __init__(self, state: Path | None) -> None:
        self._state = state

    def recall(self, key: str) -> bool | None:
        """The outcome, or None where it was not tried so."""
        found = self._read().get(key)
        return found if isinstance(found, bool) else None

    def keep(self, key: str, outcome: bool) -> None:
        """Remember it."""
        if self._state is None:
            return
        known = {**self._read(), key: outcome}
        partial = self._state / f"{NAME}.{os.getpid()}.tmp"
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(dict(list(known.items())[-MOST:])), encoding="utf-8")
            partial.replace(self._state / NAME)
        except OSError:
            return  # a read-only folder costs the trial next time

    def _read(self) -> dict[str, Any]:
        if self._state is None:
            return {}
        try:
            content = json.loads((self._state / NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def probe_key(report: PairReport, device: torch.device, form: str) -> str:
    """Twenty hex digits."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return content_id(
        {
            "parents": [report.identity.base, report.identity.instruct],
            "dtype": report.dtype,
            "form": form,
            "device": name,
            "threads": torch.get_num_threads() if device.type == "cpu" else None,
            "versions": [version("torch"), version("transformers")],
            "code": code_fingerprint(),
        }
    )
