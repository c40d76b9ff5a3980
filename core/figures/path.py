"""Where a λ lies on the measured path: at a measured point, or between two of them.

A place between two measured λ is a position for the eye, linear between its neighbours. It
carries no interval and no claim; nothing but a hollow marker is ever drawn from it.
"""

from dataclasses import dataclass, replace

from core.figures.axis import Axis, measure
from core.lam import Lam
from core.reports.points import Point, TradeOff


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the plane, on the scale 0–100."""

    icl: float
    follow: float
    measured: bool
    half_measured: bool = False  # on one axis only


def drawable(trade_off: TradeOff, axis: Axis) -> tuple[Point, ...]:
    """The points that have both values, in ascending λ."""
    return tuple(
        point
        for point in trade_off.points
        if point.icl.value is not None and measure(point, axis).value is not None
    )


def place(trade_off: TradeOff, lam: Lam, axis: Axis) -> Place | None:
    """Where to draw this λ; None outside the measured range."""
    points = drawable(trade_off, axis)
    for point in points:
        if point.lam == lam:
            return Place(*_values(point, axis), measured=True)
    below = [point for point in points if point.lam < lam]
    above = [point for point in points if point.lam > lam]
    if not below or not above:
        return None
    between = _between(below[-1], above[0], lam, axis)
    return replace(between, half_measured=trade_off.at(lam) is not None)


def _between(left: Point, right: Point, lam: Lam, axis: Axis) -> Place:
    span = right.lam.thousandths - left.lam.thousandths
    share = (lam.thousandths - left.lam.thousandths) / span
    (x0, y0), (x1, y1) = _values(left, axis), _values(right, axis)
    return Place(x0 + share * (x1 - x0), y0 + share * (y1 - y0), measured=False)


def _values(point: Point, axis: Axis) -> tuple[float, float]:
    icl, follow = point.icl.value, measure(point, axis).value
    assert icl is not None and follow is not None  # `drawable` kept only such points
    return icl, follow
