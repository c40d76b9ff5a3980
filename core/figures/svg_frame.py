"""The frame of a chart that is drawn as SVG: where a value lies, and which ticks it has.

Not here: marks (`svg_marks.py`), and how a whole figure is drawn (`svg.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.figures.svg_text import escaped, words

TICK_PX, TITLE_PX = 12, 13
LETTER_PX = 7.0  # of a tick's label
_TICKS = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area in pixels, and the values at its edges."""

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, value: float) -> float:
        """Pixels from the left."""
        low, high = self.x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def up(self, value: float) -> float:
        """Pixels from the top."""
        low, high = self.y
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)


def frame(layout: Mapping[str, Any], width: float, height: float) -> Frame:
    """Room for what stands around the plot area: tick labels, axis titles, a heading."""
    x, y = layout["xaxis"], layout["yaxis"]
    longest = max((len(label) for _, label in ticks(y)), default=1)
    left = 14 + LETTER_PX * longest + (24 if _title(y) else 0)
    top = 30 if layout.get("title", {}).get("text") else 10
    bottom = height - 24 - (24 if _title(x) else 0)
    return Frame(left, top, width - 12, bottom, tuple(x["range"]), tuple(y["range"]))


def ticks(axis: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Value and label of each tick, as the layout asks, else at round values."""
    low, high = axis["range"]
    if axis.get("tickvals") is not None:
        values: Sequence[float] = [v for v in axis["tickvals"] if low <= v <= high]
    else:
        step = axis.get("dtick") or _round_step((high - low) / (axis.get("nticks") or _TICKS))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        values = [at * step for at in range(first, last + 1)]
    return [(value, label(value)) for value in values]


def label(value: float) -> str:
    """A tick's value, without the dust of binary fractions."""
    return f"{round(value, 9) + 0.0:,g}".replace("-", "−")


def axes(layout: Mapping[str, Any], at: Frame) -> str:
    """Grid, ticks and titles of both axes."""
    found = []
    for value, text in ticks(layout["xaxis"]):
        px = at.across(value)
        found.append(_rule(px, at.top, px, at.bottom, "grid"))
        found.append(words(text, px, at.bottom + 17, "tick", "middle", TICK_PX))
    for value, text in ticks(layout["yaxis"]):
        px = at.up(value)
        zero = value == 0 and layout["yaxis"].get("zeroline")
        found.append(_rule(at.left, px, at.right, px, "zero" if zero else "grid"))
        found.append(words(text, at.left - 7, px + 4, "tick", "end", TICK_PX))
    return "".join(found) + _titles(layout, at)


def _titles(layout: Mapping[str, Any], at: Frame) -> str:
    found = ""
    if across := _title(layout["xaxis"]):
        middle = (at.left + at.right) / 2
        found += words(across, middle, at.bottom + 40, "title", "middle", TITLE_PX)
    if upright := _title(layout["yaxis"]):
        middle = (at.top + at.bottom) / 2
        turned = f'transform="translate(14 {middle:.1f}) rotate(-90)"'
        found += (
            f'<text class="title" {turned} text-anchor="middle" font-size="{TITLE_PX}">'
            f"{escaped(upright)}</text>"
        )
    if heading := layout.get("title", {}).get("text"):
        found += words(heading, 2, 16, "heading", "start", TITLE_PX + 1)
    return found


def _title(axis: Mapping[str, Any]) -> str | None:
    return (axis.get("title") or {}).get("text")


def _rule(x0: float, y0: float, x1: float, y1: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>'


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least as large."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough * 0.999)
