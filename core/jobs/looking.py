"""Looking at a pair's weights: once for the same parents, then from the file.

look_now("tinyworld", settings, report)      # reads both parents; about the time of a copy
start_looking("tinyworld", settings)         # the same in a process of its own
"""

import time
from pathlib import Path

from core.canon import safe_name
from core.jobs.diary import Diary, end_worker, read_diary
from core.jobs.events import EVENTS
from core.jobs.hashing import hashing_told
from core.jobs.heartbeat import HEARTBEAT
from core.jobs.holding import is_held
from core.jobs.job_folder import HELD, JOB
from core.jobs.jobs import launch_alone
from core.jobs.progress import Progress, Report
from core.jobs.wish import WISH
from core.pairs.anatomy import Anatomy, keep_anatomy, read_anatomy
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.store.files import write_json

LOOKS = "looks"


def look_now(pair: str, settings: Settings, report: Report) -> Anatomy:
    """The pair's anatomy, read from the weights where nobody has yet.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be read.
        StoreError: the result cannot be written.
    """
    with hashing_told(report):
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
    """Look in a process of its own, unless one is at it; `read_anatomy` finds what it finds.

    Raises:
        NotKnown: no such pair.  StoreError: the state folder cannot be written.
    """
    folder = _folder(find_pair(pair, settings).name, settings)
    if is_held(folder / HELD):
        return
    for name in (WISH, EVENTS, HEARTBEAT):  # of an earlier look
        (folder / name).unlink(missing_ok=True)
    write_json(folder / JOB, {"pair": pair})
    launch_alone("core.jobs.look_worker", folder, settings)


def read_look(pair: str, settings: Settings) -> Diary | None:
    """How far the newest look at that pair is; None where none was started from a page."""
    folder = _folder(pair, settings)
    return read_diary(folder) if (folder / JOB).is_file() else None


def stop_looking(pair: str, settings: Settings) -> None:
    """Let it end; harmless where there is none."""
    found = read_look(pair, settings)
    if found is not None and found.active:
        end_worker(_folder(pair, settings))


def _folder(pair: str, settings: Settings) -> Path:
    return settings.state / LOOKS / safe_name(pair.replace("~", "."), "pair")
