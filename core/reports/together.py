"""All λ of a line compared with each other at once, on the items that every one of them has.

    joint = together(line.items, "win_rate")
    joint.together.standings          # one a λ: against λ=1, tied with the best, on the front

Differences to λ=1, which was fixed beforehand, are corrected by Holm; the best is picked from
the data and has a set instead (core/stats/best.py). Few-shot items and instructions are
different items, so the two quantities are drawn independently. Values are on the scale 0–100.
Made once for a line and an upright axis, then kept. Not here: a worth for a point (choosing.py),
words (comparing_words.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.lam import INSTRUCT, Lam
from core.reports.sentences import Side
from core.stats.best import Tied, tied_with_best
from core.stats.bootstrap import Table, counts, differences
from core.stats.draws import Draws, draw
from core.stats.ellipse import Ellipse, upright
from core.stats.front import front_shares, on_front
from core.stats.sign_flip import holm, sign_flip
from core.stats.worth import Halves, halves

KEPT = 64
ICL_STREAM, FOLLOW_STREAM = 1, 0  # as each quantity is drawn alone
NO_ITEMS = "no items are stored for this line"
FEW_LAMS = "fewer than two λ are measured on both sides"
FEW_UNITS = "some task has fewer than two items or passages that every λ has"
ALL_EQUAL = "all items agree there, so drawing them again shows no spread"


@dataclass(frozen=True, slots=True, eq=False)
class LineItems:
    """What every item was worth at every λ: one table a task, items × `lams`, NaN is absent."""

    lams: tuple[Lam, ...]
    tasks: tuple[Table, ...]
    wins: Table
    passes: Table
    reference: Lam | None  # the λ whose answers are the reference: 50 by definition
    seconds_per_item: float | None  # of a few-shot item; None where no time was kept


@dataclass(frozen=True, slots=True)
class Standing:
    """One λ among all of them."""

    lam: Lam
    icl: float
    follow: float
    icl_p: float | None  # against λ=1, Holm over the other λ; None at λ=1 and without it
    follow_p: float | None
    best_icl: bool  # cannot be told from the best
    best_follow: bool
    on_front: bool  # by the measured values
    front_share: float  # of resamples, 0–1
    region: Ellipse | None  # 95 %, both coordinates together
    no_region: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """The draws that every comparison rests on, and what follows from them."""

    side: Side
    lams: tuple[Lam, ...]  # those measured on both sides
    left_out: tuple[Lam, ...]
    icl: Draws
    follow: Draws
    split: Halves
    one: int | None  # the column of λ=1
    best_icl: Tied
    best_follow: Tied
    standings: tuple[Standing, ...]
    seconds_per_item: float | None

    def column(self, lam: Lam) -> int | None:
        """Where this λ stands; None when it is not among those compared."""
        return self.lams.index(lam) if lam in self.lams else None


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """A comparison, or the reason for having none."""

    together: Together | None
    reason: str | None = None


@lru_cache(KEPT)
def together(items: LineItems | None, side: Side) -> Joint:
    """Compare every λ that has few-shot items of every task and instructions (under a second)."""
    if items is None:
        return Joint(None, NO_ITEMS)
    table = items.wins if side == "win_rate" else items.passes
    whole = _whole((*items.tasks, table), len(items.lams))
    if len(whole) < 2:
        return Joint(None, FEW_LAMS)
    icl = draw(items.tasks, whole, ICL_STREAM)
    follow = draw((table,), whole, FOLLOW_STREAM)
    if icl is None or follow is None:
        return Joint(None, FEW_UNITS)
    return Joint(_compared(items, side, whole, icl, follow))


def _whole(tables: Sequence[Table], columns: int) -> tuple[int, ...]:
    held = np.array([counts(table) for table in tables]).reshape(len(tables), columns)
    return tuple(int(column) for column in np.flatnonzero((held > 0).all(axis=0)))


def _compared(
    items: LineItems, side: Side, whole: tuple[int, ...], icl: Draws, follow: Draws
) -> Together:
    lams = tuple(items.lams[column] for column in whole)
    best_icl = tied_with_best(icl.values, icl.samples)
    best_follow = tied_with_best(follow.values, follow.samples)
    one = lams.index(INSTRUCT) if INSTRUCT in lams else None
    fixed = items.reference if side == "win_rate" else None
    return Together(
        side=side,
        lams=lams,
        left_out=tuple(lam for lam in items.lams if lam not in lams),
        icl=icl,
        follow=follow,
        split=halves(icl, follow),
        one=one,
        best_icl=best_icl,
        best_follow=best_follow,
        standings=_standings(lams, (icl, follow), (best_icl, best_follow), (one, fixed)),
        seconds_per_item=items.seconds_per_item,
    )


def _standings(
    lams: tuple[Lam, ...],
    drawn: tuple[Draws, Draws],
    best: tuple[Tied, Tied],
    known: tuple[int | None, Lam | None],
) -> tuple[Standing, ...]:
    (icl, follow), (one, fixed) = drawn, known
    icl_p, follow_p = _against(icl, one), _against(follow, one)
    front = on_front(icl.values, follow.values)
    shares = front_shares(icl.samples, follow.samples)
    return tuple(
        Standing(
            lam=lam,
            icl=float(icl.values[at]),
            follow=float(follow.values[at]),
            icl_p=icl_p[at],
            follow_p=follow_p[at],
            best_icl=at in best[0].members,
            best_follow=at in best[1].members,
            on_front=bool(front[at]),
            front_share=float(shares[at]),
            region=(region := _region(icl, follow, at, lam == fixed)),
            no_region=None if region else ALL_EQUAL,
        )
        for at, lam in enumerate(lams)
    )


def _against(drawn: Draws, one: int | None) -> list[float | None]:
    """Holm's p of each λ against λ=1; None at λ=1 itself, and without it."""
    absent: list[float | None] = [None] * len(drawn.values)
    if one is None:
        return absent
    p_values = sign_flip([differences(table, one) for table in drawn.tables])
    others = [column for column in range(len(absent)) if column != one]
    for column, p in zip(others, holm([p_values[column] for column in others]), strict=True):
        absent[column] = p
    return absent


def _region(icl: Draws, follow: Draws, at: int, fixed: bool) -> Ellipse | None:
    """Upright: no item is shared. A line where following is 50 by definition."""
    across, up = float(icl.errors[at]), float(follow.errors[at])
    if across == 0.0 or (up == 0.0 and not fixed):
        return None
    return upright(float(icl.values[at]), float(follow.values[at]), across, up)
