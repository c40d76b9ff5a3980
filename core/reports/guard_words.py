"""What is not on a pair's curve, with which settings and at which λ, in plain words.

Every other measurement gets a sentence; none is dropped. Not here: which runs may stand on
one curve (`measurements.py`).
"""

from collections.abc import Sequence

from core.lam import Lam
from core.reports.measurements import SIDES
from core.reports.points import Other, TradeOff
from core.reports.yardstick import Difference, Made

MOST_NAMED = 4  # settings that are named one by one
ONE_CURVE = (
    "To have one curve, measure every λ in one way: a finished run is never computed again, so "
    "give the measurement a results folder of its own (PARTWAY_RESULTS)."
)


def guard_words(line: TradeOff) -> tuple[str, ...]:
    """A sentence for each measurement that has λ which the curve has not; then the others."""
    return (*torn_words(line.others), *beside_words(line.others))


def torn_words(others: Sequence[Other]) -> tuple[str, ...]:
    """Of each measurement that has λ which the curve has not; what was said is not repeated."""
    said: set[tuple[Lam, str]] = set()
    found = []
    for one in others:
        lacking = {(lam, side) for lam in one.missing for side in one.sides}
        if lacking - said:
            found.append(_hidden(one))
        said |= lacking
    return tuple(found)


def beside_words(others: Sequence[Other]) -> tuple[str, ...]:
    """Of each measurement of λ that the curve has as well."""
    return tuple(_beside(one) for one in others if not one.missing)


def options(line: TradeOff) -> dict[str, str]:
    """Measurement → words for choosing it, the one on show first; empty without a choice."""
    if not line.others or line.made is None:
        return {}
    names = {one.name for other in line.others for one in other.differs}
    here = _settings(line.made, names)
    whole = [point.lam for point in line.points if point.tasks and point.generations_run]
    shown = {line.key: _option(whole or [point.lam for point in line.points], here)}
    for other in line.others:
        there = {**here, **{one.name: one.there for one in other.differs}}
        shown[other.key] = _option(other.lams, there)
    return shown


def apart_words(line: TradeOff, lam: Lam) -> str | None:
    """Why this λ is drawn beside the curve; None where it is not."""
    other = line.apart(lam)
    return None if other is None else f"measured apart ({_settings_words(other.differs)})"


def lams_text(lams: Sequence[Lam]) -> str:
    """λ by name."""
    return f"λ = {', '.join(map(str, lams))}"


def _hidden(other: Other) -> str:
    one = len(other.missing) == 1
    where = (
        f"{'It is' if one else 'They are'} drawn hollow and apart, and compared with nothing."
        if other.points
        else "What was asked is not the same, so it is not drawn beside this curve."
    )
    whole = len(other.sides) == len(SIDES)
    what = "" if whole else f"{' and '.join(other.sides).capitalize()} at "
    verb = "is" if one else "are"
    return (
        f"{what}{lams_text(other.missing)} {verb} not on this curve: measured with "
        f"{_settings_words(other.differs)}. {where}"
    )


def _beside(other: Other) -> str:
    return (
        f"{_range(other.lams)} measured once more with {_settings_words(other.differs)}: a curve "
        "of its own."
    )


def _settings_words(differs: Sequence[Difference]) -> str:
    named = "; ".join(_setting(one) for one in differs[:MOST_NAMED])
    more = len(differs) - MOST_NAMED
    return f"{named}; and {more} more settings that differ" if more > 0 else named


def _setting(one: Difference) -> str:
    where = f", in {len(one.tasks)} tasks" if one.tasks else ""
    return f"{one.name} {one.there} ({one.here} here{where})"


def _settings(made: Made, names: set[str]) -> dict[str, str]:
    few_shot = dict(made.few_shot[0][1]) if made.few_shot else {}
    parts = (made.surroundings, made.reference, made.judging, made.template, made.following)
    found = dict(few_shot)
    for part in parts:
        found |= dict(part)
    found["tasks"] = str(len(made.few_shot))
    return {name: found.get(name, "unknown") for name in sorted(names)}


def _option(lams: Sequence[Lam], settings: dict[str, str]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in list(settings.items())[:MOST_NAMED])
    return f"{_range(lams)}: {told}"


def _range(lams: Sequence[Lam]) -> str:
    return f"λ = {lams[0]}" if len(lams) == 1 else f"{len(lams)} λ from {lams[0]} to {lams[-1]}"
