"""What became of a task's written answers over λ: one bar a λ, stacked to 100 %.

Pure function from counts to a Plotly figure. Each outcome has a hatching of its own beside its
colour, and its name and share on hover.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.reports.outcome_words import WORDS, CountsAt, shares
from core.reports.outcomes import Outcome

HEIGHT_PX = 190
# Colour, and Plotly's hatching: "" is plain.
LOOKS: dict[Outcome, tuple[str, str]] = {
    "right": ("#2e8b6f", ""),
    "chatter": ("#5fb0d3", "/"),
    "out_of_tokens": ("#d4700f", "\\"),
    "unparsable": ("#8a6bc0", "x"),
    "wrong": ("#808894", ""),
    "unknown": ("#808894", "."),
}


def outcomes(over_lam: Sequence[CountsAt]) -> go.Figure:
    """Bars in ascending λ; only outcomes that occur are drawn and named."""
    held = [(str(one.lam), shares(one.counts)) for one in over_lam]
    there = [outcome for outcome in WORDS if any(outcome in found for _, found in held)]
    return go.Figure(data=[_bars(outcome, held) for outcome in there], layout=_layout())


def in_words(over_lam: Sequence[CountsAt]) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = (
        f"λ {one.lam}: "
        + ", ".join(f"{share:.0f} % {WORDS[outcome]}" for outcome, share in found.items())
        for one in over_lam
        if (found := shares(one.counts))
    )
    return f"What became of the written answers over λ. {'; '.join(told)}."


def _bars(outcome: Outcome, held: Sequence[tuple[str, dict[Outcome, float]]]) -> dict[str, Any]:
    colour, hatching = LOOKS[outcome]
    values = [found.get(outcome, 0.0) for _, found in held]
    return {
        "type": "bar",
        "name": WORDS[outcome],
        "x": [lam for lam, _ in held],
        "y": values,
        "marker": {
            "color": colour,
            "line": {"width": 0},
            "pattern": {
                "shape": hatching,
                "fillmode": "overlay",  # lines on the colour, in place of the colour alone
                "fgcolor": "#ffffff",
                "fgopacity": 0.75,
                "size": 5,
                "solidity": 0.25,
            },
        },
        "hovertext": [
            f"λ = {lam}: {value:.0f} % {WORDS[outcome]}"
            for (lam, _), value in zip(held, values, strict=True)
        ],
        "hoverinfo": "text",
    }


def _layout() -> dict[str, Any]:
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "barmode": "stack",
        "bargap": 0.15,
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 11},
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {"type": "category", "automargin": True},
        "yaxis": {"range": [0, 100], "dtick": 50, "automargin": True, "zeroline": False},
    }
