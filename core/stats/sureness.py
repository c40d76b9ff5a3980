"""How far a number that says how sure an answer is can be trusted.

A margin such as Δ confidence is no probability: what can be asked of it is whether right answers
have larger ones (AUROC) and what is gained by keeping silent where it is small (risk–coverage).
Expected calibration error is for numbers that claim to be probabilities: a share of votes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.stats.bootstrap import Floats

BINS = 10
ONE_CLASS = "all answers are right, or none is"
NOTHING = "no answer has one"


@dataclass(frozen=True, slots=True)
class Told:
    """A number, or the reason for having none; and of how many answers."""

    value: float | None
    n: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Share of wrong answers among the surest ones, by the share that is answered."""

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    n: int


def auroc(scores: Sequence[float], correct: Sequence[bool]) -> Told:
    """The chance that a right answer has the larger score than a wrong one."""
    n = len(scores)
    if not n:
        return Told(None, 0, NOTHING)
    if len(set(map(bool, correct))) < 2:
        return Told(None, n, ONE_CLASS)
    from sklearn.metrics import roc_auc_score  # a second of imports

    return Told(float(roc_auc_score(list(correct), list(scores))), n)


def risk_coverage(scores: Sequence[float], correct: Sequence[bool]) -> RiskCoverage:
    """Answer the surest first; equal scores are answered together."""
    n = len(scores)
    if not n:
        return RiskCoverage((), (), 0)
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    sorted_scores = np.asarray(scores, dtype=np.float64)[order]
    wrong = np.cumsum(~np.asarray(correct, dtype=bool)[order])
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), n - 1)
    coverage, risk = (last + 1) / n, wrong[last] / (last + 1)
    return RiskCoverage(tuple(map(float, coverage)), tuple(map(float, risk)), n)


def calibration_error(
    probabilities: Sequence[float], correct: Sequence[bool], bins: int = BINS
) -> Told:
    """Mean distance of claimed and true shares over equally wide bins, weighed by their answers."""
    n = len(probabilities)
    if not n:
        return Told(None, 0, NOTHING)
    claimed: Floats = np.asarray(probabilities, dtype=np.float64)
    right = np.asarray(correct, dtype=np.float64)
    place = np.minimum((claimed * bins).astype(int), bins - 1)
    gaps = [
        abs(claimed[place == at].mean() - right[place == at].mean()) * (place == at).sum()
        for at in range(bins)
        if (place == at).any()
    ]
    return Told(float(sum(gaps) / n), n)
