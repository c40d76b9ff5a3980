"""One colour for every λ: blue at base, through a neutral grey, to orange at instruct.

The dial, the path, the markers and the cards all ask here, so that a colour always means
the same λ. Both ends have at least 3:1 contrast on white and on the dark background, blue
and orange stay apart for every common colour blindness, and marker shapes and dashes say
the same thing again (see `shape`): nothing rests on colour alone.
"""

from collections.abc import Sequence
from itertools import pairwise

from core.lam import BASE, INSTRUCT, THOUSANDTHS, Lam

RGB = tuple[int, int, int]
# λ in thousandths → colour. Below 0 and beyond the last stop the end colour is kept.
STOPS: tuple[tuple[int, RGB], ...] = (
    (0, (47, 126, 189)),
    (500, (139, 128, 134)),
    (1000, (212, 112, 15)),
    (1500, (168, 62, 30)),
)
NEUTRAL = "#808894"  # grid, whiskers and text marks; legible on light and on dark


def colour(lam: Lam) -> str:
    """The colour of this λ as "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*_mixed(lam.thousandths))


def faint(lam: Lam, alpha: float = 0.18) -> str:
    """The same colour, see-through, for areas behind points."""
    red, green, blue = _mixed(lam.thousandths)
    return f"rgba({red},{green},{blue},{alpha})"


def shape(lam: Lam) -> str:
    """Plotly's marker symbol: square base, diamond instruct, triangle beyond, circle between."""
    if lam == BASE:
        return "square"
    if lam == INSTRUCT:
        return "diamond"
    return "circle" if BASE < lam < INSTRUCT else "triangle-up"


def dash(left: Lam, right: Lam) -> str:
    """Solid between the parents, dotted outside of them."""
    return "solid" if left >= BASE and right <= INSTRUCT else "dot"


def gradient(lams: Sequence[Lam]) -> str:
    """The dial from the first to the last λ as a CSS gradient."""
    first, last = lams[0].thousandths, lams[-1].thousandths
    inner = [stop for stop, _ in STOPS if first < stop < last]
    stops = ", ".join(
        f"{colour(Lam(at))} {100 * (at - first) / max(last - first, 1):.1f}%"
        for at in (first, *inner, last)
    )
    return f"linear-gradient(90deg, {stops})"


def _mixed(thousandths: int) -> RGB:
    inside = min(max(thousandths, STOPS[0][0]), STOPS[-1][0])
    for (low, start), (high, end) in pairwise(STOPS):
        if inside <= high:
            share = (inside - low) / (high - low)
            red, green, blue = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
            return red, green, blue
    raise AssertionError(f"{thousandths} beyond {THOUSANDTHS} has no colour")
