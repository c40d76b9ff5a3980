"""The heat map: every few-shot task over λ, as difference to λ=1 in points.

Pure function from rows to a Plotly figure. Colours run from purple (worse) through the
background (no difference) to green (better) and come from the theme's diverging list, centred
at 0; each cell also says its number, in brackets where the interval contains 0, so nothing
rests on colour. Heat-map traces take no clicks, so an unseen square lies on every cell and
carries λ (in thousandths) and the task, in the order that `reports.heat.cell_number` counts.
"""

from typing import Any

import plotly.graph_objects as go

from core.reports.heat import HeatCell, HeatRow, by_category
from core.reports.sentences import numbers

ROW_PX, HEADING_ROWS, AROUND_PX = 27, 0.8, 92
SMALLEST_BOUND = 5.0  # points: noise alone never fills the scale
HOVER_PX = 40
Trace = dict[str, Any]


def heat(rows: tuple[HeatRow, ...]) -> go.Figure:
    """Rows top to bottom under the heading of their category; one column a measured λ."""
    places = _places(rows)
    traces = [_block(block, places) for block in by_category(rows).values()]
    return go.Figure(data=[*traces, _squares(rows, places)], layout=_layout(rows, places))


def height_px(rows: tuple[HeatRow, ...]) -> int:
    """How tall the figure is."""
    return AROUND_PX + round(ROW_PX * (len(rows) + HEADING_ROWS * len(by_category(rows))))


def _places(rows: tuple[HeatRow, ...]) -> dict[str, float]:
    """Task → its height from the top, in rows; a heading stands above each category."""
    places, at = {}, 0.0
    for block in by_category(rows).values():
        at += HEADING_ROWS
        for row in block:
            places[row.task] = at + 0.5
            at += 1
    return places


def _block(block: tuple[HeatRow, ...], places: dict[str, float]) -> Trace:
    return {
        "type": "heatmap",
        "x": list(range(len(block[0].cells))),
        "y": [places[row.task] for row in block],
        "z": [[cell.difference.value for cell in row.cells] for row in block],
        "text": [[_bold(cell) for cell in row.cells] for row in block],
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
        "xgap": 2,
        "ygap": 2,
        "coloraxis": "coloraxis",
        "hoverinfo": "skip",
        "hoverongaps": False,
    }


def _bold(cell: HeatCell) -> str:
    return f"<b>{cell.text}</b>" if cell.said in ("better", "worse") else cell.text


def _squares(rows: tuple[HeatRow, ...], places: dict[str, float]) -> Trace:
    cells = [(row, at, cell) for row in rows for at, cell in enumerate(row.cells)]
    unseen = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "x": [at for _, at, _ in cells],
        "y": [places[row.task] for row, _, _ in cells],
        "mode": "markers",
        "marker": {"symbol": "square", "size": ROW_PX - 4, "opacity": 0},
        "selected": unseen,
        "unselected": unseen,
        "customdata": [[cell.lam.thousandths, row.task] for row, _, cell in cells],
        "hovertext": [_hover(row, cell) for row, _, cell in cells],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _hover(row: HeatRow, cell: HeatCell) -> str:
    said = numbers(cell.difference).replace(" (", "<br>(", 1)
    verdict = "" if cell.lam.is_instruct else f"<br>{cell.said}"
    return f"<b>{row.name}, λ = {cell.lam}</b><br>{said}{verdict}<br>click for its items"


def _layout(rows: tuple[HeatRow, ...], places: dict[str, float]) -> dict[str, Any]:
    values = [cell.difference.value for row in rows for cell in row.cells]
    bound = max([SMALLEST_BOUND, *(abs(value) for value in values if value is not None)])
    bottom = max(places.values()) + 0.5
    columns = len(rows[0].cells)
    return {
        "height": height_px(rows),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "closest",
        "hoverdistance": HOVER_PX,
        "dragmode": False,
        "clickmode": "event+select",
        "coloraxis": {
            "autocolorscale": True,  # the theme's diverging colours, whichever mode is on
            "cmin": -bound,
            "cmax": bound,
            "cmid": 0,
            "colorbar": _scale(),
        },
        "xaxis": {
            "side": "top",
            "title": {"text": "λ", "standoff": 4},
            "tickvals": list(range(columns)),
            "ticktext": [str(cell.lam) for cell in rows[0].cells],
            "range": [-0.5, columns - 0.5],
            **_bare(),
        },
        "yaxis": {"range": [bottom, 0], **_ticks(rows, places), **_bare()},
    }


def _ticks(rows: tuple[HeatRow, ...], places: dict[str, float]) -> dict[str, Any]:
    """Task names at their rows, and each category in bold above its first."""
    headings = {
        f"<b>{category}</b>": places[block[0].task] - 0.5 - HEADING_ROWS / 2
        for category, block in by_category(rows).items()
    }
    named = [(row.name, places[row.task]) for row in rows]
    both = [*headings.items(), *named]
    return {"tickvals": [at for _, at in both], "ticktext": [text for text, _ in both]}


def _bare() -> dict[str, Any]:
    return {"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True}


def _scale() -> dict[str, Any]:
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.5,
        "x": 1,
        "xanchor": "right",
        "y": 0,
        "yanchor": "top",
        "title": {"text": "points against λ = 1", "side": "top"},
        "outlinewidth": 0,
    }
