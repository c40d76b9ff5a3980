"""What a person asked the ledger for: filters, order, groups counted, and two λ crossed.

    view = look(ledger, Asked(task="tw_passages", group="gained", sort="flip"))
    view.rows                     # numbers of the items to list, in order
    view.table.right[group, λ]    # summed over groups: how many are right at that λ

Category, task and text are the *scope*: groups and the crossing of two λ are counted over it.
Group and cell then choose among the scope's items. Everything is a few passes over columns, so
100,000 answers take milliseconds. Not here: words and drawing.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.lam import Lam
from core.reports.ledger import Ledger
from core.reports.ledger_groups import GROUPS, Bools, Group, Ints
from core.reports.ledger_text import matches
from core.stats.mcnemar import exact_p

Sort = Literal["task", "flip", "flips", "margin"]
Cell = Literal["both", "first", "second", "neither", "apart"]
SORTS: tuple[Sort, ...] = get_args(Sort)
CELLS: tuple[Cell, ...] = get_args(Cell)
_KEPT_VIEWS = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters and order; None is "all"."""

    category: str | None = None
    task: str | None = None
    find: str = ""
    group: Group | None = None
    cell: Cell | None = None
    first: Lam | None = None  # the two λ that are crossed; `first` is also the margins' λ
    second: Lam | None = None
    sort: Sort = "task"
    backwards: bool = False
    gaps: bool = False  # only items that lack an answer at some λ


@dataclass(frozen=True, slots=True, eq=False)
class GroupTable:
    """Groups × λ over the scope. Its sums are the accuracies."""

    sizes: Ints  # items of each group
    right: Ints  # groups × λ: right there
    there: Ints  # groups × λ: answered there

    def accuracy(self, column: int) -> float | None:
        """The share that is right at one λ, 0–100; None where nothing was answered."""
        there = int(self.there[:, column].sum())
        return 100 * int(self.right[:, column].sum()) / there if there else None


@dataclass(frozen=True, slots=True)
class Crossed:
    """The scope's items at two λ."""

    first: Lam
    second: Lam
    both: int
    only_first: int
    only_second: int
    neither: int
    apart: int  # without an answer at one of the two (or both): compared with nothing
    p: float | None  # None: no item, or no passage, differs
    units: int  # passages, templates and items that stand alone, with an answer at both

    @property
    def n(self) -> int:
        """Items that both λ answered."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def clustered(self) -> bool:
        """Whether items share passages or templates, which turn their sign as a whole."""
        return self.units < self.n


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The answer to what was asked."""

    rows: Ints  # the items to list, in order
    scope: int  # how many items the counts are over
    gaps: int  # of them without an answer at some λ
    table: GroupTable
    macro: tuple[float | None, ...]  # each λ's mean over the scope's tasks, 0–100
    crossed: Crossed | None  # None without two measured λ


@lru_cache(_KEPT_VIEWS)
def look(ledger: Ledger, asked: Asked) -> View:
    """Filter, count, cross and order."""
    scope = _scope(ledger, asked)
    chosen = scope.copy()
    if asked.group is not None:
        chosen &= ledger.strings.group == GROUPS.index(asked.group)
    columns = _columns(ledger, asked)
    if asked.cell is not None and columns is not None:
        chosen &= _cells(ledger, *columns)[asked.cell]
    return View(
        rows=_ordered(ledger, np.flatnonzero(chosen), asked),
        scope=int(scope.sum()),
        gaps=int((scope & (ledger.strings.gaps > 0)).sum()),
        table=_table(ledger, scope),
        macro=_macro(ledger, scope),
        crossed=None if columns is None else _crossed(ledger, scope, *columns),
    )


def _scope(ledger: Ledger, asked: Asked) -> Bools:
    wanted = np.array(
        [
            asked.category in (None, task.category) and asked.task in (None, task.name)
            for task in ledger.tasks
        ],
        bool,
    )
    scope = wanted[ledger.task_of]
    if asked.find.strip():
        scope &= matches(ledger, asked.find)
    if asked.gaps:
        scope &= ledger.strings.gaps > 0
    return scope


def _table(ledger: Ledger, scope: Bools) -> GroupTable:
    groups = ledger.strings.group[scope]
    right, there = ledger.right[scope], ledger.there[scope]
    of_group = [groups == number for number in range(len(GROUPS))]
    return GroupTable(
        sizes=np.array([one.sum() for one in of_group]),
        right=np.array([right[one].sum(axis=0) for one in of_group]),
        there=np.array([there[one].sum(axis=0) for one in of_group]),
    )


