"""The plane: few-shot accuracy across, instruction following up, one point a λ.

`plane(trade_off, lam)` is a pure function from a measured trade-off to a Plotly figure; it
reads no files and knows no page. Each point carries its λ in `customdata`, in thousandths,
so that a click leads back to exactly that λ. Where all λ were compared, each point has its
95 % region of both coordinates together (overlay.py); elsewhere whiskers are the stored 95 %
intervals of each, made from different items on the two axes and therefore drawn separately.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from core.figures.axis import SHORT, Axis, measure, title
from core.figures.colour import NEUTRAL, colour, dash, shape
from core.figures.labels import Placed, Wanted, along, place_labels
from core.figures.overlay import NOTHING, Overlay, outlines, stars
from core.figures.path import Place, drawable, place
from core.lam import Lam
from core.reports.points import Measure, Point, TradeOff

HEIGHT_PX = 422
POINT_PX, CURRENT_PX = 11, 25
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """The window on the plane."""

    x: tuple[float, float]
    y: tuple[float, float]


def plane(
    trade_off: TradeOff, lam: Lam, axis: Axis = "win_rate", seen: Overlay = NOTHING
) -> go.Figure:
    """The λ-ordered path with regions or intervals; base, instruct and `lam` are named."""
    points = drawable(trade_off, axis)
    here = place(trade_off, lam, axis)
    at = {point.lam: _at(point, axis) for point in points}
    traces = [*_legs(points, axis), _points(points, axis, seen), *stars(seen, at)]
    if here is not None:
        traces.append(_current(here, lam))
    view = _view(points, axis, seen)
    layout = _layout(trade_off, axis, view, _notes(points, axis, lam, here, view))
    return go.Figure(data=traces, layout={**layout, "shapes": outlines(seen, lam)})


def in_words(trade_off: TradeOff, lam: Lam, axis: Axis = "win_rate") -> str:
    """What the chart shows, for someone who cannot see it."""
    shown = "; ".join(
        f"λ {point.lam}: {point.icl.value:.1f} and {measure(point, axis).value:.1f}"
        for point in drawable(trade_off, axis)
    )
    return (
        f"Few-shot accuracy in percent and {title(trade_off, axis)}, "
        f"along λ. Chosen: λ {lam}. {shown}."
    )


def _legs(points: tuple[Point, ...], axis: Axis) -> list[Trace]:
    return [
        {
            "type": "scatter",
            "x": [left.icl.value, right.icl.value],
            "y": [measure(left, axis).value, measure(right, axis).value],
            "mode": "lines",
            "line": {
                "color": colour(Lam((left.lam.thousandths + right.lam.thousandths) // 2)),
                "width": 2.5,
                "dash": dash(left.lam, right.lam),
            },
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for left, right in pairwise(points)
    ]


def _points(points: tuple[Point, ...], axis: Axis, seen: Overlay) -> Trace:
    alone = [point.lam not in seen.regions for point in points]
    return {
        "type": "scatter",
        "name": "measured",
        "x": [point.icl.value for point in points],
        "y": [measure(point, axis).value for point in points],
        "error_x": _whiskers([point.icl for point in points], alone),
        "error_y": _whiskers([measure(point, axis) for point in points], alone),
        "mode": "markers",
        "marker": {
            "size": [seen.size(point.lam, POINT_PX) for point in points],
            "opacity": 1,  # several sizes make a bubble chart, which is see-through by itself
            "color": [colour(point.lam) for point in points],
            "symbol": [shape(point.lam) for point in points],
            "line": {"width": [seen.rim(point.lam) for point in points], "color": NEUTRAL},
        },
        # A click must not dim the other points: what is chosen is drawn from λ itself.
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [[point.lam.thousandths] for point in points],
        "hovertext": [_hover(point, axis, seen) for point in points],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _current(here: Place, lam: Lam) -> Trace:
    """A ring around the measured point, or a hollow, dotless ring on the path."""
    return {
        "type": "scatter",
        "name": "chosen",
        "x": [here.icl],
        "y": [here.follow],
        "mode": "markers",
        "marker": {
            "size": CURRENT_PX if here.measured else CURRENT_PX - 9,
            "symbol": "circle-open",
            "color": colour(lam),
            "line": {"width": 3.5 if here.measured else 2},
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _whiskers(measures: list[Measure], alone: list[bool]) -> dict[str, Any]:
    """Lengths from the value to both ends; None with a region, and without an interval."""
    shown = [
        m if bare else replace(m, interval=None) for m, bare in zip(measures, alone, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(m, upwards=True) for m in shown],
        "arrayminus": [_length(m, upwards=False) for m in shown],
        "color": NEUTRAL,
        "thickness": 1,
        "width": 3,
    }


def _length(value: Measure, upwards: bool) -> float | None:
    if value.interval is None or value.value is None:
        return None
    length = value.interval.high - value.value if upwards else value.value - value.interval.low
    return max(length, 0.0)


def _hover(point: Point, axis: Axis, seen: Overlay) -> str:
    return (
        f"<b>λ = {point.lam}</b><br>few-shot {_reading(point.icl)}"
        f"<br>{axis.replace('_', ' ')} {_reading(measure(point, axis))}"
        f"{seen.said(point.lam)}<br>click to go there"
    )


def _reading(value: Measure) -> str:
    if value.value is None:
        return value.reason or "not measured"
    if value.interval is None:
        return f"{value.value:.1f} %"
    return f"{value.value:.1f} % ({value.interval.low:.1f}–{value.interval.high:.1f})"


def _notes(
    points: tuple[Point, ...], axis: Axis, lam: Lam, here: Place | None, view: View
) -> list[dict[str, Any]]:
    """Words at the chosen λ, base and instruct; plain numbers where there is room."""
    marks = {point.lam: Wanted(*_at(point, axis), _name(point.lam)) for point in points}
    if here is not None:
        marks[lam] = Wanted(here.icl, here.follow, _chosen_name(lam, here, axis), CURRENT_PX - 8)
    order = sorted(marks, key=lambda other: (other != lam, not _parent(other), other))
    at = [_at(point, axis) for point in points]
    placed = place_labels([marks[other] for other in order], along(at), view.x, view.y)
    return [_note(one, bold=here is not None and one.label is marks[lam]) for one in placed]


def _parent(lam: Lam) -> bool:
    return lam.is_base or lam.is_instruct


def _name(lam: Lam) -> str:
    if lam.is_base:
        return "base, λ 0"
    return "instruct, λ 1" if lam.is_instruct else str(lam)


def _chosen_name(lam: Lam, here: Place, axis: Axis) -> str:
    if here.half_measured:
        return f"λ {lam}, no {SHORT[axis].lower()} yet"
    if not here.measured:
        return f"λ {lam}, not measured"
    return _name(lam) if _parent(lam) else f"λ {lam}"


def _note(placed: Placed, bold: bool) -> dict[str, Any]:
    label = placed.label
    return {
        "x": label.x,
        "y": label.y,
        "text": f"<b>{label.text}</b>" if bold else label.text,
        "showarrow": False,
        "xanchor": "left" if placed.right > 0 else "right",
        "yanchor": {1: "bottom", 0: "middle", -1: "top"}[placed.up],
        "xshift": placed.right * label.away,
        "yshift": placed.up * label.away / 2,
        "font": {"size": 15 if bold else 12},
    }


def _at(point: Point, axis: Axis) -> tuple[float, float]:
    x, y = point.icl.value, measure(point, axis).value
    assert x is not None and y is not None  # `drawable` kept only such points
    return x, y


def _view(points: tuple[Point, ...], axis: Axis, seen: Overlay) -> View:
    """The same window for every chosen λ, with room for regions, whiskers and words."""
    regions = seen.regions.values()
    across = [end for one in regions for end in (one.x - one.across, one.x + one.across)]
    up = [end for one in regions for end in (one.y - one.up, one.y + one.up)]
    return View(
        _window([point.icl for point in points], across),
        _window([measure(point, axis) for point in points], up),
    )


def _window(measures: list[Measure], others: list[float]) -> tuple[float, float]:
    ends = [m.value for m in measures if m.value is not None] or [0.0, 100.0]
    ends += others
    ends += [end for m in measures if m.interval for end in (m.interval.low, m.interval.high)]
    room = max(0.07 * (max(ends) - min(ends)), 1.0)
    return min(ends) - room, max(ends) + room


def _layout(
    trade_off: TradeOff, axis: Axis, view: View, notes: list[dict[str, Any]]
) -> dict[str, Any]:
    tasks = max((len(point.tasks) for point in trade_off.points), default=0)
    across = f"Few-shot accuracy, mean over {tasks} tasks (%)"
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "annotations": notes,
        "hovermode": "closest",
        "dragmode": False,
        "clickmode": "event+select",
        "xaxis": _axis(across, view.x),
        "yaxis": _axis(title(trade_off, axis), view.y),
    }


def _axis(words: str, window: tuple[float, float]) -> dict[str, Any]:
    return {
        "title": {"text": words},
        "range": list(window),
        "automargin": True,
        "zeroline": False,
        "showgrid": True,
    }
