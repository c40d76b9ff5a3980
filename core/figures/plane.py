"""The plane: few-shot accuracy across, instruction following up, one point a λ.

`plane(line, Look(lam))` is a pure function from a measured trade-off to a Plotly figure; it
reads no files and knows no page. Each point carries its λ in `customdata`, in thousandths,
so that a click leads back to exactly that λ. Where all λ were compared, each point has its
95 % region of both coordinates together (overlay.py); elsewhere whiskers are the stored 95 %
intervals of each, made from different items on the two axes and therefore drawn separately.
Other pairs, and λ that were measured apart, come from beside.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.figures.axis import SHORT
from core.figures.beside import SAMPLE, Beside, apart_trace, pair_name, path_traces
from core.figures.colour import NEUTRAL, colour, dash, shape
from core.figures.labels import Placed, Wanted, along, place_labels
from core.figures.overlay import NOTHING, Overlay, outlines, stars
from core.figures.path import Place, Spot, apart, place, spots
from core.figures.reading import Look, What, across_title, said, up_title
from core.lam import Lam
from core.reports.guard_words import apart_words
from core.reports.points import Measure, TradeOff

HEIGHT_PX = 422
POINT_PX, CURRENT_PX = 11, 25
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """The window on the plane."""

    x: tuple[float, float]
    y: tuple[float, float]


def plane(
    line: TradeOff, look: Look, seen: Overlay = NOTHING, beside: Sequence[Beside] = ()
) -> go.Figure:
    """The λ-ordered path with regions or intervals; base, instruct and the chosen λ are named."""
    path, alone = spots(line, look.axis, look.view), apart(line, look.axis, look.view)
    others = {one: spots(one.line, look.axis, look.view) for one in beside}
    here = place(line, look.lam, path, alone)
    traces = [trace for one, held in others.items() for trace in path_traces(one, held, look)]
    traces += [*_legs(path), _points(path, look, seen)]
    traces += stars(seen, {spot.lam: spot.at for spot in path})
    if alone:
        traces.append(apart_trace(alone, [_apart_hover(line, one, look) for one in alone]))
    if here is not None:
        traces.append(_current(here, look.lam))
    view = _view(path, [*alone, *(s for held in others.values() for s in held)], seen)
    notes = _notes(_Named(line, path, look, here, others), view)
    layout = _layout(line, look, view, notes)
    if beside:
        words = up_title(line, look.axis, look.view, alone=False)
        layout["yaxis"]["title"]["text"] = words
    return go.Figure(data=traces, layout={**layout, "shapes": outlines(seen, look.lam)})


def in_words(line: TradeOff, look: Look, beside: Sequence[Beside] = ()) -> str:
    """What the chart shows, for someone who cannot see it."""
    shown = "; ".join(
        f"λ {spot.lam}: {spot.at[0]:.1f} and {spot.at[1]:.1f}"
        for spot in spots(line, look.axis, look.view)
    )
    also = f" Beside it: {', '.join(one.line.pair for one in beside)}." if beside else ""
    return (
        f"{across_title(line, look.view)} and {up_title(line, look.axis, look.view)}, "
        f"along λ. Chosen: λ {look.lam}. {shown}.{also}"
    )


def _legs(path: Sequence[Spot]) -> list[Trace]:
    return [
        {
            "type": "scatter",
            "x": [left.at[0], right.at[0]],
            "y": [left.at[1], right.at[1]],
            "mode": "lines",
            "line": {
                "color": colour(Lam((left.lam.thousandths + right.lam.thousandths) // 2)),
                "width": 2.5,
                "dash": dash(left.lam, right.lam),
            },
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for left, right in pairwise(path)
    ]


def _points(path: Sequence[Spot], look: Look, seen: Overlay) -> Trace:
    bare = [spot.lam not in seen.regions for spot in path]
    return {
        "type": "scatter",
        "name": "measured",
        "x": [spot.at[0] for spot in path],
        "y": [spot.at[1] for spot in path],
        "error_x": _whiskers([spot.across for spot in path], bare),
        "error_y": _whiskers([spot.up for spot in path], bare),
        "mode": "markers",
        "marker": {
            "size": [seen.size(spot.lam, POINT_PX) for spot in path],
            "opacity": 1,  # several sizes make a bubble chart, which is see-through by itself
            "color": [colour(spot.lam) for spot in path],
            "symbol": [shape(spot.lam) for spot in path],
            "line": {"width": [seen.rim(spot.lam) for spot in path], "color": NEUTRAL},
        },
        # A click must not dim the other points: what is chosen is drawn from λ itself.
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [[spot.lam.thousandths] for spot in path],
        "hovertext": [_hover(spot, look, seen) for spot in path],
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


def _hover(spot: Spot, look: Look, seen: Overlay) -> str:
    return (
        f"<b>λ = {spot.lam}</b><br>few-shot {_reading('icl', look, spot.across)}"
        f"<br>{look.axis.replace('_', ' ')} {_reading(look.axis, look, spot.up)}"
        f"{seen.said(spot.lam)}<br>click to go there"
    )


def _apart_hover(line: TradeOff, spot: Spot, look: Look) -> str:
    why = "<br>".join(wrap(apart_words(line, spot.lam) or "", 60))
    return (
        f"<b>λ = {spot.lam}</b><br>few-shot {_reading('icl', look, spot.across)}"
        f"<br>{look.axis.replace('_', ' ')} {_reading(look.axis, look, spot.up)}<br>{why}"
    )


def _reading(what: What, look: Look, value: Measure) -> str:
    if value.value is None:
        return value.reason or "not measured"
    told = said(what, look.view, value.value)
    if value.interval is None:
        return told
    ends = f"{value.interval.low:.1f} to {value.interval.high:.1f}".replace("-", "−")
    return f"{told} ({ends})"


@dataclass(frozen=True, slots=True)
class _Named:
    """What may get words on the plane."""

    line: TradeOff
    path: Sequence[Spot]
    look: Look
    here: Place | None
    others: Mapping[Beside, Sequence[Spot]]


def _notes(named: _Named, view: View) -> list[dict[str, Any]]:
    """Words at the chosen λ, base, instruct and other pairs; plain numbers where there is room."""
    lam, here = named.look.lam, named.here
    own = f"{named.line.pair}: " if named.others else ""
    marks = {spot.lam: _wanted(spot, own) for spot in named.path}
    if here is not None:
        words = _chosen_name(named, here)
        marks[lam] = Wanted(here.icl, here.follow, words, CURRENT_PX - 8)
    order = sorted(marks, key=lambda other: (other != lam, not _parent(other), other))
    first = [marks[other] for other in order if other == lam or _parent(other)]
    rest = [marks[other] for other in order if not (other == lam or _parent(other))]
    pairs = _pair_names(named.others)
    paths = [named.path, *named.others.values()]
    at = [place for path in paths for place in along([spot.at for spot in path])]
    placed = place_labels([*first, *pairs, *rest], at, view.x, view.y)
    whose = {one.line.pair + SAMPLE: one for one in named.others}
    return [
        _note(one, here is not None and one.label is marks[lam], whose.get(one.label.text))
        for one in placed
    ]


def _pair_names(others: Mapping[Beside, Sequence[Spot]]) -> list[Wanted]:
    """Each name at the line's end, else wherever there is room along it."""
    found = []
    for one, path in others.items():
        ends = [*path[:1], *path[-1:], *path[1:-1]]
        found += [Wanted(*spot.at, one.line.pair + SAMPLE, once=True) for spot in ends]
    return found


