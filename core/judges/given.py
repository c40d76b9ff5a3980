"""What a person gives beside annotations: outputs, the reference's outputs, a calibration.

From these and the annotations follow both lengths of each row and the difficulty of its
instruction, or the reason why the rate at equal length cannot be had. Not here: rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.judges.annotations import Annotation
from core.judges.calibration import Calibration
from core.judges.length_fit import LengthRow
from core.judges.metrics import credit_of
from core.tasks.outputs import OutputRow

NO_TEXTS = "the lengths of {n} answers are not known: give the texts with --outputs and --reference"
NO_CALIBRATION = (
    "the official form needs the calibration of this judge and baseline: "
    "give --difficulty and --gamed"
)
BY_PLACE = (
    "difficulties go by place in the evaluation set: give the baseline's outputs in that order "
    "with --reference, or go by row with --official"
)
OTHER_SET = "{n} instructions are not among the {known} that the difficulties belong to"
TWO_SETS = (
    "the reference has {n} outputs and there are {known} difficulties: they do not belong together"
)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known beside the annotations."""

    outputs: Sequence[OutputRow] = ()  # the model's
    reference: Sequence[OutputRow] = ()  # the reference's, in the order of the evaluation set
    calibration: Calibration | None = None
    official: bool = False
    ours: Mapping[str, str] = field(init=False)  # by instruction
    theirs: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        for name, rows in (("ours", self.outputs), ("theirs", self.reference)):
            object.__setattr__(self, name, {row.instruction: row.output for row in rows})

    def texts(self, row: Annotation) -> tuple[str | None, str | None]:
        """The reference's text and the model's; what was judged goes before what is given."""
        one, two = row.output_1, row.output_2
        return (
            self.theirs.get(row.instruction) if one is None else one,
            self.ours.get(row.instruction) if two is None else two,
        )

    def length_rows(self, rows: Sequence[Annotation]) -> tuple[list[LengthRow], str | None]:
        """The rows of the regression, or the reason why there are none."""
        both = [self.texts(row) for row in rows]
        unknown = sum(None in pair for pair in both)
        difficulties, reason = self._difficulties(rows)
        if unknown:
            reason = NO_TEXTS.format(n=unknown)
        if reason is not None:
            return [], reason
        return [
            LengthRow(credit_of(row.preference), len(theirs or ""), len(ours or ""), hard)
            for row, (theirs, ours), hard in zip(rows, both, difficulties, strict=True)
        ], None

    def _difficulties(
        self, rows: Sequence[Annotation]
    ) -> tuple[Sequence[float | None], str | None]:
        """One a row, or a reason; None each without a calibration."""
        if self.calibration is None:
            return [None] * len(rows), NO_CALIBRATION if self.official else None
        known = self.calibration.difficulties
        if self.official:  # by row, whatever the row is about: as on the leaderboard
            over = len(rows) - len(known)
            return known[: len(rows)], _other_set(over, len(known))
        if not self.reference:
            return [], BY_PLACE
        if len(self.reference) != len(known):
            return [], TWO_SETS.format(n=len(self.reference), known=len(known))
        places = {row.instruction: place for place, row in enumerate(self.reference)}
        found = [places.get(row.instruction) for row in rows]
        reason = _other_set(found.count(None), len(known))
        return [None if place is None else known[place] for place in found], reason


def _other_set(n: int, known: int) -> str | None:
    return OTHER_SET.format(n=n, known=known) if n > 0 else None
