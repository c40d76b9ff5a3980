"""Published tables with their caveats: numbers of others, never measured here.

    read_published("gsm8k_pass_at_20").panels_of("")[0].rows[0].first.value

The tables are CSV files beside a TOML of the same name (results/published/literature), which
says which column names a row, which two values are compared, and what has to be known to read
them. Not here: a person's own tables (`own_tables.py`), drawing (core/figures/published.py).
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import NotKnown
from core.settings import PUBLISHED
from core.stats.span import Span
from core.stats.wilson import wilson

FOLDER = PUBLISHED / "literature"
# In the order in which the page offers them.
NAMES = (
    "gsm8k_pass_at_20",
    "math500_pass_at_20",
    "math_perturb_hard_pass_at_20",
    "medcalc_pass_at_20",
    "alpaca_eval_2_endpoints",
)
# Values are printed with two decimals, most of them rounded, some cut: one unit of the last.
LAST_DIGIT = 0.01


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know before a figure is believed; `about` None: the whole table."""

    number: int  # from 1, as the marks at the rows say it
    text: str
    about: frozenset[tuple[str, str]] | None = None  # (panel, row)


@dataclass(frozen=True, slots=True)
class Value:
    """A printed percentage; n and k where it is a share of a known number of items."""

    value: float
    n: int | None = None

    @property
    def k(self) -> int | None:
        """The whole number of n within 0.01 of the printed value; None where there is none."""
        if self.n is None:
            return None
        nearest = round(self.value * self.n / 100)
        fits = abs(100 * nearest / self.n - self.value) <= LAST_DIGIT
        return nearest if fits else None

    @property
    def interval(self) -> Span | None:
        """Wilson's 95 % interval from k of n, in percent; computed here, printed nowhere."""
        if self.n is None or self.k is None:
            return None
        span = wilson(self.k, self.n)
        return span and Span(100 * span.low, 100 * span.high)


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """Two values under one name."""

    name: str
    first: Value
    second: Value
    marks: tuple[int, ...] = ()  # numbers of the notes that concern this row

    @property
    def difference(self) -> float:
        """Second minus first, in points."""
        return round(self.second.value - self.first.value, 2)


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows that were measured in one way."""

    name: str
    title: str
    rows: tuple[PublishedRow, ...]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table as it was printed, and what is known of it."""

    name: str
    title: str
    about: str
    metric: str
    source: str
    url: str
    first: str  # what the two values are called
    second: str
    protocol: tuple[str, ...]
    notes: tuple[Note, ...]
    values: tuple[str, ...]  # names that `panels_of` takes; empty where there is one alone
    printed: tuple[Mapping[str, str], ...]  # the file's rows
    layout: Mapping[str, Any]

    def panels_of(self, column: str = "") -> tuple[Panel, ...]:
        """One panel a setting, for one of `values` where there are several.

        Raises:
            NotKnown: the table has no such column.
        """
        if self.values and column not in self.values:
            raise NotKnown(
                f"{self.title} has no column {column[:40]!r}; it has {', '.join(self.values)}."
            )
        key = self.layout.get("panel")
        titles = self.layout.get("panels") or {"": ""}
        return tuple(
            Panel(
                name,
                title,
                self._rows(name, [r for r in self.printed if _of(r, key, name)], column),
            )
            for name, title in titles.items()
        )

    def _rows(
        self, panel: str, printed: list[Mapping[str, str]], column: str
    ) -> tuple[PublishedRow, ...]:
        names = dict.fromkeys(row[self.layout["row"]] for row in printed)
        return tuple(
            PublishedRow(
                name,
                *self._two([row for row in printed if row[self.layout["row"]] == name], column),
                marks=tuple(n.number for n in self.notes if n.about and (panel, name) in n.about),
            )
            for name in names
        )

    def _two(self, printed: list[Mapping[str, str]], column: str) -> tuple[Value, Value]:
        """The two values of one row; in a long file they stand in two lines of it."""
        first, second = self.layout["first"], self.layout["second"]
        if pivot := self.layout.get("pivot"):
            at = {row[pivot]: row[column] for row in printed}
            return self._value(at[first], column), self._value(at[second], column)
        (row,) = printed
        return self._value(row[first], first), self._value(row[second], second)

    def _value(self, text: str, column: str) -> Value:
        sizes = self.layout.get("sizes", {})
        return Value(float(text), sizes.get(column, self.layout.get("n")))


def published_tables() -> dict[str, str]:
    """Name → title of every table that ships."""
    return {name: str(_about(name)["title"]) for name in NAMES}


def read_published(name: str) -> PublishedTable:
    """A table by name.

    Raises:
        NotKnown: no such table ships.
    """
    if name not in NAMES:
        raise NotKnown(f"There is no published table {name[:40]!r}; there are {', '.join(NAMES)}.")
    about = _about(name)
    with table_file(name).open(encoding="utf-8", newline="") as file:
        printed = tuple(csv.DictReader(file))
    labels = about.get("labels", {})
    return PublishedTable(
        name=name,
        first=labels.get(about["first"], about["first"]),
        second=labels.get(about["second"], about["second"]),
        protocol=tuple(about["protocol"]),
        notes=_notes(about, printed),
        values=tuple(about.get("values", ())),
        printed=printed,
        layout=about,
        **{key: about[key] for key in ("title", "about", "metric", "source", "url")},
    )


def in_words(table: PublishedTable, panels: tuple[Panel, ...]) -> str:
    """Who is ahead in how many rows, panel by panel; counts alone, no claim beyond them."""
    return " ".join(_counted(table, panel) for panel in panels)


def _counted(table: PublishedTable, panel: Panel) -> str:
    ahead = sum(row.difference < 0 for row in panel.rows)
    behind = sum(row.difference > 0 for row in panel.rows)
    level = len(panel.rows) - ahead - behind
    where = f"{panel.title[:1].upper()}{panel.title[1:]}: " if panel.title else ""
    rest = f", level in {level}" if level else ""
    return (
        f"{where}{table.first} is higher in {ahead} of {len(panel.rows)}, "
        f"{table.second} in {behind}{rest}."
    )


def _about(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _of(row: Mapping[str, str], key: str | None, panel: str) -> bool:
    return key is None or row[key] == panel


def _notes(about: dict[str, Any], printed: tuple[Mapping[str, str], ...]) -> tuple[Note, ...]:
    made = []
    for number, note in enumerate(about.get("notes", ()), 1):
        rows = {(panel, row) for panel, row in note.get("rows", ())}
        for panel in note.get("panels", ()):
            rows |= {(panel, row[about["row"]]) for row in printed}
        made.append(Note(number, note["text"], frozenset(rows) or None))
    return tuple(made)


def table_file(name: str) -> Path:
    """The CSV of a shipped table, as it was read."""
    return FOLDER / f"{name}.csv"
