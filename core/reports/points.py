"""The shape of a measured trade-off: one point a λ, with n, intervals and reasons.

Only shapes; `core/reports/trade_off.py` fills them from stored runs. Every value is on the
scale 0–100. A value that could not be had is None and carries its reason.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lam import Lam
from core.reports.outcomes import OutcomeCounts

if TYPE_CHECKING:  # they are made of what stands here, so they import this file
    from core.reports.following import Following
    from core.reports.together import LineItems
    from core.reports.views import FewShot
    from core.reports.yardstick import Difference, Made


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
class Other:
    """Another measurement of the same pair, which does not stand on this curve."""

    key: str  # by which it can be shown instead
    lams: tuple[Lam, ...]  # measured on both sides; on either where there are none
    missing: tuple[Lam, ...]  # those of them of which this curve lacks something
    sides: tuple[str, ...]  # and what it lacks of them
    differs: "tuple[Difference, ...]"
    points: tuple[Point, ...] = ()  # the same questions on another machine: drawn apart

    def at(self, lam: Lam) -> Point | None:
        """Its point at exactly this λ, where it may be drawn at all."""
        return next((point for point in self.points if point.lam == lam), None)


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
    following: "Following | None" = None  # win rate, pass rate, lengths: each seen three ways
    made: "Made | None" = None  # what it was measured with
    key: str = ""  # of this measurement among the pair's
    others: tuple[Other, ...] = ()
    of_tasks: int | None = None  # how many the suite has, where only some are shown

    @property
    def filtered(self) -> bool:
        """Whether few-shot numbers rest on some of the suite's tasks only."""
        return self.of_tasks is not None

    @property
    def tasks_text(self) -> str:
        """Which tasks the few-shot mean is over: "12 tasks", or "3 of 12 tasks"."""
        shown = len(self.few_shot.overall.tasks)
        return f"{shown} tasks" if self.of_tasks is None else f"{shown} of {self.of_tasks} tasks"

    def apart(self, lam: Lam) -> Other | None:
        """The measurement that has this λ where the curve has not, to be drawn apart."""
        return next((one for one in self.others if lam in one.missing and one.at(lam)), None)

    def at(self, lam: Lam) -> Point | None:
        """The measured point at exactly this λ, or None."""
        return next((point for point in self.points if point.lam == lam), None)
