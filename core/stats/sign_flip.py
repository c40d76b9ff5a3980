"""Is a paired mean difference more than chance? A randomisation test, and Holm over several.

If nothing differs, each item's difference could as well have had the other sign. The test flips
signs at random (of whole passages or templates where items share one) and counts how often the
mean over tasks is at least as far from 0 as the measured one. Exact for few items, where a
bootstrap interval claims too much: four items, all gained, give p = 2/16.

Holm's correction is for comparisons with one column that was fixed beforehand. For the best of
several see best.py.
"""

from collections.abc import Sequence

import numpy as np

from core.stats.bootstrap import SEED, Floats, Table, counts, unit_sums

FLIPS = 4999  # the smallest p is 1/5000, so Holm can still say something of 250 λ
_STREAM = 91  # other draws than any task's
_ROUNDING = 1e-9
_CELLS_AT_ONCE = 4_000_000


def sign_flip(differences: Sequence[Table], flips: int = FLIPS) -> list[float | None]:
    """Two-sided p of the mean over tasks, one a column; None where a task has no item.

    `differences` holds one table a task: each column minus the one it is compared with.
    """
    rows = [_weighed(table, len(differences)) for table in differences]
    totals = np.concatenate(rows) if rows else np.empty((0, 0))
    measured = np.abs(totals.sum(axis=0))
    further = np.zeros(totals.shape[1])
    generator = np.random.default_rng([SEED, _STREAM])
    at_once = max(1, _CELLS_AT_ONCE // max(1, len(totals)))
    for start in range(0, flips, at_once):
        size = (min(at_once, flips - start), len(totals))
        signs = 2.0 * generator.integers(0, 2, size=size, dtype=np.int8) - 1.0
        further += (np.abs(signs @ np.nan_to_num(totals)) >= measured - _ROUNDING).sum(axis=0)
    return [
        None if np.isnan(one) else float((count + 1) / (flips + 1))
        for one, count in zip(measured, further, strict=True)
    ]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p values in the same order (Holm 1979); None stays None and is not counted."""
    given = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for done, (p, at) in enumerate(given):
        highest = max(highest, min(1.0, p * (len(given) - done)))
        adjusted[at] = highest
    return adjusted


def _weighed(table: Table, tasks: int) -> Floats:
    """What each unit adds to the mean over tasks; NaN throughout a column without items."""
    held = counts(table).astype(np.float64)
    held[held == 0] = np.nan
    return unit_sums(table) / held / tasks
