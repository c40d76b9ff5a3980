"""From annotations to the rates of a model, as the official leaderboard scores them.

One `Scored` for each (annotator, reference, model) of the annotations. What AlpacaEval does in
silence is said: missing verdicts, repeated instructions, texts without a partner. `official`
goes by row where AlpacaEval does, shows the length-controlled rate without a guard, and adds
nothing; without it, the rate at equal length is shown only where it is defined. Not here:
reading files, and the leaderboard (leaderboard.py).

    score(read_annotations(path), Given())
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.errors import InputError
from core.judges.annotations import Annotation
from core.judges.given import Given
from core.judges.length_control import Form, LengthControlled, length_controlled
from core.judges.metrics import WinRate, credit_of, rates
from core.judges.uncertainty import (
    Difference,
    Spread,
    length_controlled_spread,
    paired_difference,
    win_rate_spread,
)
from core.tasks.outputs import OutputRow

ITSELF = "50 by definition: the model is the reference itself"
Credits = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Scored:
    """A model's rates under one judge, against one reference."""

    model: str
    reference: str
    annotator: str
    rates: WinRate
    spread: Spread
    length_controlled: LengthControlled
    length_controlled_spread: Spread
    avg_length: int | None  # characters of the model's outputs, cut to a whole number
    reference_length: int | None
    credits: Credits  # by instruction
    notes: tuple[str, ...] = ()


def score(annotations: Sequence[Annotation], given: Given) -> tuple[Scored, ...]:
    """Every model's rates, in the order in which they appear.

    Raises:
        InputError: outputs of one model are given for annotations of several.
    """
    groups: dict[tuple[str, str, str], list[Annotation]] = {}
    for one in annotations:
        groups.setdefault((one.annotator, one.generator_1, one.generator_2), []).append(one)
    models = sorted({model for _, _, model in groups})
    if given.outputs and len(models) > 1:
        raise InputError(
            f"The annotations are about several models ({', '.join(models)[:200]}) and the "
            "outputs are of one. Score one model at a time, or leave --outputs out."
        )
    return tuple(_scored(rows, given) for rows in groups.values())


def difference(one: Scored, other: Scored) -> Difference:
    """One win rate minus another, over the instructions that both have a verdict on."""
    common = sorted(set(one.credits) & set(other.credits))
    return paired_difference(
        [one.credits[text] for text in common], [other.credits[text] for text in common]
    )


def _scored(judged: Sequence[Annotation], given: Given) -> Scored:
    rows = list(judged) if given.official else [*judged, *_unjudged(judged, given.outputs)]
    texts = [given.texts(row) for row in rows]
    ours: list[str | None] = [*given.ours.values()] or [two for _, two in texts]
    controlled = _controlled(rows, given)
    credits = [credit_of(row.preference) for row in rows]
    return Scored(
        model=judged[0].generator_2,
        reference=judged[0].generator_1,
        annotator=judged[0].annotator,
        rates=rates([row.preference for row in rows]),
        spread=win_rate_spread(credits),
        length_controlled=controlled,
        length_controlled_spread=_controlled_spread(controlled, rows, given),
        avg_length=_average(ours),
        reference_length=_average([one for one, _ in texts]),
        credits={row.instruction: credit for row, credit in zip(rows, credits, strict=True)},
        notes=tuple(_notes(judged, rows, given)),
    )


def _controlled(rows: Sequence[Annotation], given: Given) -> LengthControlled:
    form: Form = "minimal" if given.calibration is None else "length_controlled_v1"
    n = sum(credit_of(row.preference) is not None for row in rows)
    if rows[0].generator_1 == rows[0].generator_2:
        return LengthControlled(50.0, form, n, None, ITSELF)
    prepared, reason = given.length_rows(rows)
    if reason is not None:
        return LengthControlled(None, form, n, None, reason)
    return length_controlled(prepared, given.calibration, guarded=not given.official)


def _controlled_spread(found: LengthControlled, rows: Sequence[Annotation], given: Given) -> Spread:
    if found.strength is None:
        return Spread(None, None, 0, found.reason)
    return length_controlled_spread(given.length_rows(rows)[0], given.calibration)


def _unjudged(judged: Sequence[Annotation], outputs: Sequence[OutputRow]) -> Iterator[Annotation]:
    known = {row.instruction for row in judged}
    return (Annotation(row.instruction, None) for row in outputs if row.instruction not in known)


def _notes(judged: Sequence[Annotation], rows: Sequence[Annotation], given: Given) -> Iterator[str]:
    missing = sum(credit_of(row.preference) is None for row in judged)
    repeated = len(judged) - len({row.instruction for row in judged})
    if missing:
        yield f"{missing} verdicts are missing (null, NaN or outside 1–2) and left out of n."
    if repeated:
        yield f"{repeated} rows repeat an instruction; each counts, as on the leaderboard."
    if len(rows) > len(judged):
        yield f"{len(rows) - len(judged)} outputs have no verdict; they count as missing."
    yield from _strangers([(row.instruction, row.output_2) for row in judged], given.ours, "")
    yield from _strangers([(r.instruction, r.output_1) for r in judged], given.theirs, "reference ")
    whole = given.calibration.difficulties if given.calibration else ()
    if whole and len(rows) != len(whole):
        yield f"{len(rows)} of {len(whole)} instructions: not comparable with a leaderboard."


def _strangers(
    judged: Sequence[tuple[str, str | None]], texts: Mapping[str, str], whose: str
) -> Iterator[str]:
    """Verdicts on what the outputs given do not hold."""
    strangers = sum(instruction not in texts for instruction, _ in judged) if texts else 0
    other = sum(text not in (None, texts.get(instruction, text)) for instruction, text in judged)
    if strangers:
        yield f"{strangers} verdicts are on instructions that the {whose}outputs do not answer."
    if other:
        yield f"{other} verdicts are on other texts than the {whose}outputs given."


def _average(texts: Sequence[str | None]) -> int | None:
    known = [len(text) for text in texts if text is not None]
    return int(sum(known) / len(known)) if known else None
