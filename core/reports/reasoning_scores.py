"""Accuracies of reasoning runs and their paired differences, with intervals by drawing items.

    score(answers, Measure("pass", 1))
    difference(instruct, base, Measure("pass", 8))
    difference_of_differences((i_new, b_new), (i_old, b_old), Measure("pass", 1))

pass@k is told of independent samples; of branches "any of the first k branches". Values are
0–1. Differences are paired by item; those between parts by family of twins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import InputError
from core.evals.reasoning_summary import chosen_by_delta, chosen_by_sum
from core.reports.reasoning import Answers
from core.stats.bootstrap import Floats, Table, resampled_means
from core.stats.few_units import span_by_units
from core.stats.pass_at_k import maj_at_k, pass_at_k
from core.stats.span import Span
from core.stats.wilson import wilson

Kind = Literal["pass", "maj", "cot-max", "cot-sum"]
NO_ITEMS = "no item is in both"
ALIKE = "the same on every item, which shows no spread to draw from"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is told of a pool of answers, with its k."""

    kind: Kind
    k: int

    def name(self, answers: Answers) -> str:
        """As the field calls it; branches have no pass@k."""
        if self.kind == "pass":
            branched = f"any of the first {self.k} branches"
            return f"pass@{self.k}" if answers.run.independent else branched
        names = {"maj": "maj", "cot-max": "CoT-decoding (max)", "cot-sum": "CoT-decoding (sum)"}
        return f"{names[self.kind]}@{self.k}"


@dataclass(frozen=True, slots=True)
class Told:
    """A mean or a difference of means; None with the reason."""

    value: float | None
    interval: Span | None
    n: int  # items
    reason: str | None = None


def per_item(answers: Answers, measure: Measure) -> Floats:
    """The measure of every item, 0–1.

    Raises:
        InputError: k is more than there are answers, or Δ is asked of samples.
    """
    if not 1 <= measure.k <= answers.n:
        raise InputError(
            f"k = {measure.k} cannot be told of {answers.n} answers. Give k from 1 to {answers.n}."
        )
    if measure.kind == "pass":
        return _passes(answers, measure.k)
    if measure.kind == "maj":
        rows = enumerate(zip(answers.extracted, answers.right.tolist(), strict=True))
        return np.array([maj_at_k(one.keys, own, measure.k, at) for at, (one, own) in rows])
    if answers.run.independent:
        raise InputError("CoT-decoding chooses among branches, and these are samples.")
    choose = chosen_by_delta if measure.kind == "cot-max" else chosen_by_sum
    places = [choose(one, measure.k) for one in answers.extracted]
    hits = zip(places, answers.right, strict=True)
    return np.array([0.0 if at is None else float(own[at]) for at, own in hits])


def _passes(answers: Answers, k: int) -> Floats:
    if not answers.run.independent:
        return np.array(answers.right[:, :k].any(axis=1), dtype=np.float64)
    counts = answers.right.sum(axis=1)
    return np.array([pass_at_k(answers.n, int(c), k) for c in counts])


def score(answers: Answers, measure: Measure) -> Told:
    """The mean over items."""
    return told(per_item(answers, measure), share=True)


def by_category(answers: Answers, measure: Measure) -> dict[str, Told]:
    """The mean of each category, in alphabetical order; items without one are left out."""
    values = per_item(answers, measure)
    names = sorted({name for name in answers.categories if name is not None})
    categories = answers.categories
    return {name: told(values[[own == name for own in categories]], share=True) for name in names}


def difference(first: Answers, second: Answers, measure: Measure) -> Told:
    """First minus second on the items that both have."""
    one, other = together(first, second)
    if not one.items:
        return Told(None, None, 0, NO_ITEMS)
    return told(per_item(one, measure) - per_item(other, measure))


def category_differences(first: Answers, second: Answers, measure: Measure) -> dict[str, Told]:
    """First minus second within each category."""
    one, other = together(first, second)
    gaps = per_item(one, measure) - per_item(other, measure)
    names = sorted({name for name in one.categories if name is not None})
    return {name: told(gaps[[c == name for c in one.categories]]) for name in names}


def difference_of_differences(
    changed: tuple[Answers, Answers], original: tuple[Answers, Answers], measure: Measure
) -> Told:
    """(instruct − base) on the changed part minus the same on the original, by family of twins."""
    gaps = [_family_gaps(*pair, measure) for pair in (changed, original)]
    shared = [family for family in gaps[0] if family in gaps[1]]
    if not shared:
        return Told(None, None, 0, "no problem of the one part has a twin in the other")
    return told(np.array([gaps[0][family] - gaps[1][family] for family in shared]))


def _family_gaps(first: Answers, second: Answers, measure: Measure) -> dict[str, float]:
    """The difference of each family; the mean where it has several problems in the part."""
    one, other = together(first, second)
    gaps = per_item(one, measure) - per_item(other, measure)
    held: dict[str, list[float]] = {}
    for family, gap in zip(one.families, gaps, strict=True):
        held.setdefault(family, []).append(float(gap))
    return {family: sum(own) / len(own) for family, own in held.items()}


def together(first: Answers, second: Answers) -> tuple[Answers, Answers]:
    """Both on the items that they share, in the first one's order."""
    places = {item: at for at, item in enumerate(second.items)}
    shared = [(at, places[item]) for at, item in enumerate(first.items) if item in places]
    return first.only([a for a, _ in shared]), second.only([b for _, b in shared])


def told(values: Floats | Sequence[float], share: bool = False) -> Told:
    """The mean of these items' values with its interval.

    A share of successes keeps to 0–1. Where every item says the same, drawing items shows no
    spread at all: a share then gets Wilson's interval, and a difference none.
    """
    column = np.asarray(values, dtype=np.float64)[:, None]
    if not len(column):
        return Told(None, None, 0, "there are no items")
    value = float(column.mean())
    if len(column) > 1 and not np.ptp(column):
        exact = wilson(min(max(float(column.sum()), 0.0), len(column)), len(column))
        return Told(value, exact if share else None, len(column), None if share else ALIKE)
    samples = resampled_means(Table(column))[:, 0]
    interval = span_by_units(value, samples, len(column))
    if interval is not None and share:
        interval = Span(max(0.0, interval.low), min(1.0, interval.high))
    reason = None if interval is not None else "one item shows no spread"
    return Told(value, interval, len(column), reason)
