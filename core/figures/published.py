"""Two values a row, joined by a line: how tables by others are drawn, always in outline.

Pure function from names and numbers to a Plotly figure. Markers are hollow and the figure says
in its corner whose numbers these are, so that nothing published looks like something measured.
"""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour
from core.lam import BASE, INSTRUCT

ROW_PX, AROUND_PX = 30, 88
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PADDING = 0.04  # of the range, so that no marker is cut off
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bell:
    """One row: a name, one or two values, and the numbers of notes that concern it."""

    label: str
    first: float | None
    second: float | None
    marks: tuple[int, ...] = ()
    said: str = ""  # more about it, for the pointer


@dataclass(frozen=True, slots=True)
class Bells:
    """Rows of one panel and what their two values are called."""

    title: str
    first: str
    second: str | None
    rows: tuple[Bell, ...]
    whose: str  # "published, not measured here"


def dumbbells(bells: Bells, window: tuple[float, float]) -> go.Figure:
    """Rows from top to bottom; `window` is shared by panels that are looked at together."""
    traces = [_joins(bells), _ends(bells, 0)]
    if bells.second is not None:
        traces.append(_ends(bells, 1))
    return go.Figure(data=traces, layout=_layout(bells, window))


def window(panels: tuple[Bells, ...]) -> tuple[float, float]:
    """Lowest and highest value of all panels, with a margin."""
    values = [
        value
        for bells in panels
        for row in bells.rows
        for value in (row.first, row.second)
        if value is not None
    ]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = _PADDING * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def height_px(bells: Bells) -> int:
    """How tall the figure is."""
    return AROUND_PX + ROW_PX * len(bells.rows)


def in_words(bells: Bells) -> str:
    """Every row, for someone who cannot see the figure."""
    return f"{bells.title} ({bells.whose}). " + " ".join(
        f"{row.label}: {_told(bells.first, row.first)}"
        + (f", {_told(bells.second, row.second)}." if bells.second else ".")
        for row in bells.rows
    )


def _told(name: str, value: float | None) -> str:
    return f"{name} {'not given' if value is None else f'{value:g}'}"


def _joins(bells: Bells) -> Trace:
    x: list[float | None] = []
    y: list[int | None] = []
    for at, row in enumerate(bells.rows):
        if row.first is not None and row.second is not None:
            x += [row.first, row.second, None]
            y += [at, at, None]
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 2},
        "opacity": 0.6,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(bells: Bells, which: int) -> Trace:
    there = [
        (at, row, value)
        for at, row in enumerate(bells.rows)
        if (value := (row.first, row.second)[which]) is not None
    ]
    name = bells.second if which else bells.first
    return {
        "type": "scatter",
        "name": name,
        "x": [value for _, _, value in there],
        "y": [at for at, _, _ in there],
        "mode": "markers",
        "marker": {
            "symbol": "diamond-open" if which else "square-open",
            "size": 11,
            "color": colour(INSTRUCT if which else BASE),
            "line": {"width": 2},
        },
        "hovertext": [
            f"<b>{_safe(row.label)}</b><br>{_safe(name or '')} {value:g}{_more(row)}"
            for _, row, value in there
        ],
        "hoverinfo": "text",
    }


def _more(row: Bell) -> str:
    return f"<br>{_safe(row.said)}" if row.said else ""


def _safe(text: str) -> str:
    """Plotly reads a little HTML in its texts; a person's table is never HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ticks(bells: Bells) -> list[str]:
    return [
        _safe(row.label)
        + (
            ""
            if not row.marks
            else " " + " ".join(str(m).translate(_SUPERSCRIPTS) for m in row.marks)
        )
        for row in bells.rows
    ]


def _layout(bells: Bells, window: tuple[float, float]) -> dict[str, Any]:
    rows = len(bells.rows)
    return {
        "height": height_px(bells),
        "margin": {"l": 8, "r": 8, "t": 44, "b": 40},
        "dragmode": False,
        "hovermode": "closest",
        "title": {
            "text": _safe(bells.title),
            "font": {"size": 14},
            "x": 0,
            "y": 0.985,
            "yanchor": "top",
        },
        "legend": {
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {"range": list(window), "zeroline": False, "fixedrange": True, "nticks": 6},
        "yaxis": {
            "range": [rows - 0.4, -0.6],
            "tickvals": list(range(rows)),
            "ticktext": _ticks(bells),
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
        },
        "annotations": [
            {
                "text": _safe(bells.whose),
                "xref": "paper",
                "yref": "paper",
                "x": 1,
                "y": 0,
                "xanchor": "right",
                "yanchor": "top",
                "yshift": -20,
                "showarrow": False,
                "font": {"size": 11},
            }
        ],
    }
