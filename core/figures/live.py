"""The few-shot curve of a job that is still measuring: what there is, with intervals that shrink.

Both axes are fixed from the beginning, so that nothing moves but the points. Filled points have
items of every task; hollow ones only of some, and are joined with nothing.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour
from core.figures.curves import HEIGHT_PX
from core.jobs.live import SoFar
from core.lam import Lam

PERCENT = 100
EDGE = 0.06
NOTHING = "No item is measured yet"


def live(points: Sequence[SoFar], grid: Sequence[Lam]) -> go.Figure:
    """The curve so far over the λ of the plan."""
    layout = _layout(grid)
    if not points:
        place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
        layout["annotations"] = [{"text": NOTHING, "showarrow": False, **place}]
    whole = [point for point in points if point.whole]
    return go.Figure(data=[_line(whole), _dots(points)], layout=layout)


def in_words(points: Sequence[SoFar]) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = [f"λ {point.lam}: {said(point)}" for point in points]
    return f"Few-shot accuracy so far. {'; '.join(told) or NOTHING}."


def said(point: SoFar) -> str:
    """One point: value, interval, n, tasks."""
    span = point.span
    ends = f" ({PERCENT * span.low:.1f}–{PERCENT * span.high:.1f})" if span else ""
    tasks = f"{point.tasks} of {point.of_tasks} tasks"
    return f"{PERCENT * point.value:.1f} %{ends}, n = {point.n:,}, {tasks}"


def _line(points: Sequence[SoFar]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [point.lam.value for point in points],
        "y": [PERCENT * point.value for point in points],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(points: Sequence[SoFar]) -> dict[str, Any]:
    spans = [point.span or (point.value, point.value) for point in points]
    pairs = list(zip(points, spans, strict=True))
    return {
        "type": "scatter",
        "x": [point.lam.value for point in points],
        "y": [PERCENT * point.value for point in points],
        "mode": "markers",
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [PERCENT * (high - point.value) for point, (_, high) in pairs],
            "arrayminus": [PERCENT * (point.value - low) for point, (low, _) in pairs],
            "color": NEUTRAL,
            "thickness": 1.5,
            "width": 4,
        },
        "marker": {
            "size": 9,
            "color": [colour(point.lam) for point in points],
            "symbol": ["circle" if point.whole else "circle-open" for point in points],
            "line": {"width": 2, "color": [colour(point.lam) for point in points]},
        },
        "hovertext": [f"λ = {point.lam}: {said(point)}" for point in points],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _layout(grid: Sequence[Lam]) -> dict[str, Any]:
    values = [lam.value for lam in grid]
    title = "Few-shot accuracy so far over λ (%)"
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "title": {"text": title, "font": {"size": 13}, "x": 0, "xref": "container"},
        "dragmode": False,
        "uirevision": "live",
        "xaxis": {
            "automargin": True,
            "zeroline": False,
            "range": [min(values) - EDGE, max(values) + EDGE],
        },
        "yaxis": {"automargin": True, "range": [0, PERCENT], "dtick": 25, "zeroline": False},
    }
