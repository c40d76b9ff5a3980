"""One measured quantity over λ, with its 95 % intervals and a mark at the chosen λ.

Pure function from a trade-off to a Plotly figure. Dots are measured; the thin line between
them only leads the eye.
"""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, shape
from core.figures.views import PERCENT_WINDOW, Window
from core.lam import Lam
from core.reports.points import Measure, Point, TradeOff

HEIGHT_PX = 186
_REASON_LETTERS = 44  # in a line of the note on a chart without a value
Read = Callable[[Point], Measure]


def percent(value: float) -> str:
    """A share as it is said."""
    return f"{value:.1f} %"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a curve shows: which measure, under which words, in which window."""

    read: Read
    heading: str
    window: Window = PERCENT_WINDOW
    said: Callable[[float], str] = percent


def curve(trade_off: TradeOff, lam: Lam, quantity: Quantity) -> go.Figure:
    """The measured values of the quantity; a chart without any says why."""
    read = quantity.read
    points = [point for point in trade_off.points if read(point).value is not None]
    layout = _layout(trade_off, lam, quantity)
    if not points:
        layout["annotations"] = [_why_empty(trade_off, read)]
    data = [_band(points, read), _line(points, read), _dots(points, quantity)]
    return go.Figure(data=data, layout=layout)


def in_words(trade_off: TradeOff, quantity: Quantity) -> str:
    """What the chart shows, for someone who cannot see it."""
    values = "; ".join(
        f"λ {point.lam}: {value:.1f}"
        for point in trade_off.points
        if (value := quantity.read(point).value) is not None
    )
    return f"{quantity.heading}. {values or 'No value could be had'}."


def _why_empty(trade_off: TradeOff, read: Read) -> dict[str, Any]:
    reasons = [read(point).reason for point in trade_off.points]
    reason = next(filter(None, reasons), "not measured yet")
    words = "<br>".join(wrap(f"Nothing to show: {reason}.", _REASON_LETTERS))
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return {"text": words, "showarrow": False, "font": {"size": 13}, **place}


def _band(points: list[Point], read: Read) -> dict[str, Any]:
    """There and back along the interval ends; a point without interval pinches the band."""
    ends = [(point.lam.value, *_ends(read(point))) for point in points]
    return {
        "type": "scatter",
        "x": [x for x, _, _ in ends] + [x for x, _, _ in reversed(ends)],
        "y": [high for _, _, high in ends] + [low for _, low, _ in reversed(ends)],
        "fill": "toself",
        "fillcolor": "rgba(128,136,148,0.22)",
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(value: Measure) -> tuple[float | None, float | None]:
    if value.interval is None:
        return value.value, value.value
    return value.interval.low, value.interval.high


def _line(points: list[Point], read: Read) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [point.lam.value for point in points],
        "y": [read(point).value for point in points],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(points: list[Point], quantity: Quantity) -> dict[str, Any]:
    read, said = quantity.read, quantity.said
    return {
        "type": "scatter",
        "x": [point.lam.value for point in points],
        "y": [read(point).value for point in points],
        "mode": "markers",
        "marker": {
            "size": 8,
            "color": [colour(point.lam) for point in points],
            "symbol": [shape(point.lam) for point in points],
        },
        "hovertext": [f"λ = {point.lam}: {said(read(point).value or 0.0)}" for point in points],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _layout(trade_off: TradeOff, lam: Lam, quantity: Quantity) -> dict[str, Any]:
    shown = [0.0, 1.0, lam.value, *(point.lam.value for point in trade_off.points)]
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "title": {"text": quantity.heading, "font": {"size": 13}, "x": 0, "xref": "container"},
        "dragmode": False,
        "xaxis": {
            "automargin": True,
            "zeroline": False,
            "dtick": 0.2,
            "range": [min(shown) - 0.06, max(shown) + 0.06],  # the same for both curves
        },
        "yaxis": _upright(quantity.window),
        "shapes": [
            {
                "type": "line",
                "x0": lam.value,
                "x1": lam.value,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": colour(lam), "width": 2, "dash": "dash"},
            }
        ],
    }


def _upright(window: Window) -> dict[str, Any]:
    whole = window == PERCENT_WINDOW
    ticks = {"dtick": 50} if whole else {"nticks": 5}
    line = {"zeroline": not whole, "zerolinecolor": NEUTRAL}
    return {"automargin": True, "range": list(window), **line, **ticks}
