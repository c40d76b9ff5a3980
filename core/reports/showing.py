"""Everything a page asks about what is on show of a pair, under one name: `api.showing`.

    asked = showing.Asked(tasks=showing.tasks_of(line, ["Finance", "tw_passages"]))
    showing.guard_words(line)          what is not on the curve, and why

Cheap to import. Not here: numbers (`trade_off.py`), comparisons of λ (`comparing.py`).
"""

from collections.abc import Iterable

from core.reports.asked import ALL, Asked
from core.reports.guard_words import (
    ONE_CURVE,
    apart_words,
    beside_words,
    guard_words,
    options,
    torn_words,
)
from core.reports.overlaid import Held, overlay
from core.reports.points import TradeOff
from core.settings import PUBLISHED, read_settings
from core.store.runs import RunStore

__all__ = [
    "ALL",
    "ONE_CURVE",
    "Asked",
    "Held",
    "apart_words",
    "beside_words",
    "categories",
    "guard_words",
    "lines_read",
    "measured_pairs",
    "options",
    "overlay",
    "tasks_of",
    "torn_words",
]


def categories(line: TradeOff) -> dict[str, tuple[str, ...]]:
    """Category → its tasks, in the suite's order."""
    return {group.name: group.tasks for group in line.few_shot.categories}


def tasks_of(line: TradeOff, names: Iterable[str]) -> frozenset[str]:
    """The tasks that these names of categories and tasks stand for; all of them is empty."""
    known = categories(line)
    every = frozenset(task for tasks in known.values() for task in tasks)
    found = frozenset(task for name in names for task in known.get(name, (name,)))
    return frozenset() if found >= every else found & every


def measured_pairs() -> frozenset[str]:
    """The names of pairs of which a sweep was begun."""
    store = RunStore(read_settings().results, (PUBLISHED,))
    return frozenset(sweep.pair.name for sweep in store.sweeps())


def lines_read() -> int:
    """How many lines were read from records so far: each leaves many objects behind."""
    from core.reports.trade_off import lines_read

    return lines_read()
