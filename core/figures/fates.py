"""What became of all answers over λ: right, wrong, no answer found, out of tokens are different.

Pure function from shares to a Plotly figure: one bar a λ, stacked to 100 %.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.lam import Lam
from core.reports.reasoning_items import Shares

HEIGHT_PX = 220
# field → words, colour, hatching
FATES: dict[str, tuple[str, str, str]] = {
    "right": ("right", "#2e8b6f", ""),
    "wrong": ("wrong", "#808894", ""),
    "undecided": ("not decided by the grader", "#808894", "."),
    "no_answer": ("no answer found", "#8a6bc0", "x"),
    "out_of_tokens": ("out of tokens", "#d4700f", "\\"),
    "too_long": ("too long to grade", "#b5893c", "/"),
}


def fates(over_lam: Mapping[Lam, Shares]) -> go.Figure:
    """Only fates that occur are drawn and named."""
    there = [f for f in FATES if any(getattr(one, f) > 0 for one in over_lam.values())]
    return go.Figure(data=[_bars(fate, over_lam) for fate in there], layout=_layout())


def in_words(over_lam: Mapping[Lam, Shares]) -> str:
    """The same for someone who cannot see the bars."""
    told = (
        f"λ {lam}: "
        + ", ".join(
            f"{100 * getattr(one, fate):.0f} % {FATES[fate][0]}"
            for fate in FATES
            if getattr(one, fate) > 0
        )
        for lam, one in over_lam.items()
    )
    return f"What became of the answers. {'; '.join(told)}."


def _bars(fate: str, over_lam: Mapping[Lam, Shares]) -> dict[str, Any]:
    words, shade, hatch = FATES[fate]
    values = [100 * getattr(one, fate) for one in over_lam.values()]
    return {
        "type": "bar",
        "name": words,
        "x": [str(lam) for lam in over_lam],
        "y": values,
        "marker": {
            "color": shade,
            "pattern": {
                "shape": hatch,
                "fillmode": "overlay",
                "fgcolor": "#ffffff",
                "fgopacity": 0.75,
            },
        },
        "hovertext": [
            f"<b>λ = {lam}</b><br>{value:.1f} % {words}<br>of {one.answers:,} answers"
            for (lam, one), value in zip(over_lam.items(), values, strict=True)
        ],
        "hoverinfo": "text",
    }


def _layout() -> dict[str, Any]:
    return {
        "height": HEIGHT_PX,
        "barmode": "stack",
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "title": {
            "text": "What became of the answers (%)",
            "font": {"size": 14},
            "x": 0,
            "y": 0.985,
            "yanchor": "top",
        },
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "dragmode": False,
        "xaxis": {"type": "category", "title": {"text": "λ", "standoff": 4}, "fixedrange": True},
        "yaxis": {"range": [0, 100], "fixedrange": True},
    }
