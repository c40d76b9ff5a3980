"""Accuracy of a few λ beside each other, category by category or part by part.

Pure function from values to a Plotly figure; whiskers are 95 % intervals, the hatch tells the λ
apart beside its colour, and an absent value is a gap with its reason on hover below.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour
from core.lam import Lam
from core.reports.reasoning_scores import Told

HEIGHT_PX = 300
Scores = Mapping[str, Told]
HATCHES = ("", "/", ".", "x", "\\")


def beside_bars(scores: Mapping[Lam, Scores], heading: str) -> go.Figure:
    """One group of bars a name, one bar a λ."""
    traces = [
        _bars(lam, own, HATCHES[at % len(HATCHES)]) for at, (lam, own) in enumerate(scores.items())
    ]
    return go.Figure(data=traces, layout=_layout(heading))


def in_words(scores: Mapping[Lam, Scores], heading: str) -> str:
    """Every value, for someone who cannot see the bars."""
    told = (
        f"λ {lam}: " + ", ".join(f"{name} {_value(one)}" for name, one in own.items())
        for lam, own in scores.items()
    )
    return f"{heading}. {'; '.join(told)}."


def _value(one: Told) -> str:
    return "not told" if one.value is None else f"{100 * one.value:.1f} %"


def _bars(lam: Lam, scores: Scores, hatch: str) -> dict[str, Any]:
    there = {name: one for name, one in scores.items() if one.value is not None}
    values = [100 * (one.value or 0) for one in there.values()]
    spans = [one.interval for one in there.values()]
    return {
        "type": "bar",
        "name": f"λ = {lam}",
        "x": list(there),
        "y": values,
        "marker": {
            "color": colour(lam),
            "pattern": {
                "shape": hatch,
                "fillmode": "overlay",
                "fgcolor": "#ffffff",
                "fgopacity": 0.7,
            },
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * s.high - v if s else None for s, v in zip(spans, values, strict=True)],
            "arrayminus": [
                v - 100 * s.low if s else None for s, v in zip(spans, values, strict=True)
            ],
            "color": NEUTRAL,
            "thickness": 1.5,
        },
        "hovertext": [
            f"<b>λ = {lam}, {name}</b><br>{_value(one)}"
            + (
                f" ({100 * one.interval.low:.1f}–{100 * one.interval.high:.1f})"
                if one.interval
                else ""
            )
            + f"<br>n = {one.n}"
            for name, one in there.items()
        ],
        "hoverinfo": "text",
    }


def _layout(heading: str) -> dict[str, Any]:
    return {
        "height": HEIGHT_PX,
        "barmode": "group",
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "title": {"text": heading, "font": {"size": 14}, "x": 0, "y": 0.985, "yanchor": "top"},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "dragmode": False,
        "xaxis": {"fixedrange": True, "automargin": True, "type": "category"},
        "yaxis": {"range": [0, 104], "fixedrange": True, "title": {"text": "%"}},
    }
