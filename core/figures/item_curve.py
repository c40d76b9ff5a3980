"""The choices of one item over λ: a line a choice, right ones thick; pure, item to figure.

What is drawn is what the task's metric compares, so the highest line at a λ is the choice that
was taken there. ✓ and ✗ under each λ say the same in signs. Choices are a model's or a data
set's text: Plotly reads markup in names, so it is escaped.
"""

from html import escape
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour
from core.lam import Lam
from core.reports.ledger import Mark
from core.reports.ledger_item import ChoiceLine, OpenItem

HEIGHT_PX = 260
MOST_CHARACTERS, MOST_TICKS = 28, 14
RIGHT_TINT = "#1a936f"
DASHES = ("dot", "dash", "dashdot", "longdash")
SIGNS: dict[Mark, str] = {"absent": "·", "right": "✓"}


def item_curve(item: OpenItem, lam: Lam) -> go.Figure:
    """λ across at its place, log-likelihood up, the chosen λ marked."""
    wrong = [choice for choice in item.choices if not choice.right]
    right = [choice for choice in item.choices if choice.right]
    traces = [_line(item, one, DASHES[at % len(DASHES)]) for at, one in enumerate(wrong)]
    return go.Figure(
        data=[*traces, *(_line(item, one, "solid") for one in right)], layout=_layout(item, lam)
    )


def shown(text: str) -> str:
    """A choice short enough for a legend, on one line, without markup."""
    line = " ".join(text.split()) or "(empty)"
    short = line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
    return escape(short)


def _line(item: OpenItem, choice: ChoiceLine, dash: str) -> dict[str, Any]:
    tint = RIGHT_TINT if choice.right else NEUTRAL
    name = f"{'✓ ' if choice.right else ''}{shown(choice.text)}"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [lam.value for lam in item.lams],
        "y": list(choice.values),
        "connectgaps": False,
        "line": {"color": tint, "width": 3 if choice.right else 1.5, "dash": dash},
        "marker": {"size": 7 if choice.right else 4, "color": tint},
        "hovertext": [
            "" if value is None else f"λ = {lam}: {value:.3f} · {name}"
            for lam, value in zip(item.lams, choice.values, strict=True)
        ],
        "hoverinfo": "text",
    }


def _layout(item: OpenItem, lam: Lam) -> dict[str, Any]:
    signs = [SIGNS.get(mark, "✗") for mark in item.marks]
    ticks = list(zip(item.lams, signs, strict=True))[:: -(-len(signs) // MOST_TICKS)]
    layout: dict[str, Any] = {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "title": {
            "text": f"{item.compared_by[0].upper()}{item.compared_by[1:]} over λ",
            "font": {"size": 13},
            "x": 0,
            "xref": "container",
        },
        "dragmode": False,
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top", "itemclick": False},
        "xaxis": {
            "tickvals": [one.value for one, _ in ticks],
            "ticktext": [f"{one}<br>{sign}" for one, sign in ticks],
            "tickangle": 0,
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {"automargin": True, "zeroline": False},
    }
    if lam in item.lams:
        layout["shapes"] = [_here(lam)]
    return layout


def _here(lam: Lam) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": lam.value,
        "x1": lam.value,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": colour(lam), "width": 2, "dash": "dot"},
        "layer": "below",
    }
