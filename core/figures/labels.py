"""Where the words beside the points go, so that they neither overlap nor hide a point.

Works in estimated pixels of a typical width; a label that finds no free place is left out
(hovering still names the point). Named points come first, then the others along the path.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

WIDTH_PX, HEIGHT_PX = 520, 345  # of the plotting area, about
LINE_PX, LETTER_PX, GAP_PX = 16, 7.2, 9
LEG_STEPS = 8  # places taken on each line between two points
# Right and left first: the path mostly runs up and down.
SIDES = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label at a point in data units; the more important stand first in the list."""

    x: float
    y: float
    text: str
    away: float = GAP_PX  # from the point's centre
    once: bool = False  # one of several places for the same words
    short: str = ""  # what is written where the whole has no room


@dataclass(frozen=True, slots=True)
class Placed:
    """A label and the side of its point on which it goes: −1, 0 or 1 each way."""

    label: Wanted
    right: int
    up: int


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def along(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points and places on the lines between them: no label may hide the path."""
    shares = [step / LEG_STEPS for step in range(1, LEG_STEPS)]
    between = [
        (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        for (x0, y0), (x1, y1) in pairwise(points)
        for share in shares
    ]
    return [*points, *between]


def place_labels(
    wanted: Sequence[Wanted],
    points: Sequence[tuple[float, float]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> tuple[Placed, ...]:
    """The labels that fit, each on the first free side; of equal words the first that fits."""

    def pixels(x: float, y: float) -> tuple[float, float]:
        across = (x - x_range[0]) / (x_range[1] - x_range[0]) * WIDTH_PX
        up = (y - y_range[0]) / (y_range[1] - y_range[0]) * HEIGHT_PX
        return across, up

    taken = [_around(*pixels(x, y)) for x, y in points]
    placed: list[Placed] = []
    for label in wanted:
        if label.once and any(one.label.text == label.text for one in placed):
            continue
        for form, (right, up) in product(_forms(label), SIDES):
            box = _box(form, *pixels(form.x, form.y), right, up)
            if box.left < 0 or box.right > WIDTH_PX or any(map(box.overlaps, taken)):
                continue
            taken.append(box)
            placed.append(Placed(form, right, up))
            break
    return tuple(placed)


def _forms(label: Wanted) -> tuple[Wanted, ...]:
    return (label, replace(label, text=label.short)) if label.short else (label,)


def _around(x: float, y: float) -> _Box:
    return _Box(x - 5, y - 5, x + 5, y + 5)


def _box(label: Wanted, x: float, y: float, right: int, up: int) -> _Box:
    width = LETTER_PX * len(label.text)
    left = {1: x + label.away, 0: x - width / 2, -1: x - label.away - width}[right]
    low = {1: y + label.away / 2, 0: y - LINE_PX / 2, -1: y - label.away / 2 - LINE_PX}[up]
    return _Box(left, low, left + width, low + LINE_PX)
