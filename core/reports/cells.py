"""From stored records to tables of items × λ: what each item is worth in percent.

Not here: which runs make a line (`joined.py`), and numbers with intervals (`measures.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

import numpy as np

from core.lam import Lam
from core.reports.joined import ByLam
from core.reports.measures import PERCENT
from core.stats.bootstrap import Table
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import TaskLine

Cell = tuple[str | None, float | None]  # cluster, value
Column = Mapping[str, Cell]  # by item


def table(columns: Mapping[str, Column], lams: Sequence[Lam]) -> Table:
    """Columns by λ's text; items in the order of their names, so that draws are the same."""
    clusters = {item: cell[0] for column in columns.values() for item, cell in column.items()}
    rows = {item: row for row, item in enumerate(sorted(clusters))}
    values = np.full((len(rows), len(lams)), np.nan)
    for at, lam in enumerate(lams):
        for item, (_, value) in columns.get(str(lam), {}).items():
            values[rows[item], at] = np.nan if value is None else value
    return Table(values, cluster_numbers([clusters[item] for item in rows]))


def scored(store: RunStore, run: Stored) -> list[IclRecord]:
    """Each item once: a run that two processes wrote may say an item twice."""
    found = (one for one in store.records_of(run) if isinstance(one, IclRecord))
    return list({one.item: one for one in found}.values())


def judged(store: RunStore, run: Stored) -> list[JudgmentRecord]:
    """Every verdict of a run."""
    return [one for one in store.records_of(run) if isinstance(one, JudgmentRecord)]


def metric(records: Iterable[IclRecord], name: str) -> Column:
    """The metric of each item."""
    return {one.item: (one.cluster, PERCENT * one.metrics[name]) for one in records}


def guessing(records: Iterable[IclRecord]) -> Column:
    """What guessing among an item's choices gives; nothing where it is generated."""
    return {one.item: (one.cluster, _guess(one)) for one in records}


def preferences(records: Iterable[JudgmentRecord]) -> Column:
    """100 where the candidate was preferred, 0 where the reference was."""
    return {one.item: (one.cluster, _won(one.preference)) for one in records}


def passes(records: Iterable[JudgmentRecord]) -> Column:
    """100 where every check passed."""
    return {one.item: (one.cluster, _passed(one.candidate_passed)) for one in records}


def answer_lengths(store: RunStore, runs: ByLam) -> dict[str, Column]:
    """Characters of each answer, by λ."""
    return {
        lam: {one.item: (one.cluster, float(len(one.output))) for one in _answers(store, run)}
        for lam, run in runs.items()
    }


def answers_cut(store: RunStore, runs: ByLam) -> dict[str, Column]:
    """100 where an answer ran out of tokens, by λ."""
    return {
        lam: {
            one.item: (one.cluster, PERCENT * (one.finish == "length"))
            for one in _answers(store, run)
        }
        for lam, run in runs.items()
    }


def chance(line: TaskLine, records: Sequence[IclRecord]) -> float | None:
    """As the suite says, else the mean of 1/choices over the items; None where text is asked."""
    if line.chance is not None:
        return PERCENT * line.chance
    guesses = [1 / len(record.choices) for record in records if len(record.choices) > 1]
    return PERCENT * fsum(guesses) / len(guesses) if guesses else None


def cluster_numbers(
    clusters: Sequence[str | None],
) -> "np.ndarray[tuple[int], np.dtype[np.intp]] | None":
    """Cluster numbers 0 … k−1 by first appearance; an item without one stands alone."""
    if not any(cluster is not None for cluster in clusters):
        return None
    numbers: dict[str, int] = {}
    names = [f"={row}" if name is None else f"c{name}" for row, name in enumerate(clusters)]
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)


def _answers(store: RunStore, run: Stored) -> Iterable[GenerationRecord]:
    return (one for one in store.records_of(run) if isinstance(one, GenerationRecord))


def _guess(record: IclRecord) -> float:
    """One text whose likelihood is asked is no choice: nothing can be guessed."""
    return PERCENT / len(record.choices) if len(record.choices) > 1 else 0.0


def _won(preference: float | None) -> float | None:
    return None if preference is None else PERCENT * (preference - 1)


def _passed(passed: bool | None) -> float | None:
    return None if passed is None else PERCENT * passed
