"""A person's own tables beside the published ones: CSV files in results/literature.

    name = keep_table("my table.csv", content, settings)
    read_table(name, settings).numbers

Taken as they are and checked for shape only: who measured them, and how, is the person's
business. Not here: the tables that ship (`literature.py`).
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from core.canon import safe_name
from core.errors import InputError, NotKnown
from core.settings import Settings
from core.store.files import told_plainly, write_whole

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 1 << 20, 2_000, 40
_SEPARATORS = ",;\t"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class OwnTable:
    """Columns of numbers beside columns of words; the first column of words names the rows."""

    name: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[dict[str, str | float | None], ...]

    def label(self, row: dict[str, str | float | None]) -> str:
        """The row's name: all its words."""
        return " · ".join(str(row[column] or "") for column in self.words)


def keep_table(file_name: str, content: bytes, settings: Settings) -> str:
    """Check a CSV and keep it under a name made from the file's; returns that name.

    Raises:
        InputError: it is no table that can be shown.  StoreError: it cannot be written.
    """
    stem = _UNSAFE.sub("-", Path(file_name).stem).strip("-.")[:60] or "table"
    while ".." in stem:
        stem = stem.replace("..", ".")
    name = safe_name(stem, "table")
    text = _decoded(file_name, content)
    parse_table(name, text)
    write_whole(_folder(settings) / f"{name}.csv", text)
    return name


def own_tables(settings: Settings) -> tuple[str, ...]:
    """Names of the tables that are kept, in alphabetical order."""
    folder = _folder(settings)
    return tuple(sorted(path.stem for path in folder.glob("*.csv"))) if folder.is_dir() else ()


def read_table(name: str, settings: Settings) -> OwnTable:
    """A kept table.

    Raises:
        NotKnown: there is none of that name.  InputError: the file was changed and is no table.
    """
    path = _path(name, settings)
    with told_plainly(path):
        content = path.read_bytes()
    return parse_table(name, _decoded(path.name, content))


def forget_table(name: str, settings: Settings) -> None:
    """Remove a kept table.

    Raises:
        NotKnown: there is none of that name.
    """
    path = _path(name, settings)
    with told_plainly(path):
        path.unlink()


def parse_table(name: str, text: str) -> OwnTable:
    """Read CSV text with commas, semicolons or tabs.

    Raises:
        InputError: no header, rows of unequal length, no words, no numbers, or too much of it.
    """
    header, rows = _cells(name, text)
    numbers = [column for at, column in enumerate(header) if _numeric([row[at] for row in rows])]
    words = [column for column in header if column not in numbers]
    if not words:
        _refuse(name, "has no column of names", "Put the name of each row into a first column")
    if not numbers:
        _refuse(
            name,
            "has no column of numbers",
            "Write numbers with a decimal point and without signs such as %",
        )
    made = [
        {
            column: _number(cell) if column in numbers else cell
            for column, cell in zip(header, row, strict=True)
        }
        for row in rows
    ]
    return OwnTable(name, tuple(words), tuple(numbers), tuple(made))


def _cells(name: str, text: str) -> tuple[list[str], list[list[str]]]:
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        read = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row
        ]
    except csv.Error as error:
        _refuse(name, f"is no CSV file ({error})", "Save it as CSV with a header line")
    if len(read) < 2:
        _refuse(name, "holds no rows", "It needs a header line and at least one row")
    header, rows = [cell.strip() for cell in read[0]], read[1:]
    if not all(header) or len(set(header)) < len(header):
        _refuse(name, "has columns without a name or of the same name", "Name each column once")
    for line, row in enumerate(rows, 2):
        if len(row) != len(header):
            _refuse(
                name,
                f"has {len(row)} cells in row {line} and {len(header)} in its header",
                "Give each row as many cells",
            )
    if len(rows) > MOST_ROWS or len(header) > MOST_COLUMNS:
        _refuse(
            name,
            f"has {len(rows):,} rows and {len(header)} columns",
            f"At most {MOST_ROWS:,} and {MOST_COLUMNS} are shown",
        )
    return header, [[cell.strip() for cell in row] for row in rows]


def _numeric(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_number(cell) is not None for cell in filled)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None  # "nan" and "inf" are words here


def _decoded(file_name: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        _refuse(file_name, f"is {len(content):,} bytes long", f"At most {MOST_BYTES:,} are read")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(file_name, "is not UTF-8 text", "Save it as CSV in UTF-8")


def _path(name: str, settings: Settings) -> Path:
    path = _folder(settings) / f"{safe_name(name, 'table')}.csv"
    if not path.is_file():
        raise NotKnown(f"There is no table {name!r} of yours. Add it with its CSV file.")
    return path


def _folder(settings: Settings) -> Path:
    return settings.results / "literature"


def _refuse(name: str, what: str, next_step: str) -> NoReturn:
    raise InputError(f"The table {name[:60]!r} {what}. {next_step}.")
