"""Original and perturbed problems side by side: who solves which, and what a change costs.

    twins(read_answers(store, original), read_answers(store, perturbed), Measure("pass", 1))

Pairs are matched by family, on those that both parts hold. With several answers an item is
solved with some probability; the 2 × 2 table then holds expected counts, since the answers to
the two problems were drawn independently of each other.
"""

from dataclasses import dataclass

import numpy as np

from core.reports.reasoning import Answers
from core.reports.reasoning_scores import Measure, Told, per_item, told


@dataclass(frozen=True, slots=True)
class TwinRow:
    """One original problem and one of its twins; shares 0–1."""

    family: str
    original: str  # item ids
    perturbed: str
    category: str | None
    original_solved: float
    perturbed_solved: float
    gave_original: float | None  # share of answers that are the original's; None: same answer


@dataclass(frozen=True, slots=True)
class Twins:
    """All pairs of one λ."""

    rows: tuple[TwinRow, ...]
    both: float  # expected counts, together the number of pairs
    only_original: float
    only_perturbed: float
    none: float
    drop: Told  # original − perturbed
    gave_original: Told  # of the pairs whose answers differ

    @property
    def n(self) -> int:
        """Pairs."""
        return len(self.rows)


def twins(original: Answers, perturbed: Answers, measure: Measure) -> Twins:
    """Pair the two parts of one λ."""
    solved = dict(zip(original.families, per_item(original, measure), strict=True))
    names = dict(zip(original.families, original.items, strict=True))
    values = per_item(perturbed, measure)
    rows = tuple(
        TwinRow(
            family=family,
            original=names[family],
            perturbed=item,
            category=perturbed.categories[at],
            original_solved=float(solved[family]),
            perturbed_solved=float(values[at]),
            gave_original=_gave(perturbed, at),
        )
        for at, (item, family) in enumerate(zip(perturbed.items, perturbed.families, strict=True))
        if family in solved
    )
    first = np.array([row.original_solved for row in rows])
    second = np.array([row.perturbed_solved for row in rows])
    flags = [row.gave_original for row in rows if row.gave_original is not None]
    return Twins(
        rows=rows,
        both=float((first * second).sum()),
        only_original=float((first * (1 - second)).sum()),
        only_perturbed=float(((1 - first) * second).sum()),
        none=float(((1 - first) * (1 - second)).sum()),
        drop=told(first - second),
        gave_original=told(flags, share=True),
    )


def _gave(answers: Answers, at: int) -> float | None:
    record = answers.graded[at]
    if record.twin_target is None or not record.as_twin:
        return None
    return sum(map(bool, record.as_twin)) / len(record.as_twin)
