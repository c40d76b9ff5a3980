"""A parent as a person writes it: a folder, or a hub id such as org/model.

    read_source("~/models/base", root).place        # an absolute folder
    read_source("org/model@v1", root).revision      # "v1"

Not here: whether anything lies there (`locate.py`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError

LONGEST = 1024  # characters of a path
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_HUB_ID = re.compile(rf"({_PART}/{_PART})(?:@([A-Za-z0-9][A-Za-z0-9._/-]*))?")
_HUB_PAGE = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a parent lies; a revision only for a hub id."""

    place: str
    revision: str | None = None


def read_source(text: str, root: Path) -> Source:
    """A folder, taken from `root` where it is relative, or what can only be a hub id.

    A page of the hub is taken for its id, and what stands behind an @ for its revision.

    Raises:
        InputError: it is neither.
    """
    text = text.strip()
    if not text:
        raise InputError("A parent is missing. Give a folder, or a hub id such as org/model.")
    hub = _HUB_ID.fullmatch(_HUB_PAGE.sub("", text).rstrip("/"))
    folder = as_folder(text, root)
    if hub is not None and ".." not in text and "--" not in text and not is_there(folder):
        return Source(hub[1], hub[2])
    return Source(str(folder))


def is_there(folder: Path) -> bool:
    """Whether that folder exists and may be looked for."""
    try:
        return folder.is_dir()
    except OSError:  # above it is a folder that may not be entered
        return False


def as_folder(text: str, root: Path) -> Path:
    """The folder of that name, there or not.

    Raises:
        InputError: no folder can have it.
    """
    if not text.isprintable() or len(text) > LONGEST or any(len(p) > 255 for p in text.split("/")):
        raise InputError(f"{text[:80]!r} is no path of a folder. Give a shorter, printable one.")
    try:
        return root / Path(text).expanduser()  # an absolute one stays as it is
    except RuntimeError as error:  # ~name of nobody
        raise InputError(
            f"{text[:80]!r} begins with the home of a user who is not there. Give the whole path."
        ) from error
