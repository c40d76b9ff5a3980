"""pass@k and its relatives over the number of answers, of tokens or of seconds, a line a λ.

Pure function from curves to a Plotly figure; the crossing of two of them is a band where it has
an interval. Colours and markers are those of λ everywhere else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, faint, shape
from core.figures.reasoning import Axis
from core.lam import Lam
from core.reports.reasoning_curves import CurvePoint
from core.stats.crossing import Crossing

AXIS_WORDS: dict[Axis, str] = {
    "k": "answers (k)",
    "tokens": "mean tokens written for an item",
    "seconds": "mean seconds for an item, on the machine that measured",
}
HEIGHT_PX = 340
Curves = Mapping[Lam, Sequence[CurvePoint]]


def answer_curves(
    curves: Curves, axis: Axis, heading: str, crossing: Crossing | None = None
) -> go.Figure:
    """One line a λ with its interval as a band; points without a value are left out."""
    traces = [trace for lam, points in curves.items() for trace in _line(lam, points, axis)]
    return go.Figure(data=traces, layout=_layout(axis, heading, crossing))


def in_words(curves: Curves, heading: str) -> str:
    """First and last value of each line."""
    told = []
    for lam, points in curves.items():
        there = [point for point in points if point.score.value is not None]
        if there:
            ends = [
                f"{100 * (p.score.value or 0):.1f} % at k = {p.k}" for p in (there[0], there[-1])
            ]
            told.append(f"λ {lam}: {' and '.join(dict.fromkeys(ends))}")
    return f"{heading}. {'; '.join(told)}."


def _line(lam: Lam, points: Sequence[CurvePoint], axis: Axis) -> list[dict[str, Any]]:
    there = [(x, p) for p in points if p.score.value is not None and (x := _x(p, axis)) is not None]
    if not there:
        return []
    spans = [(x, p.score.interval) for x, p in there if p.score.interval is not None]
    band = {
        "type": "scatter",
        "x": [x for x, _ in spans] + [x for x, _ in reversed(spans)],
        "y": [100 * s.low for _, s in spans] + [100 * s.high for _, s in reversed(spans)],
        "mode": "lines",
        "fill": "toself",
        "fillcolor": faint(lam, 0.12),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    line = {
        "type": "scatter",
        "name": f"λ = {lam}",
        "x": [x for x, _ in there],
        "y": [100 * (p.score.value or 0) for _, p in there],
        "mode": "lines+markers",
        "line": {"color": colour(lam), "width": 2},
        "marker": {"symbol": shape(lam), "size": 8},
        "hovertext": [_said(lam, p) for _, p in there],
        "hoverinfo": "text",
    }
    return [band, line]


def _x(point: CurvePoint, axis: Axis) -> float | None:
    return float(point.k) if axis == "k" else point.tokens if axis == "tokens" else point.seconds


def _said(lam: Lam, point: CurvePoint) -> str:
    span = point.score.interval
    inside = f" ({100 * span.low:.1f}–{100 * span.high:.1f})" if span else ""
    seconds = "" if point.seconds is None else f", {point.seconds:.2f} s"
    return (
        f"<b>λ = {lam}, k = {point.k}</b><br>{100 * (point.score.value or 0):.1f} %{inside}"
        f"<br>{point.tokens:.0f} tokens{seconds} an item"
    )


def _layout(axis: Axis, heading: str, crossing: Crossing | None) -> dict[str, Any]:
    shapes = []
    if axis == "k" and crossing is not None and crossing.interval is not None:
        low, high = crossing.interval
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": low,
                "x1": high,
                "y0": 0,
                "y1": 1,
                "fillcolor": NEUTRAL,
                "opacity": 0.15,
                "line": {"width": 0},
                "layer": "below",
            }
        )
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "title": {"text": heading, "font": {"size": 14}, "x": 0, "y": 0.985, "yanchor": "top"},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "dragmode": False,
        "hovermode": "closest",
        "shapes": shapes,
        "xaxis": {"title": {"text": AXIS_WORDS[axis]}, "fixedrange": True, "zeroline": False},
        "yaxis": {"title": {"text": "%"}, "fixedrange": True, "zeroline": False},
    }
