"""Looking at a pair's weights: once for the same parents, then from the file.

look_now("tinyworld", settings, report)      # reads both parents; about the time of a copy
start_looking("tinyworld", settings)         # the same in a process of its own
"""

import sys
import time

from core.canon import safe_name
from core.jobs.jobs import launch
from core.jobs.progress import Progress, Report
from core.pairs.anatomy import Anatomy, keep_anatomy, read_anatomy
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings

LOOKS = "weights-logs"


def look_now(pair: str, settings: Settings, report: Report) -> Anatomy:
    """The pair's anatomy, read from the weights where nobody has yet.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be read.
        StoreError: the result cannot be written.
    """
    checked = check_pair(find_pair(pair, settings), settings)
    known = read_anatomy(checked.identity, settings)
    if known is not None:
        return known
    from core.merge.anatomy import look  # torch

    began = time.monotonic()

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - began) * (total - done) / done if done else None
        report(Progress("reading", done, total, left, "Reading both parents (bytes)."))

    anatomy = look(checked, tell)
    keep_anatomy(anatomy, checked.identity, settings.results)
    return anatomy


def start_looking(pair: str, settings: Settings) -> None:
    """Look in a process of its own; `read_anatomy` finds the result when it is there.

    Raises:
        NotKnown: no such pair.  StoreError: the results folder cannot be written.
    """
    entry = find_pair(pair, settings)
    folder = settings.results / "jobs" / LOOKS / safe_name(entry.name.replace("~", "."), "pair")
    folder.mkdir(parents=True, exist_ok=True)
    launch([sys.executable, "-m", "core", "pairs", "weights", entry.name], folder, settings)
