"""What a chart of a line over λ reads: which quantity in which view, its words and its window.

Every chart of the Trade-off page asks here, so that axes, hover texts and switches cannot
disagree. Not a figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.figures.axis import Axis, measure
from core.figures.views import HEADINGS, PERCENT_WINDOW, Window, ends, signed
from core.lam import Lam
from core.reports.points import Measure, Point, TradeOff
from core.reports.views import View

What = Literal["icl", "win_rate", "pass_rate", "length", "cut"]
NAMES: dict[What, str] = {
    "icl": "Few-shot accuracy",
    "win_rate": "Win rate",
    "pass_rate": "Pass rate",
    "length": "Mean output length",
    "cut": "Cut: out of tokens",
}
Values = Mapping[Lam, Measure]


@dataclass(frozen=True, slots=True)
class Look:
    """What a person looks at."""

    lam: Lam
    axis: Axis = "win_rate"
    view: View = "absolute"
    marked: bool = True  # whether a curve marks the λ: not where it would not follow it


def values(line: TradeOff, what: What, view: View) -> Values:
    """λ → measure, for the λ of the line."""
    here = [point.lam for point in line.points]
    if what == "icl" and view != "absolute":
        seen = {one.lam: one.measure for one in line.few_shot.overall.views[view]}
        return {lam: seen[lam] for lam in here}
    if view == "absolute" and what in ("icl", "win_rate", "pass_rate"):
        return {point.lam: _plain(point, what) for point in line.points}
    if line.following is None:
        return {}
    return {lam: line.following.at(_quantity(what), view, lam) for lam in here}


def heading(what: What, view: View) -> str:
    """Over a curve."""
    if what == "icl":
        return HEADINGS[view]
    if view in ("absolute", "corrected"):
        return f"{NAMES[what]} over λ ({_unit(what)})"
    return f"{NAMES[what]} {_against(what, view)}"


def across_title(line: TradeOff, view: View) -> str:
    """Under the plane."""
    mean = f"macro mean of {line.tasks_text}" if line.filtered else f"mean over {line.tasks_text}"
    if view in ("absolute", "corrected"):
        chance = " above chance" if view == "corrected" else ""
        return f"Few-shot accuracy{chance}, {mean} (%)"
    return f"Few-shot accuracy {_against('icl', view)}, {mean}"


def up_title(line: TradeOff, axis: Axis, view: View, alone: bool = True) -> str:
    """Beside the plane, with what a win rate is measured against: λ=1 is each pair's own."""
    if view in ("difference", "fractional"):
        return f"{NAMES[axis]} {_against(axis, view)}"
    if axis == "win_rate" and not alone and line.reference.startswith("lam:"):
        return f"Win rate, each pair against its own λ = {line.reference.removeprefix('lam:')} (%)"
    if axis == "win_rate":
        return f"Win rate against {line.reference_label} (%)"
    return "Instructions with every check passed (%)"


def said(what: What, view: View, value: float) -> str:
    """A value for a person."""
    if what == "length" and view != "fractional":
        sign = "+" if view == "difference" else ""
        return f"{value:{sign}.0f} characters".replace("-", "−")
    return signed(view, value)


def window(what: What, view: View, measures: Iterable[Measure]) -> Window:
    """0 to 100 for rates; else every value and interval, and 0."""
    if what in ("icl", "win_rate", "pass_rate") and (
        view == "absolute" or (view == "corrected" and what != "icl")
    ):
        return PERCENT_WINDOW
    found = [0.0, *(end for measure in measures for end in ends(measure))]
    room = 0.06 * (max(found) - min(found)) or 1.0
    return min(found) - room, max(found) + room


def _plain(point: Point, what: What) -> Measure:
    if what == "icl":
        return point.icl
    return measure(point, "pass_rate" if what == "pass_rate" else "win_rate")


def _quantity(what: What) -> Literal["win_rate", "pass_rate", "length", "cut"]:
    assert what != "icl"
    return what


def _unit(what: What) -> str:
    return "characters" if what == "length" else "%"


def _against(what: What, view: View) -> str:
    points = "characters" if what == "length" else "points"
    return f"against λ = 1 ({points if view == 'difference' else '% of it'})"
