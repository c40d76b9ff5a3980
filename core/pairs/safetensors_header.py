"""The table of contents of a safetensors file: names, shapes, dtypes; no tensor is read.

The format: eight bytes with the header's length (little endian), that much JSON, then the
data. A file shorter than its header says is truncated, and a header may lie about where its
tensors are: both are found here, before anything is loaded. The library has the last word.
"""

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from core.errors import PairError

LENGTH_BYTES = 8
LONGEST_NAME = 512  # characters of a tensor's name
HIGHEST_HEADER_BYTES = 100_000_000  # the format's own limit
ITEM_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip
FLOATING = frozenset({"F64", "F32", "F16", "BF16"})


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor as the header describes it."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        return self.elements * ITEM_BITS.get(self.dtype, 8) // 8

    @property
    def floating(self) -> bool:
        """True for a dtype that can be interpolated."""
        return self.dtype in FLOATING


def read_header(path: Path) -> tuple[TensorEntry, ...]:
    """Every tensor of one file.

    Raises:
        PairError: missing, truncated, or no safetensors file.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as source:
            header_bytes = _header_length(source.read(LENGTH_BYTES), size, path)
            header = json.loads(source.read(header_bytes))
    except OSError as error:
        raise PairError(
            f"The weights file {path} cannot be read ({error}). Copy it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, "its header is not readable") from error
    entries = tuple(_entries(header, path, size - LENGTH_BYTES - header_bytes))
    _ask_library(path)
    return entries


def _ask_library(path: Path) -> None:
    """What the library that loads it will not read is refused now, in its words."""
    try:
        with safe_open(path, framework="np"):
            pass
    except (SafetensorError, OSError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        raise _broken(path, f"safetensors does not read it ({words})") from error


def _header_length(prefix: bytes, size: int, path: Path) -> int:
    if len(prefix) < LENGTH_BYTES:
        raise _broken(path, f"it is only {size} bytes long")
    (length,) = struct.unpack("<Q", prefix)
    if length > min(size - LENGTH_BYTES, HIGHEST_HEADER_BYTES):
        raise _broken(path, "it ends inside its own header")
    return int(length)


def _entries(header: Any, path: Path, data_bytes: int) -> list[TensorEntry]:
    if not isinstance(header, dict):
        raise _broken(path, "its header is not readable")
    entries, places = [], []
    try:
        for name, fields in header.items():
            if name == "__metadata__":
                continue
            entry = TensorEntry(name, str(fields["dtype"]), tuple(fields["shape"]), path)
            begin, end = fields["data_offsets"]
            _refuse_lie(entry, begin, end)
            entries.append(entry)
            places.append((begin, end, name))
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path, "its header is not readable") from error
    _refuse_gaps(sorted(places), path, data_bytes)
    return entries


def _refuse_lie(entry: TensorEntry, begin: Any, end: Any) -> None:
    """A range that is none, or does not hold what shape and dtype say."""
    numbers = (begin, end, *entry.shape)
    if not (entry.name.isprintable() and 0 < len(entry.name) <= LONGEST_NAME):
        raise _broken(entry.file, f"{entry.name[:60]!r} is no name of a tensor")
    if not all(type(number) is int and number >= 0 for number in numbers) or end < begin:
        raise _broken(entry.file, f"the place or shape of {entry.name} is none")
    if entry.dtype in ITEM_BITS and end - begin != entry.size_bytes:
        raise _broken(
            entry.file,
            f"{entry.name} takes {end - begin:,} bytes, and its shape {entry.size_bytes:,}",
        )


def _refuse_gaps(places: list[tuple[int, int, str]], path: Path, data_bytes: int) -> None:
    """The format allows no hole and no byte that belongs to two tensors."""
    last, owner = 0, "its header"
    for begin, end, name in places:
        if begin < last:
            raise _broken(path, f"{name} lies over {owner}")
        if begin > last:
            raise _broken(path, f"{begin - last:,} bytes before {name} belong to no tensor")
        last, owner = end, name
    if last > data_bytes:
        raise _broken(path, f"{last - data_bytes:,} bytes are missing at its end")
    if last < data_bytes:
        raise _broken(path, f"{data_bytes - last:,} bytes at its end belong to no tensor")


def _broken(path: Path, reason: str) -> PairError:
    return PairError(
        f"The weights file {path} is truncated or damaged: {reason}. Download or copy it again."
    )
