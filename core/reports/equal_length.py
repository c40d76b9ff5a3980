"""The win rate at equal length of one judge at one λ, with its error, or why it is not shown.

AlpacaEval's `length_controlled_winrate` in the form that needs no calibration; the full form is
`python -m core winrate --difficulty FILE --gamed FILE`. Not here: the regression itself
(core/judges/length_control.py). It takes about a second, so a page asks for it when a person does.

    equal_length(judged.judges[0].at(Lam(700))).in_words()
"""

from dataclasses import dataclass

from core.judges.length_control import LengthControlled, length_controlled
from core.judges.length_fit import LengthRow
from core.judges.metrics import credit
from core.judges.uncertainty import Spread, length_controlled_spread
from core.reports.judging_points import Compared, JudgedPoint


@dataclass(frozen=True, slots=True)
class EqualLength:
    """The rate in percent, or a reason; `spread` refits the regression at each draw."""

    found: LengthControlled
    spread: Spread | None  # None where there is no rate

    def in_words(self) -> str:
        """One or two sentences for the page."""
        found, spread = self.found, self.spread
        if found.value is None:
            return f"At equal length: not shown, because {found.reason}."
        interval = spread.interval if spread is not None else None
        near = f" (95 % interval {interval.low:.1f} to {interval.high:.1f}," if interval else " ("
        beware = f"; {found.warning.rstrip('.')}" if found.warning else ""
        return f"At equal length: {found.value:.1f} %{near} n = {found.n}){beware}."


def equal_length(point: JudgedPoint) -> EqualLength:
    """Fit and draw again; pairs with a missing output are left out, as they have no length."""
    both = [one for one in point.compared if one.ours is not None and one.theirs is not None]
    rows = [_row(one) for one in both]
    found = length_controlled(rows)
    if found.value is None:
        return EqualLength(found, None)
    return EqualLength(found, length_controlled_spread(rows, None, [one.cluster for one in both]))


def _row(one: Compared) -> LengthRow:
    assert one.ours is not None and one.theirs is not None
    return LengthRow(credit(one.record), len(one.theirs.text), len(one.ours.text))
