"""What each λ's accuracy is made of: right items, stacked by group; pure, view to figure.

The height of a bar is that λ's accuracy, because the groups part the items. Its own colours,
because blue and orange mean λ everywhere else; patterns say the same again.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import colour
from core.lam import Lam
from core.reports.ledger import Ledger
from core.reports.ledger_groups import GROUPS, WORDS, Group
from core.reports.ledger_view import View

HEIGHT_PX = 330
MOST_NUMBERS = 18  # above bars; more would run into each other
LOOKS: dict[Group, tuple[str, str]] = {  # colour, pattern; "never" is right nowhere
    "always": ("#6b7280", ""),
    "gained": ("#1a936f", "/"),
    "lost": ("#8e4a9e", "\\"),
    "inside": ("#c9a227", "x"),
    "mixed": ("#9fb4c7", "."),
}


def groups(ledger: Ledger, view: View, lam: Lam) -> go.Figure:
    """One bar a λ in percent of the items that are there."""
    traces = [_trace(ledger, view, group) for group in LOOKS]
    return go.Figure(data=[*traces, _totals(ledger, view)], layout=_layout(ledger, lam))


def in_words(ledger: Ledger, view: View) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = "; ".join(
        f"λ {lam}: {accuracy:.1f} %"
        for column, lam in enumerate(ledger.lams)
        if (accuracy := view.table.accuracy(column)) is not None
    )
    return f"Share right over λ, by the group of the items. {told or 'No item is like that'}."


def _trace(ledger: Ledger, view: View, group: Group) -> dict[str, Any]:
    tint, pattern = LOOKS[group]
    right = view.table.right[GROUPS.index(group)].tolist()
    there = view.table.there.sum(axis=0).tolist()
    name = WORDS[group].name
    return {
        "type": "bar",
        "name": name,
        "x": [str(lam) for lam in ledger.lams],
        "y": [100 * n / of if of else None for n, of in zip(right, there, strict=True)],
        "marker": {"color": tint, "pattern": _pattern(pattern), "line": {"width": 0}},
        "hovertext": [
            f"λ = {lam}: {n:,} of {of:,} are right and {name.lower()}"
            for lam, n, of in zip(ledger.lams, right, there, strict=True)
        ],
        "hoverinfo": "text",
        "textposition": "none",
    }


def _totals(ledger: Ledger, view: View) -> dict[str, Any]:
    """The accuracy above each bar."""
    shares = [view.table.accuracy(column) for column in range(len(ledger.lams))]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [str(lam) for lam in ledger.lams],
        "y": shares,
        "text": [
            "" if share is None or len(shares) > MOST_NUMBERS else f"{share:.0f}"
            for share in shares
        ],
        "textposition": "top center",
        "textfont": {"size": 11},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


def _pattern(shape: str) -> dict[str, Any]:
    return {
        "shape": shape,
        "fillmode": "overlay",
        "fgcolor": "#ffffff",
        "fgopacity": 0.5,
        "size": 6,
        "solidity": 0.22,
    }


def _layout(ledger: Ledger, lam: Lam) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "height": HEIGHT_PX,
        "barmode": "stack",
        "bargap": 0.2,
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "title": {
            "text": "What is right at each λ, by group (% of items)",
            "font": {"size": 13},
            "x": 0,
            "xref": "container",
        },
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": -0.24,
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
        },
        "xaxis": {"type": "category", "automargin": True, "title": {"text": "λ", "standoff": 4}},
        "yaxis": {"automargin": True, "range": [0, 108], "tickvals": [0, 25, 50, 75, 100]},
    }
    if lam in ledger.lams:
        layout["shapes"] = [_frame(ledger.lams.index(lam), lam)]
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
        "line": {"color": colour(lam), "width": 2},
        "fillcolor": "rgba(0,0,0,0)",
    }
