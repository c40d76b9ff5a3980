"""How far work in a process of its own is, whatever the work is: read from its folder.

    read_diary(folder).status       # "running", then "done"

For work that waits for no turn (`looking.py`); a job's own words are in `state.py`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.jobs.events import read_events
from core.jobs.holding import is_held
from core.jobs.job_folder import HELD
from core.jobs.wish import Wish, write_wish

DiaryStatus = Literal["starting", "running", "done", "cancelled", "failed", "interrupted"]
SILENT = "The worker ended without a word. Started again, it goes on from there."
_ENDED: dict[str, DiaryStatus] = {
    "finished": "done",
    "cancelled": "cancelled",
    "failed": "failed",
    "stopped": "interrupted",
}


@dataclass(frozen=True, slots=True)
class Diary:
    """How far the work of a folder is."""

    status: DiaryStatus
    stage: str
    done: int
    total: int
    eta_seconds: float | None
    message: str

    @property
    def active(self) -> bool:
        """True while a worker is at it."""
        return self.status in ("starting", "running")


def read_diary(folder: Path) -> Diary:
    """What the worker of that folder wrote."""
    alive = is_held(folder / HELD)  # first: a worker that ends has written its last word by then
    events = read_events(folder)
    nothing: dict[str, Any] = {}
    last = next((e for e in reversed(events) if e["event"] == "progress"), nothing)
    ending = next((e for e in reversed(events) if e["event"] in _ENDED), nothing)
    status = _ENDED[ending["event"]] if ending else _unended(alive, bool(events))
    said = ending.get("message") or (SILENT if status == "interrupted" else last.get("message"))
    return Diary(
        status=status,
        stage=str(last.get("stage", "loading")),
        done=int(last.get("done", 0)),
        total=int(last.get("total", 0)),
        eta_seconds=last.get("eta_seconds") if status == "running" else None,
        message=str(said or ""),
    )


def end_worker(folder: Path) -> None:
    """Let the folder's worker end; it sees that within half a second."""
    write_wish(folder, Wish("cancel", 0))


def _unended(alive: bool, begun: bool) -> DiaryStatus:
    if alive:
        return "running" if begun else "starting"
    return "interrupted"