def _macro(ledger: Ledger, scope: Bools) -> tuple[float | None, ...]:
    """None where one of the scope's tasks is not there: means of different tasks mislead."""
    task_of = ledger.task_of[scope]
    right, there = ledger.right[scope], ledger.there[scope]
    tasks = np.unique(task_of)
    n = np.array([there[task_of == task].sum(axis=0) for task in tasks])
    hits = np.array([right[task_of == task].sum(axis=0) for task in tasks])
    return tuple(
        100 * float(np.mean(hits[:, column] / n[:, column]))
        if len(tasks) and (n[:, column] > 0).all()
        else None
        for column in range(len(ledger.lams))
    )


def _columns(ledger: Ledger, asked: Asked) -> tuple[int, int] | None:
    """Where the two λ stand; None where one is not measured, or both are the same."""
    if asked.first == asked.second:
        return None
    places = [ledger.lams.index(one) for one in (asked.first, asked.second) if one in ledger.lams]
    return (places[0], places[1]) if len(places) == 2 else None


def _cells(ledger: Ledger, first: int, second: int) -> dict[Cell, Bools]:
    a, b = ledger.right[:, first], ledger.right[:, second]
    together = ledger.there[:, first] & ledger.there[:, second]
    return {
        "both": together & a & b,
        "first": together & a & ~b,
        "second": together & ~a & b,
        "neither": together & ~a & ~b,
        "apart": ~together,
    }


def _crossed(ledger: Ledger, scope: Bools, first: int, second: int) -> Crossed:
    cells = {name: one & scope for name, one in _cells(ledger, first, second).items()}
    balance = cells["first"].astype(np.intp) - cells["second"]
    units = _units(ledger)
    sums = np.bincount(units[scope], balance[scope]) if scope.any() else np.zeros(0)
    compared = units[scope & ~cells["apart"]]
    return Crossed(
        first=ledger.lams[first],
        second=ledger.lams[second],
        both=int(cells["both"].sum()),
        only_first=int(cells["first"].sum()),
        only_second=int(cells["second"].sum()),
        neither=int(cells["neither"].sum()),
        apart=int(cells["apart"].sum()),
        p=exact_p(np.rint(sums).astype(int).tolist()),
        units=len(np.unique(compared)),
    )


@lru_cache(8)
def _units(ledger: Ledger) -> Ints:
    """A number for each passage or template, and for each item that stands alone."""
    numbers: dict[tuple[int, str], int] = {}
    found = np.empty(len(ledger.items), np.intp)
    for row, item in enumerate(ledger.items):
        cluster = _cluster(ledger, row)
        name = f"={item}" if cluster is None else f"c{cluster}"
        # A kind of instruction is no task: its passages may be shared with other kinds.
        task = int(ledger.task_of[row]) if ledger.of == "few-shot" else 0
        found[row] = numbers.setdefault((task, name), len(numbers))
    return found


def _cluster(ledger: Ledger, row: int) -> str | None:
    answer = ledger.any_answer(row)
    one = answer.verdict or answer.record
    return one.cluster if one else None


def _ordered(ledger: Ledger, rows: Ints, asked: Asked) -> Ints:
    """In the order asked for; items without what is sorted by stand last, either way."""
    keys = _keys(ledger, asked)[rows]
    lacking = np.isnan(keys)
    signed = -keys if asked.backwards else keys
    placed: Ints = rows[np.lexsort((rows, np.where(lacking, 0.0, signed), lacking))]
    return placed


def _keys(ledger: Ledger, asked: Asked) -> NDArray[np.float64]:
    strings = ledger.strings
    if asked.sort == "flip":
        never = strings.first_flip == len(ledger.lams)
        return np.where(never, np.nan, strings.first_flip)
    if asked.sort == "flips":
        return -strings.flips.astype(np.float64)
    if asked.sort == "margin":
        return _margins(ledger, asked.first)
    return np.arange(len(ledger.items), dtype=np.float64)


def _margins(ledger: Ledger, lam: Lam | None) -> NDArray[np.float64]:
    """How near the choice was at this λ, whichever side it fell on."""
    if lam not in ledger.lams:
        return np.full(len(ledger.items), np.nan)
    return np.abs(ledger.margins[:, ledger.lams.index(lam)])
