"""What a person wants of a job: to run, to pause, to end; and its place in the queue.

A file of its own, replaced whole and only under the queue's lock; workers read it, and nobody
signals a process. Not here: what became of the wish (`state.py`).
"""

import os
import socket
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from core.canon import text_hash
from core.errors import StoreError
from core.store.files import read_json, write_json

WISH = "wish.json"
Want = Literal["run", "pause", "cancel"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A person's last word. `home` tells folder and machine: a copy has no worker to expect."""

    want: Want
    place: int  # in the queue: the lowest goes first
    round: int = 1  # one more with every retry
    home: str = ""

    def of(self, want: Want) -> "Wish":
        """The same job with another wish."""
        return replace(self, want=want)


def read_wish(folder: Path) -> Wish | None:
    """The wish; None for a job from before there was a queue, or where nobody can read it."""
    if not (folder / WISH).is_file():
        return None
    try:
        given = read_json(folder / WISH)
        wish = Wish(str(given["want"]), int(given["place"]), int(given["round"]), given["home"])  # type: ignore[arg-type]
    except (StoreError, KeyError, TypeError, ValueError):
        return None
    return wish if wish.want in get_args(Want) else None


def write_wish(folder: Path, wish: Wish) -> None:
    """Replace the wish in one step."""
    write_json(folder / WISH, asdict(wish))


def home_of(folder: Path) -> str:
    """This folder on this machine; another one after copying either (nobody's name in it)."""
    return text_hash(f"{socket.gethostname()} {os.stat(folder).st_ino}")[:20]


def first_wish(folder: Path, place: int) -> Wish:
    """What starting a job means."""
    return Wish("run", place, home=home_of(folder))
