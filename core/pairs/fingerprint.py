"""The content hash of a checkpoint folder: the same content has the same name everywhere.

Hashed are weights, configs, tokenizer files and chat templates, by file name and bytes;
not the model card and not where the folder lies. Reading 32 GB takes a minute, so each
file's hash is kept by (path, size, time of change) in the state folder.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.canon import content_id, file_hash
from core.errors import PairError
from core.pairs.checkpoint import INDEX, weight_files
from core.pairs.hearing import HASHING, begin, moved

CACHE_NAME = "content-hashes.json"
NAMES = (
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    "tokenizer.model", "chat_template.jinja", "chat_template.json", INDEX,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileMark:
    """A file and the two numbers that change when it is written."""

    path: Path
    size_bytes: int
    changed_ns: int


def content_hash(folder: Path, state: Path | None = None) -> str:
    """Twenty hex digits over everything that changes what the checkpoint answers.

    Raises:
        PairError: weights are missing, or a file cannot be read.
    """
    try:
        return _hash_files(file_marks(folder), state)
    except OSError as error:
        raise PairError(
            f"The checkpoint {folder} cannot be read ({error}). Copy it again."
        ) from error


def file_marks(folder: Path) -> tuple[FileMark, ...]:
    """The files that make the content hash, each with size and time of change."""
    files = [*weight_files(folder), *(folder / name for name in NAMES)]
    stats = [(file, file.stat()) for file in files if file.is_file()]
    return tuple(FileMark(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats)


def unhashed_bytes(marks: tuple[FileMark, ...], state: Path) -> list[int]:
    """The size of each of the files whose hash is not known yet."""
    known = _read_cache(state)
    return [mark.size_bytes for mark in marks if _kept(mark, known) is None]


def _kept(mark: FileMark, known: dict[str, Any]) -> str | None:
    old = known.get(str(mark.path.resolve()))
    numbers = [mark.size_bytes, mark.changed_ns]
    return old[2] if isinstance(old, list) and len(old) == 3 and old[:2] == numbers else None


def _hash_files(marks: tuple[FileMark, ...], state: Path | None) -> str:
    known = _read_cache(state)
    begin(HASHING, sum(mark.size_bytes for mark in marks))
    hashes: dict[str, str] = {}
    fresh: dict[str, list[Any]] = {}
    for mark in marks:
        kept = _kept(mark, known)
        hashes[mark.path.name] = kept or file_hash(mark.path, moved)
        if kept is None:
            numbers = [mark.size_bytes, mark.changed_ns]
            fresh[str(mark.path.resolve())] = [*numbers, hashes[mark.path.name]]
    if fresh:
        _write_cache(state, known | fresh)
    return content_id(hashes)


def _read_cache(state: Path | None) -> dict[str, Any]:
    if state is None:
        return {}
    try:
        content = json.loads((state / CACHE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a cache that cannot be read only costs the hashing
    return content if isinstance(content, dict) else {}


def _write_cache(state: Path | None, content: dict[str, Any]) -> None:
    if state is None:
        return
    try:
        state.mkdir(parents=True, exist_ok=True)
        partial = state / f"{CACHE_NAME}.{os.getpid()}.tmp"
        partial.write_text(json.dumps(content), encoding="utf-8")
        partial.replace(state / CACHE_NAME)
    except OSError:
        return  # a read-only state folder only costs the hashing next time
