"""The logistic regression behind the rate at equal length: features, penalty, fit.

Soft verdicts are fitted as AlpacaEval does it: each row twice, once won and once lost, weighing
its credit. The regression itself is scikit-learn's (liblinear, L1, no intercept). Not here:
when the rate may be shown, and what it means (length_control.py).
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.judges.calibration import Calibration

Floats = NDArray[np.float64]
GRID = np.logspace(-4, 4, 10)  # values of C, AlpacaEval's
FOLDS = 5
GAMED_WEIGHT = 0.1  # λ = 0.2, halved because there are two gamed baselines
FIXED_SEED = 123


class LengthRow(NamedTuple):
    """One judged instruction: the candidate's credit and both answers' lengths."""

    credit: float | None  # 0 lost … 1 won; None without a verdict
    reference_length: int  # characters
    candidate_length: int
    difficulty: float | None = None  # of the instruction, for the full form


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The regression's numbers; gamed rows first, as there (the folds depend on it).

    `features` is (rows × 2 or 3): tanh of the length difference, the difficulty in the full
    form, and 1 for the candidate's own rows.
    """

    features: Floats
    targets: Floats  # 0–1
    importance: Floats
    at_equal_length: Floats  # every instruction, judged or not

    @classmethod
    def of(
        cls,
        rows: Sequence[LengthRow],
        calibration: Calibration | None,
        counts: Floats | None = None,
    ) -> "Design":
        """The design of these rows, each counted `counts` times (once without)."""
        times = np.ones(len(rows)) if counts is None else counts
        gaps = np.array([row.reference_length - row.candidate_length for row in rows], float)
        ones = np.ones(len(rows))
        columns = [np.tanh(gaps / _deviation(gaps, times)), ones]
        if calibration is not None:
            columns.insert(1, np.array([row.difficulty for row in rows], float))
        every = np.column_stack(columns)
        credits = np.array([np.nan if row.credit is None else row.credit for row in rows])
        judged = ~np.isnan(credits) & (times > 0)
        at_equal = every.copy()
        at_equal[:, 0] = 0.0
        parts = [every[judged]], [credits[judged]], [times[judged]]
        if calibration is not None:
            parts[0].insert(0, calibration.features)
            parts[1].insert(0, calibration.preferences)
            parts[2].insert(0, np.full(len(calibration.preferences), GAMED_WEIGHT))
        features, targets, importance = (np.concatenate(part) for part in parts)
        return cls(features, targets, importance, np.repeat(at_equal, times.astype(int), axis=0))

    def best_strength(self) -> float:
        """The C of AlpacaEval's grid with the lowest loss over five folds of rows."""
        from sklearn.model_selection import GroupKFold

        rows = np.arange(len(self.targets))
        # Both copies of a row (see `fit`) lie in one fold there, so the folds are of rows; the
        # grouping is asked of scikit-learn because which row goes where decides the C.
        groups = np.concatenate([rows, rows])
        folds = [
            (np.intersect1d(rows, train), test[test < len(rows)])
            for train, test in GroupKFold(FOLDS).split(groups, groups=groups)
        ]
        losses = np.mean([self._losses(*fold) for fold in folds], axis=0)
        return float(GRID[int(np.argmin(losses))])

    def fit(self, strength: float) -> Floats:
        """The weights under this C. A soft target is two copies, one won and one lost."""
        return self._fit(strength, slice(None), FIXED_SEED)

    def _fit(
        self, strength: float, chosen: NDArray[np.intp] | slice, seed: int | np.random.RandomState
    ) -> Floats:
        from sklearn.linear_model import LogisticRegression

        features, targets = self.features[chosen], self.targets[chosen]
        importance = self.importance[chosen]
        model = LogisticRegression(
            C=strength,
            l1_ratio=1.0,
            solver="liblinear",
            fit_intercept=False,
            random_state=seed,
        )
        with warnings.catch_warnings():
            # A weak penalty converges to 1e-4 in time or is cut at 100 rounds, as there.
            warnings.simplefilter("ignore")
            model.fit(
                np.concatenate([features, features]),
                np.repeat([1, 0], len(features)),
                np.concatenate([importance * targets, importance * (1 - targets)]),
            )
        weights: Floats = model.coef_[0]
        return weights

    def chances(self, weights: Floats) -> Floats:
        """The candidate's chance on each instruction, were the answers equally long."""
        return _sigmoid(self.at_equal_length @ weights)

    def _losses(self, train: NDArray[np.intp], test: NDArray[np.intp]) -> list[float]:
        """Log loss on one fold under each C."""
        # scikit-learn goes through the values of C with one generator; the losses of
        # neighbouring C differ by less than what another shuffling of the solver changes.
        draws = np.random.RandomState(FIXED_SEED)
        return [self._loss(self._fit(c, train, draws), test) for c in GRID]

    def _loss(self, weights: Floats, test: NDArray[np.intp]) -> float:
        found = np.clip(_sigmoid(self.features[test] @ weights), 1e-15, 1 - 1e-15)
        wanted = self.targets[test]
        # Each row stands there twice with one and the same loss, hence once here.
        each = wanted * np.log(found) + (1 - wanted) * np.log(1 - found)
        return float(-np.mean(self.importance[test] * each))


def _deviation(values: Floats, times: Floats) -> float:
    total = times.sum()
    mean = (times * values).sum() / total
    return math.sqrt(float((times * (values - mean) ** 2).sum() / (total - 1)))


def _sigmoid(values: Floats) -> Floats:
    chances: Floats = np.exp(-np.logaddexp(0.0, -values))
    return chances
