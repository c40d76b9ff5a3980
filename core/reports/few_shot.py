"""Few-shot accuracy seen four ways, with both intervals, from one set of draws.

Takes tasks whose items are drawn already (`measures.resample`), so every view, category and
λ rests on the same draws and differences stay paired. Not here: which runs make a table
(`joined.py`, `trade_off.py`); the shapes (`views.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.lam import Lam
from core.reports.measures import (
    ALL_AGREE,
    BY_DEFINITION,
    PERCENT,
    WITHIN_TASK,
    Resampled,
    difference,
    macro_difference,
    macro_mean,
    share,
)
from core.reports.points import Interval, Measure
from core.reports.views import ALL_TASKS, FewShot, Group, Reading, View
from core.stats.bootstrap import (
    RESAMPLES,
    Floats,
    Table,
    macro,
    means,
    resampled_means,
    span_of,
)
from core.stats.by_task import FEWEST_TASKS, drawn_tasks, span_by_task

BY_TASK = f"95 %, bootstrap by task, {RESAMPLES} resamples, expanded percentiles"
TOO_FEW = f"fewer than {FEWEST_TASKS} tasks: too few to draw tasks again"
ZERO = "accuracy at λ=1 is 0, so there is nothing to take a percentage of"
ZERO_DRAWN = "accuracy at λ=1 is 0 in some resamples, so the percentage has no interval"
ONE_CHOICE = "{task} has items with a single choice: guessing is always right there"
TASKS_AGREE = "every task gives the same value, so drawing tasks again shows no spread"


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTask:
    """One task's items, drawn: scores, what guessing gives, and λ=1 on the items of each λ."""

    task: str
    category: str
    scores: Resampled
    chance: Floats  # (λ,) mean of 100/choices over the items that λ has; 0 for generation
    chance_samples: Floats  # (resamples × λ)
    base: Floats  # (λ,) score of λ=1 over the items that both have; NaN without λ=1
    base_samples: Floats


def draw_task(task: str, category: str, scores: Resampled, chance: Table, stream: int) -> DrawnTask:
    """`chance` holds 100/choices an item, in the rows and columns of the scores' table."""
    held = chance.values[~np.isnan(chance.values)]
    average = means(chance)
    same = not held.size or bool((held == held[0]).all())
    drawn = (
        np.broadcast_to(average, scores.samples.shape) if same else resampled_means(chance, stream)
    )
    return DrawnTask(task, category, scores, average, drawn, *beside_instruct(scores, stream))


def few_shot(tasks: Sequence[DrawnTask], lams: Sequence[Lam], together: str = ALL_TASKS) -> FewShot:
    """Every view of all these tasks, under the name `together`, and of each category."""
    names = dict.fromkeys(task.category for task in tasks)
    groups = {name: [task for task in tasks if task.category == name] for name in names}
    return FewShot(
        overall=_Views(together, tasks, lams).group(),
        categories=tuple(_Views(name, held, lams).group() for name, held in groups.items()),
    )


def beside_instruct(scores: Resampled, stream: int) -> tuple[Floats, Floats]:
    """The score of λ=1 beside each λ, on the items that both have."""
    if scores.reference is None or scores.gaps is None:
        return np.full_like(scores.values, np.nan), np.full_like(scores.samples, np.nan)
    at = [scores.reference]
    if not np.isnan(scores.table.values).any():
        value, drawn = scores.values[at], scores.samples[:, at]
        return np.broadcast_to(value, scores.values.shape), np.broadcast_to(
            drawn, scores.samples.shape
        )
    both = np.where(np.isnan(scores.gaps.values), np.nan, scores.table.values[:, at])
    shared = Table(both, scores.table.clusters)
    return means(shared), resampled_means(shared, stream)


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """One view of some tasks at one λ: its value for each task, and drawn by item."""

    by_task: Floats  # (tasks,)
    samples: Floats  # (resamples,) of the mean over tasks


