"""A worker's sign of life, in seconds since this machine started: no clock that can be set.

Whether a worker lives is told by its lock (`holding.py`); the heartbeat tells whether it moves,
or was stopped with its process still there.
"""

import json
import time
from functools import cache
from pathlib import Path

from core.errors import StoreError
from core.store.files import read_json, write_whole

HEARTBEAT = "heartbeat"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def beat(folder: Path) -> None:
    """Leave a sign.

    Raises:
        StoreError: it cannot be written.
    """
    sign = {"boot": _boot(), "at": round(time.monotonic(), 3)}
    write_whole(folder / HEARTBEAT, json.dumps(sign), durable=False)


def seconds_silent(folder: Path) -> float | None:
    """How long ago the last sign was; None where it was left before a restart, or is none."""
    try:
        sign = read_json(folder / HEARTBEAT)
        if sign["boot"] != _boot():
            return None
        return max(0.0, time.monotonic() - float(sign["at"]))
    except (StoreError, KeyError, TypeError, ValueError):
        return None


@cache
def _boot() -> str:
    return _BOOT.read_text().strip() if _BOOT.exists() else ""
