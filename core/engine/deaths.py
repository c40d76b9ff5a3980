"""How often the host of a state folder ended without closing, and how long to leave it alone.

A host that closes takes its address away; one that was killed leaves it behind. Each such end
is noted once, in `engine.deaths.json`, by whoever starts the next host. A host that dies again
and again is started at growing distances, so that it cannot keep a machine busy with starting.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from core.engine import address

DEATHS = "engine.deaths.json"
WINDOW_SECONDS = 600.0  # older ends are forgotten
DISTANCES_SECONDS = (0.0, 1.0, 2.0, 5.0, 15.0, 60.0)  # after the first, second, … end


@dataclass(frozen=True, slots=True)
class Deaths:
    """When the host ended without closing, over the last ten minutes; seconds since the epoch."""

    moments: tuple[float, ...]

    @property
    def count(self) -> int:
        """How often."""
        return len(self.moments)

    def wait_seconds(self, now: float) -> float:
        """How long it must still be left alone."""
        if not self.moments:
            return 0.0
        distance = DISTANCES_SECONDS[min(self.count, len(DISTANCES_SECONDS)) - 1]
        return max(0.0, self.moments[-1] + distance - now)

    def in_words(self) -> str:
        """What a person should know; empty when nothing happened."""
        if not self.moments:
            return ""
        last = time.strftime("%H:%M", time.localtime(self.moments[-1]))
        if self.count == 1:
            return f"The engine ended unexpectedly at {last}."
        return f"The engine ended unexpectedly {self.count} times in ten minutes, last at {last}."


def read_deaths(state: Path) -> Deaths:
    """What was noted and is not yet forgotten."""
    try:
        noted = json.loads((state / DEATHS).read_text(encoding="utf-8"))
        moments = sorted(float(moment) for moment in noted)
    except (OSError, ValueError, TypeError):
        return Deaths(())
    since = time.time() - WINDOW_SECONDS
    return Deaths(tuple(moment for moment in moments if moment > since))


def ended_unclosed(state: Path) -> bool:
    """Whether a host is gone whose end nobody has noted."""
    return address.living_pid(state) is None and address.read_address(state) is not None


def note_death(state: Path) -> Deaths:
    """Note an end that nobody has noted; ask under the start lock."""
    known = read_deaths(state)
    if not ended_unclosed(state):
        return known
    found = Deaths((*known.moments, time.time()))
    partial = state / f"{DEATHS}.{os.getpid()}.tmp"
    partial.write_text(json.dumps(found.moments), encoding="utf-8")
    partial.replace(state / DEATHS)
    address.remove_address(state)
    return found