class _Views:
    """The four views of some tasks."""

    def __init__(self, name: str, tasks: Sequence[DrawnTask], lams: Sequence[Lam]) -> None:
        self._name, self._tasks, self._lams = name, tasks, lams
        self._scores = [task.scores for task in tasks]
        self._weights = drawn_tasks(len(tasks))

    def group(self) -> Group:
        read: dict[View, Callable[[int], tuple[Measure, Measure]]] = {
            "absolute": self._absolute,
            "difference": self._difference,
            "fractional": self._fractional,
            "corrected": self._corrected,
        }
        return Group(
            name=self._name,
            tasks=tuple(task.task for task in self._tasks),
            views={
                view: tuple(Reading(lam, *at(column)) for column, lam in enumerate(self._lams))
                for view, at in read.items()
            },
        )

    def _absolute(self, column: int) -> tuple[Measure, Measure]:
        only = self._scores[0] if len(self._scores) == 1 else None
        measure = share(only, column) if only else macro_mean(self._scores, column)
        by_task = np.array([task.values[column] for task in self._scores])
        return measure, self._across(measure, self._weights @ by_task)

    def _difference(self, column: int) -> tuple[Measure, Measure]:
        only = self._scores[0] if len(self._scores) == 1 else None
        measure = difference(only, column) if only else macro_difference(self._scores, column)
        return measure, self._across(measure, self._weights @ self._gaps(column))

    def _fractional(self, column: int) -> tuple[Measure, Measure]:
        gap, _ = self._difference(column)
        base = np.array([task.base[column] for task in self._tasks])
        if gap.value is None:
            return gap, self._across(gap, None)
        if not base.mean() > 0:
            absent = Measure(None, gap.n, reason=ZERO)
            return absent, self._across(absent, None)
        samples = (self._gap_samples(column), self._base_samples(column))
        measure = fraction(gap, float(base.mean()), samples, ZERO_DRAWN)
        drawn = _percent(self._weights @ self._gaps(column), self._weights @ base)
        return measure, self._across(measure, drawn)

    def _corrected(self, column: int) -> tuple[Measure, Measure]:
        plain, _ = self._absolute(column)
        if plain.value is None:
            return plain, self._across(plain, None)
        for task in self._tasks:
            if task.chance[column] >= PERCENT:
                absent = Measure(None, plain.n, reason=ONE_CHOICE.format(task=task.task))
                return absent, self._across(absent, None)
        scores = np.array([task.scores.values[column] for task in self._tasks])
        by_task = above_chance(scores, np.array([task.chance[column] for task in self._tasks]))
        value = float(by_task.mean())
        measure = self._corrected_measure(column, value, plain)
        return measure, self._across(measure, self._weights @ by_task)

    def _corrected_measure(self, column: int, value: float, plain: Measure) -> Measure:
        only = self._tasks[0] if len(self._tasks) == 1 else None
        if only and plain.interval and np.ptp(only.chance_samples[:, column]) == 0:
            # One task with one chance level: a straight line, which Wilson's interval follows.
            ends = np.array([plain.interval.low, plain.interval.high])
            low, high = map(float, above_chance(ends, only.chance[column]))
            return Measure(value, plain.n, Interval(low, high, plain.interval.method))
        drawn = macro(
            [
                above_chance(task.scores.samples[:, column], task.chance_samples[:, column])
                for task in self._tasks
            ]
        )
        return _with_interval(value, plain.n, drawn, ONE_CHOICE.format(task="a task"))

    def _gaps(self, column: int) -> Floats:
        """Each task's difference to λ=1; NaN where there is none."""
        found = [task.gap_values for task in self._scores]
        return np.array([np.nan if one is None else one[column] for one in found])

    def _gap_samples(self, column: int) -> Floats:
        return macro([s.gap_samples[:, column] for s in self._scores if s.gap_samples is not None])

    def _base_samples(self, column: int) -> Floats:
        return macro([task.base_samples[:, column] for task in self._tasks])

    def _across(self, measure: Measure, drawn: Floats | None) -> Measure:
        """The same value with tasks drawn again; n is how many tasks there are."""
        n = len(self._tasks)
        if measure.value is None or drawn is None:
            return Measure(None, n, reason=measure.reason)
        if measure.reason == BY_DEFINITION:
            return Measure(measure.value, n, reason=BY_DEFINITION)
        if n < FEWEST_TASKS:
            return Measure(measure.value, n, reason=TOO_FEW)
        span = span_by_task(drawn, n)
        if span is None:
            return Measure(measure.value, n, reason=ZERO_DRAWN)
        if span.low == span.high:
            return Measure(measure.value, n, reason=TASKS_AGREE)
        return Measure(measure.value, n, Interval(span.low, span.high, BY_TASK))


def above_chance(accuracy: Floats, chance: Floats) -> Floats:
    """(acc − c)/(1 − c) in percent, for percents; NaN where guessing is always right."""
    above, room = accuracy - chance, PERCENT - np.asarray(chance)
    undefined = np.full_like(above, np.nan)
    corrected: Floats = np.divide(PERCENT * above, room, out=undefined, where=room > 0)
    return corrected


def fraction(gap: Measure, base: float, samples: tuple[Floats, Floats], undefined: str) -> Measure:
    """A difference in percent of what λ=1 has; `samples` are those of both, draw by draw."""
    assert gap.value is not None and base > 0
    value = PERCENT * gap.value / base
    if gap.reason is not None:
        return Measure(value, gap.n, None, gap.reason)
    return _with_interval(value, gap.n, _percent(*samples), undefined)


def _percent(gaps: Floats, bases: Floats) -> Floats:
    return np.divide(PERCENT * gaps, bases, out=np.full_like(gaps, np.nan), where=bases > 0)


def _with_interval(value: float, n: int, drawn: Floats, undefined: str) -> Measure:
    span = span_of(drawn)
    if span is None:
        return Measure(value, n, reason=undefined)
    if span.low == span.high:
        return Measure(value, n, reason=ALL_AGREE)
    return Measure(value, n, Interval(span.low, span.high, WITHIN_TASK))