def _wanted(spot: Spot, own: str) -> Wanted:
    """The words at a point; a parent is named without its λ rather than not at all."""
    short = "base" if spot.lam.is_base else "instruct" if spot.lam.is_instruct else ""
    return Wanted(*spot.at, _name(spot.lam, own), short=short)


def _parent(lam: Lam) -> bool:
    return lam.is_base or lam.is_instruct


def _name(lam: Lam, own: str = "") -> str:
    if lam.is_base:
        return f"{own}base, λ 0"
    return "instruct, λ 1" if lam.is_instruct else str(lam)


def _chosen_name(named: _Named, here: Place) -> str:
    lam = named.look.lam
    if named.line.apart(lam) is not None:
        return f"λ {lam}, measured apart"
    if here.half_measured:
        return f"λ {lam}, no {SHORT[named.look.axis].lower()} yet"
    if not here.measured:
        return f"λ {lam}, not measured"
    return _name(lam) if _parent(lam) else f"λ {lam}"


def _note(placed: Placed, bold: bool, other: Beside | None) -> dict[str, Any]:
    label = placed.label
    return {
        "x": label.x,
        "y": label.y,
        "text": pair_name(other) if other else f"<b>{label.text}</b>" if bold else label.text,
        "showarrow": False,
        "xanchor": {1: "left", 0: "center", -1: "right"}[placed.right],
        "yanchor": {1: "bottom", 0: "middle", -1: "top"}[placed.up],
        "xshift": placed.right * label.away,
        "yshift": placed.up * label.away / 2,
        "font": {"size": 15 if bold else 12},
    }


def _view(path: Sequence[Spot], others: Sequence[Spot], seen: Overlay) -> View:
    """The same window for every chosen λ, with room for regions, whiskers and words."""
    regions = seen.regions.values()
    across = [end for one in regions for end in (one.x - one.across, one.x + one.across)]
    up = [end for one in regions for end in (one.y - one.up, one.y + one.up)]
    across += [spot.at[0] for spot in others]
    up += [spot.at[1] for spot in others]
    return View(
        _window([spot.across for spot in path], across),
        _window([spot.up for spot in path], up),
    )


def _window(measures: list[Measure], others: list[float]) -> tuple[float, float]:
    ends = [m.value for m in measures if m.value is not None] or [0.0, 100.0]
    ends += others
    ends += [end for m in measures if m.interval for end in (m.interval.low, m.interval.high)]
    room = max(0.07 * (max(ends) - min(ends)), 1.0)
    return min(ends) - room, max(ends) + room


def _layout(line: TradeOff, look: Look, view: View, notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "annotations": notes,
        "hovermode": "closest",
        "dragmode": False,
        "clickmode": "event+select",
        "xaxis": _axis(across_title(line, look.view), view.x),
        "yaxis": _axis(up_title(line, look.axis, look.view), view.y),
    }


def _axis(words: str, window: tuple[float, float]) -> dict[str, Any]:
    return {
        "title": {"text": words},
        "range": list(window),
        "automargin": True,
        "zeroline": False,
        "showgrid": True,
    }
