"""Two small charts: what keeping silent gains, and what a change of the problems costs over λ.

Pure functions from numbers to Plotly figures.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, shape
from core.lam import Lam
from core.reports.reasoning_scores import Told
from core.stats.sureness import RiskCoverage

HEIGHT_PX = 260


def risk_coverage(curves: Mapping[Lam, RiskCoverage]) -> go.Figure:
    """Share of wrong answers among the surest ones, by the share that is answered."""
    data = [
        {
            "type": "scatter",
            "name": f"λ = {lam}",
            "x": [100 * one for one in curve.coverage],
            "y": [100 * one for one in curve.risk],
            "mode": "lines",
            "line": {"color": colour(lam), "width": 2, "shape": "hv"},
            "hovertemplate": f"λ = {lam}<br>%{{x:.0f}} % answered, %{{y:.0f}} % of them wrong"
            "<extra></extra>",
        }
        for lam, curve in curves.items()
    ]
    return go.Figure(data=data, layout=_layout("Answered (%)", "Wrong among them (%)"))


def risk_words(curves: Mapping[Lam, RiskCoverage]) -> str:
    """The ends of each curve."""
    told = [
        f"λ {lam}: {100 * curve.risk[0]:.0f} % wrong of the surest, "
        f"{100 * curve.risk[-1]:.0f} % of all"
        for lam, curve in curves.items()
        if curve.risk
    ]
    return f"Wrong answers by the share answered. {'; '.join(told)}."


def drop(over_lam: Mapping[Lam, Told]) -> go.Figure:
    """Original minus perturbed over λ, in points, with intervals."""
    there = {lam: one for lam, one in over_lam.items() if one.value is not None}
    values = [100 * (one.value or 0) for one in there.values()]
    spans = [one.interval for one in there.values()]
    trace: dict[str, Any] = {
        "type": "scatter",
        "x": [lam.value for lam in there],
        "y": values,
        "mode": "lines+markers",
        "line": {"color": NEUTRAL, "width": 1.5},
        "marker": {
            "size": 9,
            "color": [colour(lam) for lam in there],
            "symbol": [shape(lam) for lam in there],
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * s.high - v if s else 0 for s, v in zip(spans, values, strict=True)],
            "arrayminus": [v - 100 * s.low if s else 0 for s, v in zip(spans, values, strict=True)],
            "color": NEUTRAL,
        },
        "hovertemplate": "λ = %{x}<br>%{y:.1f} points lost<extra></extra>",
    }
    return go.Figure(data=[trace], layout=_layout("λ", "Lost by the change (points)"))


def drop_words(over_lam: Mapping[Lam, Told]) -> str:
    """Each drop."""
    told = [
        f"λ {lam}: " + (one.reason or "none" if one.value is None else f"{100 * one.value:.1f}")
        for lam, one in over_lam.items()
    ]
    return f"Points lost when the problem is changed. {'; '.join(told)}."


def _layout(across: str, up: str) -> dict[str, Any]:
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "dragmode": False,
        "xaxis": {"title": {"text": across}, "fixedrange": True, "zeroline": False},
        "yaxis": {"title": {"text": up}, "fixedrange": True, "zeroline": True},
    }
