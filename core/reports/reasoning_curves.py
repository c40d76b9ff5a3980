"""Curves over the number of answers, of tokens, or of seconds; and what Δ confidence is worth.

curve(answers, "pass")                  pass@1 … pass@n, or any of the first 1 … n branches
where_they_cross(base, instruct)        the k of the crossing, with its interval
at_budget(answers, "cot-max", 200)      what 200 tokens an item buy
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.evals.reasoning_summary import chosen_by_delta, chosen_by_sum
from core.reports.reasoning import Answers
from core.reports.reasoning_scores import Kind, Measure, Told, per_item, together, told
from core.stats.bootstrap import Floats
from core.stats.crossing import Crossing, crossing
from core.stats.pass_at_k import maj_at_k, vote_share
from core.stats.sureness import RiskCoverage, auroc, calibration_error, risk_coverage
from core.stats.sureness import Told as Sureness


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One k of a curve, and what k answers cost on average."""

    k: int
    score: Told
    tokens: float  # mean tokens an item of the first k answers
    seconds: float | None  # the same in seconds of the machine; None where not kept


def curve(answers: Answers, kind: Kind = "pass") -> tuple[CurvePoint, ...]:
    """Every k from 1 to n."""
    tokens = answers.tokens.cumsum(axis=1).mean(axis=0)
    seconds = answers.seconds.cumsum(axis=1).mean(axis=0)
    return tuple(
        CurvePoint(
            k,
            told(per_item(answers, Measure(kind, k)), share=True),
            float(tokens[k - 1]),
            None if np.isnan(seconds[k - 1]) else float(seconds[k - 1]),
        )
        for k in range(1, answers.n + 1)
    )


def where_they_cross(first: Answers, second: Answers, kind: Kind = "pass") -> Crossing:
    """The k at which the two curves cross, on the items and the k that both have."""
    if first.run.independent != second.run.independent:
        return Crossing(
            None, None, None, "samples and branches have no common k: their curves do not compare"
        )
    one, other = together(first, second)
    n = min(one.n, other.n)
    rows = [
        np.stack([per_item(own, Measure(kind, k)) for k in range(1, n + 1)], axis=1)
        for own in (one, other)
    ]
    return crossing(rows[0], rows[1])


def at_budget(answers: Answers, kind: Kind, tokens: int) -> Told:
    """The measure when an item's answers may take so many tokens together.

    The first answers whose tokens fit are taken; an item of which not even the first one fits
    has no answer, which is wrong. Of samples pass counts "any that fits", with no estimator.
    """
    fits = (answers.tokens.cumsum(axis=1) <= tokens).sum(axis=1)
    return told([_bought(answers, at, int(k), kind) for at, k in enumerate(fits)], share=True)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What so many tokens an item buy from branches and from samples of one model."""

    tokens: int
    cot_max: Told  # of branches: the answer with the largest Δ
    cot_sum: Told  # the answer with the largest sum of Δ
    majority: Told  # of samples: the most frequent answer


def equal_budget(branches: Answers, samples: Answers) -> tuple[BudgetRow, ...]:
    """CoT-decoding against a majority of samples, token for token, on the items of both.

    The budgets are what 1, 2, 4 … branches cost on average.
    """
    one, other = together(branches, samples)
    costs = one.tokens.cumsum(axis=1).mean(axis=0)
    ks = sorted({2**power for power in range(10) if 2**power < one.n} | {one.n})
    budgets = [math.ceil(costs[k - 1]) for k in ks]
    return tuple(
        BudgetRow(
            tokens,
            at_budget(one, "cot-max", tokens),
            at_budget(one, "cot-sum", tokens),
            at_budget(other, "maj", tokens),
        )
        for tokens in budgets
    )


def _bought(answers: Answers, at: int, k: int, kind: Kind) -> float:
    if k == 0:
        return 0.0
    own = answers.right[at]
    if kind == "pass":
        return float(own[:k].any())
    if kind == "maj":
        return maj_at_k(answers.extracted[at].keys[:k], own[:k].tolist(), k, at)
    choose = chosen_by_delta if kind == "cot-max" else chosen_by_sum
    place = choose(answers.extracted[at], k)
    return 0.0 if place is None else float(own[place])


def delta_auroc(answers: Answers) -> Sureness:
    """Whether right branches have the larger Δ."""
    return auroc(*_deltas(answers))


def delta_risk(answers: Answers) -> RiskCoverage:
    """What is gained by keeping silent where Δ is small: of each item's surest branch."""
    scores: list[float] = []
    right: list[bool] = []
    for one, own in zip(answers.extracted, answers.right, strict=True):
        place = chosen_by_delta(one)
        value = None if place is None else one.deltas[place]
        if place is not None and value is not None:
            scores.append(value)
            right.append(bool(own[place]))
    return risk_coverage(scores, right)


def vote_calibration(answers: Answers) -> Sureness:
    """Expected calibration error of the share of votes of each item's most frequent answer."""
    shares: list[float] = []
    right: list[bool] = []
    for one, own in zip(answers.extracted, answers.right, strict=True):
        best = vote_share(one.keys)
        if best is not None:
            shares.append(best[1])
            right.append(bool(own[one.keys.index(best[0])]))
    return calibration_error(shares, right)


def _deltas(answers: Answers) -> tuple[Sequence[float], Sequence[bool]]:
    both = zip(answers.extracted, answers.right, strict=True)
    held = [(v, bool(own[at])) for one, own in both for at, v in enumerate(one.deltas)
            if v is not None]  # fmt: skip
    return [value for value, _ in held], [right for _, right in held]


def curve_values(points: Sequence[CurvePoint]) -> Floats:
    """The curve's values alone; NaN where one is absent."""
    return np.array([np.nan if p.score.value is None else p.score.value for p in points])
