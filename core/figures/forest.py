"""Differences with their intervals, one row each, around a line at zero.

Pure function from rows to a Plotly figure. A row whose interval holds zero is drawn hollow, and
one without a value is named with the reason; nothing rests on colour.
"""

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour
from core.lam import BASE, INSTRUCT
from core.stats.span import Span

ROW_PX, AROUND_PX = 34, 92
LABEL_LETTERS = 14
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stem:
    """One row, in points."""

    label: str
    value: float | None
    interval: Span | None
    said: str  # the numbers in words

    @property
    def side(self) -> int:
        """−1 or 1 where the interval leaves zero out, else 0."""
        if self.value is None or self.interval is None:
            return 0
        return (self.interval.low > 0) - (self.interval.high < 0)


def forest(stems: tuple[Stem, ...], heading: str, window: tuple[float, float]) -> go.Figure:
    """Rows from top to bottom; `window` is shared by figures that are looked at together."""
    return go.Figure(
        data=[_intervals(stems), _points(stems)], layout=_layout(stems, heading, window)
    )


def shared_window(*groups: tuple[Stem, ...]) -> tuple[float, float]:
    """From the lowest to the highest interval of all, zero included."""
    ends = [0.0]
    for stem in (stem for group in groups for stem in group):
        ends += [] if stem.value is None else [stem.value]
        ends += [] if stem.interval is None else list(stem.interval)
    margin = 0.08 * (max(ends) - min(ends)) or 1.0
    return min(ends) - margin, max(ends) + margin


def height_px(stems: tuple[Stem, ...]) -> int:
    """How tall the figure is."""
    return AROUND_PX + ROW_PX * len(stems)


def in_words(stems: tuple[Stem, ...], heading: str) -> str:
    """The same for someone who cannot see the figure."""
    return f"{heading}. " + " ".join(f"{stem.label}: {stem.said}." for stem in stems)


def _intervals(stems: tuple[Stem, ...]) -> Trace:
    x: list[float | None] = []
    y: list[int | None] = []
    for at, stem in enumerate(stems):
        if stem.interval is not None:
            x += [stem.interval.low, stem.interval.high, None]
            y += [at, at, None]
    line = {"color": NEUTRAL, "width": 2}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line, "hoverinfo": "skip"}


def _points(stems: tuple[Stem, ...]) -> Trace:
    there = [(at, stem) for at, stem in enumerate(stems) if stem.value is not None]
    ends = {-1: colour(BASE), 0: NEUTRAL, 1: colour(INSTRUCT)}
    shapes = {-1: "square", 0: "circle-open", 1: "diamond"}
    return {
        "type": "scatter",
        "x": [stem.value for _, stem in there],
        "y": [at for at, _ in there],
        "mode": "markers",
        "marker": {
            "size": 11,
            "color": [ends[stem.side] for _, stem in there],
            "symbol": [shapes[stem.side] for _, stem in there],
            "line": {"width": 2},
        },
        "hovertext": [f"<b>{stem.label}</b><br>{stem.said}" for _, stem in there],
        "hoverinfo": "text",
    }


def _lines(label: str) -> list[str]:
    """Two short lines leave the room to the chart; a name with hyphens stays whole."""
    return wrap(label, LABEL_LETTERS, break_long_words=False, break_on_hyphens=False)


def _layout(stems: tuple[Stem, ...], heading: str, window: tuple[float, float]) -> dict[str, Any]:
    rows = len(stems)
    return {
        "height": height_px(stems),
        "margin": {"l": 8, "r": 12, "t": 34, "b": 42},
        "title": {"text": heading, "font": {"size": 14}, "x": 0, "y": 0.985, "yanchor": "top"},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "range": list(window),
            "title": {
                "text": "instruct − base, points",
                "standoff": 6,
                "font": {"size": 12},
            },
            "zeroline": True,
            "zerolinewidth": 2,
            "fixedrange": True,
            "nticks": 6,
        },
        "yaxis": {
            "range": [rows - 0.4, -0.6],
            "tickvals": list(range(rows)),
            "ticktext": ["<br>".join(_lines(stem.label)) for stem in stems],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
        },
        "annotations": [
            {
                "text": stem.said,
                "x": 0.5,
                "xref": "paper",
                "y": at,
                "showarrow": False,
                "font": {"size": 11},
            }
            for at, stem in enumerate(stems)
            if stem.value is None
        ],
    }
