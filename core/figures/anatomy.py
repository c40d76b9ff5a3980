"""Where two parents differ, as a map: layers down, parts across, each cell saying its number.

Pure function from sums to a Plotly figure. A sequential scale from the theme; the number stands
in each cell, so nothing rests on colour.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL
from core.pairs.anatomy import Anatomy, Change
from core.pairs.parts import Kind

ROW_PX, AROUND_PX, MOST_LABELS = 26, 96, 48
OUTSIDE = "outside"


def weights_map(anatomy: Anatomy) -> go.Figure:
    """Relative change of every part in every layer."""
    kinds = list(anatomy.by_kind())
    layers = _layers(anatomy)
    cells = [[anatomy.cell(kind, layer) for kind in kinds] for layer in layers]
    names = [OUTSIDE if layer is None else f"layer {layer}" for layer in layers]
    return go.Figure(
        data=[_heat(kinds, names, cells)], layout=_layout(len(layers), _highest(cells))
    )


def height_px(anatomy: Anatomy) -> int:
    """How tall the map is."""
    return AROUND_PX + ROW_PX * len(_layers(anatomy))


def in_words(anatomy: Anatomy) -> str:
    """What the map shows, for someone who cannot see it."""
    told = (
        f"{kind}: {_number(change)} of the base, {100 * (change.share or 0):.0f} % of the change"
        for kind, change in anatomy.by_kind().items()
    )
    return f"Relative change of the weights by part. {'; '.join(told)}."


def _layers(anatomy: Anatomy) -> list[int | None]:
    inside: list[int | None] = list(range(anatomy.layers))
    outside = any(anatomy.cell(kind, None) for kind in anatomy.by_kind())
    return [*inside, None] if outside else inside


def _heat(kinds: list[Kind], names: list[str], cells: list[list[Change | None]]) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": kinds,
        "y": names,
        "z": [[cell and cell.relative for cell in row] for row in cells],
        "text": [[_number(cell) for cell in row] for row in cells],
        "texttemplate": "%{text}" if len(names) <= MOST_LABELS else "",
        "customdata": [[_more(cell) for cell in row] for row in cells],
        "hovertemplate": "<b>%{y}, %{x}</b><br>%{customdata}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "coloraxis": "coloraxis",
    }


def _number(cell: Change | None) -> str:
    return "" if cell is None or cell.relative is None else f"{cell.relative:.2f}"


def _more(cell: Change | None) -> str:
    if cell is None:
        return ""
    cosine = "–" if cell.cosine is None else f"{cell.cosine:.4f}"
    share = "–" if cell.share is None else f"{100 * cell.share:.1f} %"
    return (
        f"{_number(cell) or '–'} of the base's norm<br>cosine {cosine}<br>"
        f"{share} of the whole change<br>{cell.elements:,} numbers"
    )


def _highest(cells: list[list[Change | None]]) -> float:
    found = [c.relative for row in cells for c in row if c is not None and c.relative is not None]
    return max(found, default=1.0) or 1.0


def _layout(rows: int, highest: float) -> dict[str, Any]:
    bare = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}
    return {
        "height": AROUND_PX + ROW_PX * rows,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "dragmode": False,
        "xaxis": {"side": "top", "type": "category", **bare},
        "yaxis": {"autorange": "reversed", "type": "category", **bare},
        "coloraxis": {
            "cmin": 0,
            "cmax": highest,
            "colorscale": [[0, "rgba(128,136,148,0.08)"], [1, "#2e8b6f"]],
            "colorbar": {
                "orientation": "h",
                "thickness": 8,
                "len": 0.5,
                "x": 1,
                "xanchor": "right",
                "y": 0,
                "yanchor": "top",
                "title": {"text": "‖instruct − base‖ / ‖base‖", "side": "top"},
                "outlinewidth": 0,
                "tickcolor": NEUTRAL,
            },
        },
    }
