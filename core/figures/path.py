"""Where a λ lies on the measured path: at a measured point, or between two of them.

A place between two measured λ is a position for the eye, linear between its neighbours. It
carries no interval and no claim; nothing but a hollow marker is ever drawn from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.figures.axis import Axis
from core.figures.reading import values
from core.lam import Lam
from core.reports.points import Measure, TradeOff
from core.reports.views import View


@dataclass(frozen=True, slots=True)
class Spot:
    """One λ on the plane; both measures have a value."""

    lam: Lam
    across: Measure
    up: Measure

    @property
    def at(self) -> tuple[float, float]:
        """The place itself."""
        assert self.across.value is not None and self.up.value is not None
        return self.across.value, self.up.value


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the plane, in its units."""

    icl: float
    follow: float
    measured: bool
    half_measured: bool = False  # on one axis only


def spots(line: TradeOff, axis: Axis, view: View = "absolute") -> tuple[Spot, ...]:
    """The λ that have both values, ascending."""
    across, up = values(line, "icl", view), values(line, axis, view)
    found = (Spot(lam, across[lam], up[lam]) for lam in across if lam in up)
    return tuple(one for one in found if None not in (one.across.value, one.up.value))


def apart(line: TradeOff, axis: Axis, view: View = "absolute") -> tuple[Spot, ...]:
    """Those measured apart from the curve; none in a view against a λ=1 that they have not."""
    if view != "absolute":
        return ()
    found = []
    for other in line.others:
        for point in other.points:
            up = point.win_rate if axis == "win_rate" else point.pass_rate
            if point.lam in other.missing and None not in (point.icl.value, up.value):
                found.append(Spot(point.lam, point.icl, up))
    return tuple(found)


def place(line: TradeOff, lam: Lam, path: Sequence[Spot], others: Sequence[Spot]) -> Place | None:
    """Where to draw this λ; None outside the measured range."""
    for spot in (*path, *others):
        if spot.lam == lam:
            return Place(*spot.at, measured=True)
    below = [spot for spot in path if spot.lam < lam]
    above = [spot for spot in path if spot.lam > lam]
    if not below or not above:
        return None
    return replace(_between(below[-1], above[0], lam), half_measured=line.at(lam) is not None)


def _between(left: Spot, right: Spot, lam: Lam) -> Place:
    span = right.lam.thousandths - left.lam.thousandths
    share = (lam.thousandths - left.lam.thousandths) / span
    (x0, y0), (x1, y1) = left.at, right.at
    return Place(x0 + share * (x1 - x0), y0 + share * (y1 - y0), measured=False)
