"""Wins, draws and losses at every λ as stacked bars; pure, from a judge's line to a figure.

Its own three colours, because blue and orange mean λ everywhere else; patterns say the same
again. Each bar carries its λ in `customdata`, so that a click leads to exactly that λ.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import colour
from core.lam import Lam
from core.reports.judging_points import VERDICTS, JudgedPoint, JudgeLine, Verdict

HEIGHT_PX = 344
LOOKS: dict[Verdict, tuple[str, str, str]] = {  # colour, pattern, word
    "win": ("#1a936f", "", "wins"),
    "draw": ("#a9b2bf", ".", "draws"),
    "loss": ("#8e4a9e", "/", "losses"),
    "missing": ("#c9a227", "x", "missing"),
}


def verdict_bars(line: JudgeLine, lam: Lam) -> go.Figure:
    """One bar a λ, in percent of the instructions; the reference itself has none."""
    points = [point for point in line.points if sum(point.counts)]
    traces = [_trace(points, verdict) for verdict in VERDICTS]
    return go.Figure(
        data=[trace for trace in traces if any(trace["y"])], layout=_layout(points, lam)
    )


def in_words(line: JudgeLine) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = "; ".join(
        f"λ {point.lam}: {point.counts[0]} wins, {point.counts[1]} draws, {point.counts[2]} losses"
        for point in line.points
        if not point.by_definition
    )
    return f"Verdicts of {line.name} over λ. {told}."


def _trace(points: list[JudgedPoint], verdict: Verdict) -> dict[str, Any]:
    tint, pattern, word = LOOKS[verdict]
    counts = [point.counts[VERDICTS.index(verdict)] for point in points]
    totals = [sum(point.counts) for point in points]
    return {
        "type": "bar",
        "name": word,
        "x": [str(point.lam) for point in points],
        "y": [100 * count / total for count, total in zip(counts, totals, strict=True)],
        "customdata": [[point.lam.thousandths] for point in points],
        "marker": {"color": tint, "pattern": _pattern(pattern)},
        "hovertext": [
            f"λ = {point.lam}: {count} of {total} {word}"
            for point, count, total in zip(points, counts, totals, strict=True)
        ],
        "hoverinfo": "text",
        "textposition": "none",
    }


def _pattern(shape: str) -> dict[str, Any]:
    """Drawn over the colour, so that neither stands alone."""
    return {
        "shape": shape,
        "fillmode": "overlay",
        "fgcolor": "#ffffff",
        "fgopacity": 0.55,
        "size": 6,
        "solidity": 0.22,
    }


def _layout(points: list[JudgedPoint], lam: Lam) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "height": HEIGHT_PX,
        "barmode": "stack",
        "bargap": 0.18,
        "margin": {"l": 8, "r": 8, "t": 66, "b": 8},
        "title": {
            "text": "Verdicts over λ (% of instructions)",
            "font": {"size": 13},
            "x": 0,
            "xref": "container",
            "y": 0.985,
            "yanchor": "top",
        },
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.03, "yanchor": "bottom", "itemclick": False},
        "xaxis": {"type": "category", "automargin": True, "title": {"text": "λ"}},
        "yaxis": {"automargin": True, "range": [0, 100], "dtick": 25, "zeroline": False},
    }
    here = [place for place, point in enumerate(points) if point.lam == lam]
    if here:
        layout["shapes"] = [_frame(here[0], lam)]
    return layout


def _frame(place: int, lam: Lam) -> dict[str, Any]:
    """Around the chosen λ."""
    return {
        "type": "rect",
        "x0": place - 0.47,
        "x1": place + 0.47,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": colour(lam), "width": 2.5},
        "fillcolor": "rgba(0,0,0,0)",
    }
