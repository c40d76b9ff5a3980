"""The folder of filmstrips: keep one, read one, list the newest first, search, delete.

    shelf = FilmstripStore(settings.results, also=(PUBLISHED,))
    shelf.save(strip)                 # True when something was written
    shelf.read(strip_id) · shelf.heads() · shelf.search(Wanted("rivers")) · shelf.delete(strip_id)

results/generations/strip-<id>.jsonl holds three lines: head, question, answers. It is replaced
in one step, so a reader sees the former file or all of the new one, and lists read first lines
only. Published ones are read the same way and never written. Not here: votes (`votes.py`).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import NotKnown, StoreError
from core.store.files import encode_line, read_lines, told_plainly, write_whole
from core.store.filmstrip import (
    Filmstrip,
    Head,
    asked_from_json,
    asked_to_json,
    head_of,
    strip_from_json,
    strip_to_json,
)
from core.store.runs import FOLDERS, checked_id

_PREFIX, _SUFFIX = "strip-", ".jsonl"
_CACHED_HEADS, _CACHED_STRIPS, _CACHED_TEXTS = 65_536, 2048, 8192


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; what is empty is not asked for."""

    text: str = ""  # in the question or in any answer, upper and lower case alike
    pair: str = ""
    kind: str = ""
    since: str = ""  # a day, as in "2026-01-31"; that day counts
    until: str = ""
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Heads, the newest first, and the names of files that cannot be read."""

    heads: tuple[Head, ...]
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmstripStore:
    """Filmstrips under `results`, and read-only ones under `also`."""

    results: Path
    also: tuple[Path, ...] = ()

    def save(self, strip: Filmstrip) -> bool:
        """Keep the filmstrip; False when the same answers are there already.

        Of two sets of answers to one question the later stays, but a whole one is never
        replaced by one that was stopped or failed.

        Raises:
            StoreError: the folder cannot be written.
        """
        kept = self._kept(strip.strip_id)
        if kept and (kept.said == strip.said or (kept.complete and not strip.complete)):
            return False
        rows = [asdict(head_of(strip)), asked_to_json(strip.asked), strip_to_json(strip)]
        write_whole(self._path(self.results, strip.strip_id), _lines(rows))
        return True

    def read(self, strip_id: str) -> Filmstrip:
        """The filmstrip of that id.

        Raises:
            NameRefused: no id.  NotKnown: none of that id.  StoreError: its file is broken.
        """
        path = self._find(strip_id)
        if path is None:
            raise NotKnown(
                f"There is no filmstrip {strip_id} in {self.results}. "
                "Ask the prompt again, or choose one of the history."
            )
        return _strip_once(*_stamped(path))

    def has(self, strip_id: str) -> bool:
        """True when it is kept here or published.

        Raises:
            NameRefused: no id.
        """
        return self._find(strip_id) is not None

    def heads(self) -> Listed:
        """Every filmstrip, the newest first, each id once; texts are not read."""
        found: dict[str, Head] = {}
        broken = []
        for path, stamp, size, published in self._files():
            try:
                head = _head_once(str(path), stamp, size)
            except StoreError:
                broken.append(path.name)
                continue
            found.setdefault(head.strip_id, replace(head, published=published))
        order = sorted(found.values(), key=lambda head: (head.created, head.strip_id))
        return Listed(tuple(reversed(order)), tuple(broken))

    def search(self, wanted: Wanted) -> Listed:
        """The heads that have all that is wanted; files are opened only where a text is."""
        listed = self.heads()
        text = wanted.text.strip().casefold()
        found = [head for head in listed.heads if _fits(head, wanted)]
        kept = [head for head in found if not text or text in self._text(head)]
        return Listed(tuple(kept), listed.broken)

    def delete(self, strip_id: str) -> None:
        """Remove one of your own.

        Raises:
            NotKnown: none of that id.  StoreError: it ships with the project, or cannot go.
        """
        path = self._path(self.results, strip_id)
        if not path.is_file():
            self.read(strip_id)
            raise StoreError(
                f"The filmstrip {strip_id} ships with the project and stays. "
                "Only those of your own can be deleted."
            )
        with told_plainly(path):
            path.unlink(missing_ok=True)

    def _kept(self, strip_id: str) -> Filmstrip | None:
        try:
            return self.read(strip_id)
        except (NotKnown, StoreError):  # a broken file is written anew
            return None

    def _text(self, head: Head) -> str:
        path = self._find(head.strip_id)
        try:
            return "" if path is None else _text_once(*_stamped(path))
        except StoreError:  # deleted since it was listed, or broken, which the list says
            return ""

    def _find(self, strip_id: str) -> Path | None:
        roots = (self.results, *self.also)
        paths = (self._path(root, strip_id) for root in roots)
        return next((path for path in paths if path.is_file()), None)

    def _path(self, root: Path, strip_id: str) -> Path:
        name = f"{_PREFIX}{checked_id(strip_id, 'filmstrip id')}{_SUFFIX}"
        return root / FOLDERS["generations"] / name

    def _files(self) -> Iterator[tuple[Path, int, int, bool]]:
        """Own files first, so that they stand before published ones of the same id."""
        for root in dict.fromkeys((self.results, *self.also)):
            folder = root / FOLDERS["generations"]
            if not folder.is_dir():
                continue
            with os.scandir(folder) as entries:
                names = [
                    e for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)
                ]
            for entry in names:
                try:
                    told = entry.stat()
                except OSError:  # deleted meanwhile
                    continue
                yield Path(entry.path), told.st_mtime_ns, told.st_size, root in self.also


def _fits(head: Head, wanted: Wanted) -> bool:
    day = head.created[:10]
    return (
        (not wanted.pair or wanted.pair in head.pairs)
        and (not wanted.kind or wanted.kind == head.kind)
        and (not wanted.since or day >= wanted.since)
        and (not wanted.until or day <= wanted.until)
        and (wanted.batch is None or wanted.batch == head.batch)
    )


def _lines(rows: list[dict[str, Any]]) -> str:
    return b"".join(encode_line(row) for row in rows).decode()


def _stamped(path: Path) -> tuple[str, int, int]:
    with told_plainly(path):
        told = path.stat()
    return str(path), told.st_mtime_ns, told.st_size


@lru_cache(_CACHED_HEADS)
def _head_once(path: str, stamp: int, size: int) -> Head:
    try:
        with open(path, "rb") as source:
            row = json.loads(source.readline())
        head = Head(**{**row, "columns": tuple(row["columns"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _broken(path, error) from error
    if Path(path).name != f"{_PREFIX}{head.strip_id}{_SUFFIX}":
        raise _broken(path, ValueError("it says another id"))
    return head


@lru_cache(_CACHED_STRIPS)
def _strip_once(path: str, stamp: int, size: int) -> Filmstrip:
    try:
        _, asked, rest = read_lines(Path(path))
        return strip_from_json(asked_from_json(asked), rest)
    except (ValueError, TypeError, KeyError) as error:
        raise _broken(path, error) from error


@lru_cache(_CACHED_TEXTS)
def _text_once(path: str, stamp: int, size: int) -> str:
    """Everything that is searched, in lower case; values are not built for it."""
    try:
        _, asked, rest = read_lines(Path(path))
        texts = [turn["content"] for turn in asked["messages"]]
        texts += [answer["text"] for answer in rest["answers"]]
    except (ValueError, TypeError, KeyError) as error:
        raise _broken(path, error) from error
    return "\n".join(texts).casefold()


def _broken(path: str, error: Exception) -> StoreError:
    return StoreError(
        f"{path} is no whole filmstrip ({error}). Delete the file and ask the prompt again."
    )
