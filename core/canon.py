"""Canonical JSON and content hashes: the same content always has the same id.

Not a serialiser for people's files; only what ids are made of. Floats are refused on
purpose: a key that depends on how a float prints is no key (λ travels as a string).
"""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import NameRefused

ID_HEX_DIGITS = 20
_READ_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, ASCII only.

    Raises:
        TypeError: the value holds a float or something that JSON cannot say.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def content_id(value: Any) -> str:
    """Sha256 of the canonical JSON, shortened to 20 hex digits (80 bits)."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:ID_HEX_DIGITS]


def text_hash(text: str) -> str:
    """Sha256 of the UTF-8 bytes, whole."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path, told: Callable[[int], None] = lambda count: None) -> str:
    """Sha256 of a file's bytes, read in pieces; `told` hears how large each was."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(_READ_BYTES):
            digest.update(block)
            told(len(block))
    return digest.hexdigest()


def safe_name(name: str, what: str = "name") -> str:
    """Return the name if it may become one part of a path, else refuse it.

    Raises:
        NameRefused: empty, too long, or holds anything but letters, digits, `.`, `_`, `-`.
    """
    if not _NAME.fullmatch(name) or not name.isascii() or ".." in name:
        raise NameRefused(
            f"The {what} {name[:60]!r} cannot be used as a file name. "
            "Use letters, digits, '.', '_' and '-'."
        )
    return name


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"a float has no canonical form: {value!r}")
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
