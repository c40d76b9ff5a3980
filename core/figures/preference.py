"""What people chose, over λ: the chance of beating λ = 1, with the judge's win rate behind it.

Pure, from a fitted preference to a Plotly figure. Both are percentages against λ = 1, but not
the same thing: people chose between texts, the judge counts what it checks.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, shape
from core.reports.judging_points import JudgeLine
from core.reports.preference import Preference, PreferencePoint

HEIGHT_PX = 320
PERCENT = 100.0


def preference_curve(found: Preference, line: JudgeLine | None = None) -> go.Figure:
    """Dots with 95 % intervals; a hollow dot has none. The judge's curve is a dashed line."""
    traces = [_judge(line)] if line is not None else []
    return go.Figure(data=[*traces, _people(found)], layout=_layout(found))


def in_words(found: Preference, line: JudgeLine | None = None) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = [_said(point) for point in found.points if point.lam != found.against]
    judge = f" Behind it the win rate that {line.name} gives." if line is not None else ""
    return f"Chance that people prefer λ to λ = {found.against}. {'; '.join(told)}.{judge}"


def _said(point: PreferencePoint) -> str:
    chance = point.chance
    if chance.value is None:
        return f"λ {point.lam}: no value, {chance.reason} (n = {chance.games})"
    span = chance.interval
    ends = f", {PERCENT * span.low:.0f} to {PERCENT * span.high:.0f}" if span else ""
    return f"λ {point.lam}: {PERCENT * chance.value:.0f} %{ends} (n = {chance.games})"


def _people(found: Preference) -> dict[str, Any]:
    """An absent value leaves a gap in the line."""
    points = found.points
    return {
        "type": "scatter",
        "name": "people",
        "mode": "markers+lines",
        "x": [point.lam.value for point in points],
        "y": [_percent(point.chance.value) for point in points],
        "connectgaps": False,
        "line": {"color": NEUTRAL, "width": 1.5},
        "marker": {
            "size": 10,
            "color": [colour(point.lam) for point in points],
            "symbol": [_symbol(found, point) for point in points],
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [_away(point)[1] for point in points],
            "arrayminus": [_away(point)[0] for point in points],
            "color": NEUTRAL,
            "thickness": 1.5,
        },
        "hovertext": [_said(point) for point in points],
        "hoverinfo": "text",
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else PERCENT * share


def _away(point: PreferencePoint) -> tuple[float, float]:
    """How far the interval reaches below and above; nowhere without one."""
    value, span = point.chance.value, point.chance.interval
    if value is None or span is None:
        return 0.0, 0.0
    return PERCENT * (value - span.low), PERCENT * (span.high - value)


def _symbol(found: Preference, point: PreferencePoint) -> str:
    whole = point.chance.interval is not None or point.lam == found.against
    return shape(point.lam) if whole else f"{shape(point.lam)}-open"


def _judge(line: JudgeLine) -> dict[str, Any]:
    points = [point for point in line.points if point.rate.value is not None]
    return {
        "type": "scatter",
        "name": f"win rate of the judge {line.name}",
        "mode": "lines+markers",
        "x": [point.lam.value for point in points],
        "y": [point.rate.value for point in points],
        "line": {"color": NEUTRAL, "width": 2, "dash": "dash"},
        "marker": {"size": 4, "color": NEUTRAL},
        "hovertext": [
            f"{line.name}, λ = {point.lam}: {point.rate.value:.1f} %" for point in points
        ],
        "hoverinfo": "text",
    }


def _layout(found: Preference) -> dict[str, Any]:
    half = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 50, "y1": 50}
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 58, "b": 8},
        "title": {
            "text": f"Preferred to λ = {found.against} (% of votes, as fitted)",
            "font": {"size": 13},
            "x": 0,
            "xref": "container",
        },
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "itemclick": False},
        "xaxis": {"automargin": True, "title": {"text": "λ"}, "zeroline": False, "dtick": 0.2},
        "yaxis": {"automargin": True, "range": [-4, 104], "dtick": 25, "zeroline": False},
        "shapes": [{**half, "line": {"color": NEUTRAL, "width": 1, "dash": "dot"}}],
    }
