"""Few-shot accuracy over λ, one small panel a category, in one of the four views.

Pure function from the views to a Plotly figure; it does not depend on the chosen λ. Panels
share one window, so heights can be compared; percentages of λ=1 get a window each, because
one category that is near 0 there would flatten the rest. Dots are measured; lines only lead
the eye; the dotted line is the mean over all tasks.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, shape
from core.figures.views import HEADINGS, LABELS, Window, signed, window
from core.reports.points import Measure
from core.reports.views import FewShot, Group, Reading, View

COLUMNS = 3
ROW_PX, TITLE_PX, BOTTOM_PX, GAP = 132, 36, 28, 0.05
Trace = dict[str, Any]


def panels(few_shot: FewShot, view: View) -> go.Figure:
    """Categories from left to right and top to bottom."""
    groups = few_shot.categories
    shared = window(view, groups)
    layout, traces = _layout(len(groups)), []
    for at, group in enumerate(groups):
        own = window(view, [group]) if view == "fractional" else shared
        layout.update(_axes(at, len(groups), own, few_shot))
        layout["annotations"].append(_title(at, group))
        if view != "fractional":
            traces.append(_all_tasks(at, few_shot.overall, view))
        traces += _curve(at, group, view)
    return go.Figure(data=traces, layout=layout)


def height_px(few_shot: FewShot) -> int:
    """How tall the figure is."""
    rows = -(-len(few_shot.categories) // COLUMNS)
    return rows * (ROW_PX + TITLE_PX + BOTTOM_PX)


def in_words(few_shot: FewShot, view: View) -> str:
    """What the panels show, for someone who cannot see them."""
    return f"{HEADINGS[view]}, by category. " + " ".join(
        f"{group.name}: {_first_and_last(group, view)}." for group in few_shot.categories
    )


def _first_and_last(group: Group, view: View) -> str:
    there = [one for one in group.views[view] if one.measure.value is not None]
    if not there:
        return next((one.measure.reason or "" for one in group.views[view]), "not measured")
    ends = dict.fromkeys((there[0], there[-1]))
    return ", ".join(f"λ {one.lam} {signed(view, one.measure.value or 0.0)}" for one in ends)


def _curve(at: int, group: Group, view: View) -> list[Trace]:
    there = [one for one in group.views[view] if one.measure.value is not None]
    xs = [one.lam.value for one in there]
    ys = [one.measure.value for one in there]
    axes = {
        "xaxis": _axis("x", at),
        "yaxis": _axis("y", at),
        "showlegend": False,
        "type": "scatter",
    }
    band = [_ends(one.measure) for one in there]
    return [
        {
            **axes,
            "x": [*xs, *reversed(xs)],
            "y": [high for _, high in band] + [low for low, _ in reversed(band)],
            "fill": "toself",
            "fillcolor": "rgba(128,136,148,0.22)",
            "line": {"width": 0},
            "mode": "lines",
            "hoverinfo": "skip",
        },
        {
            **axes,
            "x": xs,
            "y": ys,
            "mode": "lines+markers",
            "line": {"color": NEUTRAL, "width": 1.5},
            "marker": {
                "size": 7,
                "color": [colour(one.lam) for one in there],
                "symbol": [shape(one.lam) for one in there],
            },
            "hovertext": [hover(group, one, view) for one in there],
            "hoverinfo": "text",
        },
    ]


def _all_tasks(at: int, overall: Group, view: View) -> Trace:
    there = [one for one in overall.views[view] if one.measure.value is not None]
    return {
        "type": "scatter",
        "xaxis": _axis("x", at),
        "yaxis": _axis("y", at),
        "x": [one.lam.value for one in there],
        "y": [one.measure.value for one in there],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1.2, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def hover(group: Group, reading: Reading, view: View) -> str:
    """One dot in words, both intervals under their own names."""
    value = signed(view, reading.measure.value or 0.0)
    head = f"<b>{group.name}, λ = {reading.lam}</b><br>{LABELS[view]}: {value}"
    items = _interval("items drawn again", reading.measure, f"n = {reading.measure.n:,}")
    tasks = _interval("tasks drawn again", reading.across_tasks, f"{reading.across_tasks.n} tasks")
    return f"{head}<br>{items}<br>{tasks}"


def _interval(name: str, measure: Measure, n: str) -> str:
    if measure.interval is None:
        return f"{name}: no interval ({measure.reason or 'no reason was recorded'})"
    ends = measure.interval.low, measure.interval.high
    low, high = (f"{end:.1f}".replace("-", "−") for end in ends)
    return f"{name}: {low} to {high} ({n})"


def _ends(measure: Measure) -> tuple[float | None, float | None]:
    if measure.interval is None:
        return measure.value, measure.value
    return measure.interval.low, measure.interval.high


def _axis(name: str, at: int) -> str:
    """Plotly numbers axes from 1 and leaves the first one's number out."""
    return name if at == 0 else f"{name}{at + 1}"


def _domains(at: int, panels: int) -> tuple[list[float], list[float]]:
    rows = -(-panels // COLUMNS)
    row, column = divmod(at, COLUMNS)
    wide = (1 - GAP * (COLUMNS - 1)) / COLUMNS
    tall, whole = 1 / rows, ROW_PX + TITLE_PX + BOTTOM_PX
    top = 1 - row * tall
    left = column * (wide + GAP)
    across = [left, left + wide]
    return across, [top - tall * (TITLE_PX + ROW_PX) / whole, top - tall * TITLE_PX / whole]


def _axes(at: int, panels: int, own: Window, few_shot: FewShot) -> dict[str, Any]:
    across, up = _domains(at, panels)
    lams = [one.lam.value for one in few_shot.overall.views["absolute"]]
    return {
        _axis("xaxis", at): {
            "domain": across,
            "anchor": _axis("y", at),
            "range": [min(lams) - 0.06, max(lams) + 0.06],
            "dtick": 0.5,
            "zeroline": False,
        },
        _axis("yaxis", at): {
            "domain": up,
            "anchor": _axis("x", at),
            "range": list(own),
            "nticks": 4,
            "zeroline": True,
            "zerolinecolor": NEUTRAL,
        },
    }


def _title(at: int, group: Group) -> dict[str, Any]:
    many = f"{len(group.tasks)} tasks" if len(group.tasks) > 1 else "1 task"
    return {
        "text": f"<b>{group.name}</b><br>{many}",
        "x": 0,
        "xref": f"{_axis('x', at)} domain",
        "xanchor": "left",
        "y": 1,
        "yref": f"{_axis('y', at)} domain",
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
        "font": {"size": 11},
    }


def _layout(panels: int) -> dict[str, Any]:
    rows = -(-panels // COLUMNS)
    return {
        "height": rows * (ROW_PX + TITLE_PX + BOTTOM_PX),
        "margin": {"l": 34, "r": 8, "t": 4, "b": 4},
        "dragmode": False,
        "hovermode": "closest",
        "annotations": [],
    }
