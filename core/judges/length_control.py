"""Win rate at equal length, as AlpacaEval 2 defines it: a small logistic regression a model.

    logit P(candidate wins) = phi · tanh(d / sd(d)) [+ psi · difficulty] + theta
    length_controlled_winrate = 100 · mean sigmoid([psi · difficulty] + theta)

d is the reference's length minus the candidate's, in characters; sd over all rows, n−1, not
centred. `minimal` is the form without difficulties, for any judge and reference. The full
form, `length_controlled_v1`, also needs the calibration of its judge and baseline
(calibration.py). L1 penalty, no intercept, C by 5-fold cross-validation over the rows, as
alpaca_eval 0.6.6 fits it; its published values move by up to 0.2 points with the version of
scikit-learn, because neighbouring C do equally well. Not here: which rows, and intervals.

    length_controlled(rows).value          # None where it is not shown; then `reason` says why
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.judges.calibration import Calibration
from core.judges.length_fit import FOLDS, Design, Floats, LengthRow

Form = Literal["minimal", "length_controlled_v1"]
SMALLEST_N = 30
LEAST_CREDIT = 5.0  # verdicts' worth on either side; with less, one or two answers decide the fit
LEAST_LONGER, MOST_LONGER = 0.35, 0.65  # beyond, `minimal` extrapolates: up to 28 points off
PERCENT = 100.0
NO_WEIGHT = "the fit gives length no weight; what differs from the raw rate is the penalty's pull"


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """The rate at equal length, in percent; without a value it has a reason."""

    value: float | None
    form: Form
    n: int  # rows with a verdict
    share_longer: float | None  # of the candidate's answers, 0–1; equal lengths count half
    reason: str | None = None
    warning: str | None = None
    phi: float | None = None  # what length is worth: nearly always negative
    psi: float | None = None
    theta: float | None = None
    strength: float | None = None  # C: the inverse of the penalty
    spread: float | None = None  # the full form's lc_standard_error: no sampling error


def length_controlled(
    rows: Sequence[LengthRow], calibration: Calibration | None = None, guarded: bool = True
) -> LengthControlled:
    """The rate at equal length; `guarded=False` shows it wherever it can be computed.

    Rows without a verdict count for sd(d) and for the mean, as in AlpacaEval. With a
    calibration every row needs its difficulty.
    """
    form: Form = "minimal" if calibration is None else "length_controlled_v1"
    n, longer = sum(row.credit is not None for row in rows), share_longer(rows)
    reason = _undefined(rows) or (_unsafe(rows, longer, form) if guarded else None)
    if reason is not None:
        return LengthControlled(None, form, n, longer, reason)
    design = Design.of(rows, calibration)
    strength = design.best_strength()
    weights = design.fit(strength)
    chances = PERCENT * design.chances(weights)
    value = float(chances.mean())
    return LengthControlled(
        value=value,
        form=form,
        n=n,
        share_longer=longer,
        warning=_far_off(raw_rate(rows), value) or (NO_WEIGHT if weights[0] == 0 else None),
        phi=float(weights[0]),
        psi=None if calibration is None else float(weights[1]),
        theta=float(weights[-1]),
        strength=strength,
        spread=None if calibration is None else _spread(chances),
    )


def _spread(chances: Floats) -> float:
    return float(chances.std(ddof=1) / math.sqrt(len(chances)))


def share_longer(rows: Sequence[LengthRow]) -> float | None:
    """The share of the candidate's answers that are longer; equal lengths count half."""
    if not rows:
        return None
    signs = [
        (row.candidate_length > row.reference_length)
        + 0.5 * (row.candidate_length == row.reference_length)
        for row in rows
    ]
    return math.fsum(signs) / len(rows)


def raw_rate(rows: Sequence[LengthRow]) -> float:
    """The win rate without control; there must be a verdict."""
    credits = [row.credit for row in rows if row.credit is not None]
    return PERCENT * math.fsum(credits) / len(credits)


def is_far_off(raw: float, controlled: float) -> bool:
    """AlpacaEval's alarm: more than 10 points, and a quarter of the way to the bound, apart."""
    too_small = controlled < min(raw - raw / 4, raw - 10)
    too_large = controlled > max(raw + (PERCENT - raw) / 4, raw + 10)
    return too_small or too_large


def _far_off(raw: float, controlled: float) -> str | None:
    if not is_far_off(raw, controlled):
        return None
    return (
        f"{controlled:.1f} % at equal length is far from the raw {raw:.1f} %. "
        "The regression may have failed: look at lengths and verdicts together."
    )


def _undefined(rows: Sequence[LengthRow]) -> str | None:
    credits = [row.credit for row in rows if row.credit is not None]
    if len(credits) < FOLDS:
        return f"{len(credits)} verdicts are too few to fit a length effect"
    if len({row.reference_length - row.candidate_length for row in rows}) == 1:
        return "all answers differ in length by the same, so there is nothing to control"
    if len(set(credits)) == 1:
        same = "draws" if credits[0] == 0.5 else "equal"
        return f"all {len(credits)} verdicts are {same}, so length explains nothing"
    return None


def _unsafe(rows: Sequence[LengthRow], longer: float | None, form: Form) -> str | None:
    credits = [row.credit for row in rows if row.credit is not None]
    n, won = len(credits), math.fsum(credits)
    if n < SMALLEST_N:
        return f"{n} verdicts are too few: it is shown from {SMALLEST_N} on"
    if not LEAST_CREDIT <= won <= n - LEAST_CREDIT:
        side = "won" if won < LEAST_CREDIT else "lost"
        least = f"only {min(won, n - won):.3g} of {n} are {side}, draws counted half"
        return f"{least}: too few to see what length does"
    if form == "minimal" and longer is not None and not LEAST_LONGER <= longer <= MOST_LONGER:
        return (
            f"{PERCENT * longer:.0f} % of the answers are longer than the reference's; outside "
            f"{PERCENT * LEAST_LONGER:.0f}–{PERCENT * MOST_LONGER:.0f} % the rate at equal length "
            "would be an extrapolation"
        )
    return None
