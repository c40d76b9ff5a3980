"""What the upright axis of the plane shows: win rate or pass rate, and how to read it off.

Not a figure; the words and the field for each choice, so that charts, cards and sentences
cannot disagree. Titles of axes: `reading.py`.
"""

from typing import Literal

from core.reports.points import Measure, Point

Axis = Literal["win_rate", "pass_rate"]
AXES: tuple[Axis, ...] = ("win_rate", "pass_rate")
SHORT: dict[Axis, str] = {"win_rate": "Win rate", "pass_rate": "Pass rate"}


def measure(point: Point, axis: Axis) -> Measure:
    """The point's value on this axis."""
    return point.win_rate if axis == "win_rate" else point.pass_rate


def difference(point: Point, axis: Axis) -> Measure:
    """The point's difference to λ=1 on this axis, paired by item."""
    return point.win_rate_difference if axis == "win_rate" else point.pass_rate_difference
