"""The shape of few-shot accuracy seen four ways, for all tasks and for each category.

Only shapes; `core/reports/few_shot.py` fills them. Every reading has two intervals under
names of their own: items drawn again with the tasks fixed (the headline), and tasks drawn
again (what another suite of such tasks could give).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.lam import Lam
from core.reports.points import Measure

View = Literal["absolute", "difference", "fractional", "corrected"]
VIEWS: tuple[View, ...] = ("absolute", "difference", "fractional", "corrected")
ALL_TASKS = "All tasks"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value at one λ, and how far it could be off for two different reasons."""

    lam: Lam
    measure: Measure  # tasks fixed, items drawn again
    across_tasks: Measure  # the same value; n counts tasks, and tasks are drawn again


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Tasks that are averaged, each weighing the same; every view over ascending λ.

    absolute: mean accuracy, %. difference: to λ=1, points. fractional: that difference in
    percent of the accuracy at λ=1. corrected: mean of (acc − c)/(1 − c), %, where c is what
    guessing among the choices would give; not clipped, so that below chance is below 0.
    """

    name: str
    tasks: tuple[str, ...]
    views: Mapping[View, tuple[Reading, ...]]

    def at(self, view: View, lam: Lam) -> Reading | None:
        """The reading at exactly this λ, or None."""
        return next((one for one in self.views[view] if one.lam == lam), None)


@dataclass(frozen=True, slots=True, eq=False)
class FewShot:
    """All tasks, and the categories in the suite's order."""

    overall: Group
    categories: tuple[Group, ...]
