"""The shape of a measured trade-off: one point a λ, with n, intervals and reasons.

Only shapes; `core/reports/trade_off.py` fills them from stored runs. Every value is on the
scale 0–100. A value that could not be had is None and carries its reason.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lam import Lam
from core.reports.outcomes import OutcomeCounts

if TYPE_CHECKING:  # both are made of what stands here, so they import this file
    from core.reports.together import LineItems
    from core.reports.views import FewShot


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval and how it was made (e.g. "bootstrap by item within task, 2000")."""

    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its n; without an interval only when `reason` says why."""

    value: float | None
    n: int
    interval: Interval | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TaskScore:
    """One ICL task at one λ."""

    task: str
    category: str
    form: str  # MC, FMC or G
    shots: int
    metric: str  # acc, acc_norm, exact_match
    chance: float | None  # 0–100; None where chance has no meaning
    score: Measure
    difference: Measure  # to λ=1 of the same pair, paired by item
    run_id: str
    outcomes: OutcomeCounts | None = None  # of written answers; None for choices


@dataclass(frozen=True, slots=True)
class Point:
    """Everything measured at one λ."""

    lam: Lam
    icl: Measure  # macro mean over tasks
    icl_difference: Measure  # to λ=1, paired by item, resampled within task
    win_rate: Measure  # against the named reference; 50 by definition at the reference itself
    win_rate_difference: Measure  # to λ=1
    pass_rate: Measure  # share of instructions with every check passed
    pass_rate_difference: Measure  # to λ=1
    wins: int | None
    draws: int | None
    losses: int | None
    missing: int | None
    tasks: tuple[TaskScore, ...]
    generations_run: str | None


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A pair's measured line under one reference and one judge; points ascend in λ."""

    pair: str
    sweep_id: str
    icl_suite: str
    instruction_suite: str
    reference: str  # "lam:1" or "outputs:<name>"
    reference_label: str  # in words, for the axis
    judge: str
    dtype: str
    points: tuple[Point, ...]
    few_shot: "FewShot"  # the same accuracies seen four ways, for all tasks and each category
    items: "LineItems | None" = None  # what comparisons of many λ are made from
    notes: tuple[str, ...] = ()  # e.g. "λ=0.4 and λ=0.5 share 180 of 200 items"

    def at(self, lam: Lam) -> Point | None:
        """The measured point at exactly this λ, or None."""
        return next((point for point in self.points if point.lam == lam), None)
