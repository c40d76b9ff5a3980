"""One measured quantity over λ, with its 95 % intervals and a mark at the chosen λ.

Pure function from a trade-off to a Plotly figure. Dots are measured; the thin line between
them only leads the eye. Other pairs have lines of their own, λ measured apart hollow marks.
"""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.figures.beside import Beside, curve_traces, end_names, hollow, pair_name
from core.figures.colour import NEUTRAL, colour, shape
from core.figures.reading import Look, Values, What, heading, said, values, window
from core.figures.views import PERCENT_WINDOW, Window
from core.lam import Lam
from core.reports.guard_words import apart_words
from core.reports.points import Measure, TradeOff

HEIGHT_PX = 186
ROOM_FOR_NAMES = 0.42  # on the λ axis
NAME_PX = 13
_REASON_LETTERS = 44  # in a line of the note on a chart without a value
Trace = dict[str, Any]


def curve(
    line: TradeOff, look: Look, what: What, beside: Sequence[Beside] = (), height: int = HEIGHT_PX
) -> go.Figure:
    """The measured values of the quantity; a chart without any says why."""
    found = values(line, what, look.view)
    there = {lam: measure for lam, measure in found.items() if measure.value is not None}
    others = {one: values(one.line, what, look.view) for one in beside}
    measures = [*found.values(), *(m for held in others.values() for m in held.values())]
    frame = window(what, look.view, measures)
    layout = _layout(line, look, what, frame)
    layout["height"] = height
    if not there:
        layout["annotations"] = [_why_empty(found)]
    data = [trace for one in others for trace in curve_traces(one, what, look)]
    data += [_band(there), _line(there), _dots(there, what, look), *_apart(line, what, look)]
    if others:
        named = [
            (f"<b>{line.pair}</b>", there),
            *((pair_name(o), held) for o, held in others.items()),
        ]
        least = NAME_PX * (frame[1] - frame[0]) / (height - 60)
        layout["annotations"] = [*layout.get("annotations", []), *end_names(named, least)]
        low, high = layout["xaxis"]["range"]
        ticks = [value / 10 for value in range(0, 21, 2) if value / 10 <= high]
        layout["xaxis"] |= {"range": [low, high + ROOM_FOR_NAMES], "tickvals": ticks}
    return go.Figure(data=data, layout=layout)


def in_words(line: TradeOff, look: Look, what: What, beside: Sequence[Beside] = ()) -> str:
    """What the chart shows, for someone who cannot see it."""
    shown = [(line.pair, values(line, what, look.view))]
    shown += [(one.line.pair, values(one.line, what, look.view)) for one in beside]
    told = [f"{pair}: {_told(held)}" if beside else _told(held) for pair, held in shown]
    return f"{heading(what, look.view)}. {'. '.join(told)}."


def _told(held: Values) -> str:
    shown = (f"λ {lam}: {m.value:.1f}" for lam, m in held.items() if m.value is not None)
    return "; ".join(shown) or "No value could be had"


def _why_empty(found: Values) -> dict[str, Any]:
    reason = next(filter(None, (m.reason for m in found.values())), "not measured yet")
    words = "<br>".join(wrap(f"Nothing to show: {reason}.", _REASON_LETTERS))
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return {"text": words, "showarrow": False, "font": {"size": 13}, **place}


def _band(there: Values) -> Trace:
    """There and back along the interval ends; a point without interval pinches the band."""
    ends = [(lam.value, *_ends(measure)) for lam, measure in there.items()]
    return {
        "type": "scatter",
        "x": [x for x, _, _ in ends] + [x for x, _, _ in reversed(ends)],
        "y": [high for _, _, high in ends] + [low for _, low, _ in reversed(ends)],
        "fill": "toself",
        "fillcolor": "rgba(128,136,148,0.22)",
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(value: Measure) -> tuple[float | None, float | None]:
    if value.interval is None:
        return value.value, value.value
    return value.interval.low, value.interval.high


def _line(there: Values) -> Trace:
    return {
        "type": "scatter",
        "x": [lam.value for lam in there],
        "y": [measure.value for measure in there.values()],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(there: Values, what: What, look: Look) -> Trace:
    return {
        "type": "scatter",
        "name": "measured",
        "x": [lam.value for lam in there],
        "y": [measure.value for measure in there.values()],
        "mode": "markers",
        "marker": {
            "size": 8,
            "color": [colour(lam) for lam in there],
            "symbol": [shape(lam) for lam in there],
        },
        "hovertext": [_hover(lam, measure, what, look) for lam, measure in there.items()],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _hover(lam: Lam, measure: Measure, what: What, look: Look) -> str:
    told = f"λ = {lam}: {said(what, look.view, measure.value or 0.0)}"
    if measure.interval is None:
        return f"{told} (n = {measure.n:,})"
    ends = f"{measure.interval.low:.1f} to {measure.interval.high:.1f}".replace("-", "−")
    return f"{told} ({ends}, n = {measure.n:,})"


def _apart(line: TradeOff, what: What, look: Look) -> list[Trace]:
    """λ measured otherwise; none in a view against a λ=1 that they have not."""
    if look.view != "absolute" or what in ("length", "cut"):
        return []
    places, words = [], []
    for other in line.others:
        for point in other.points:
            held = {"icl": point.icl, "win_rate": point.win_rate, "pass_rate": point.pass_rate}
            value = held[what].value
            if point.lam in other.missing and value is not None:
                places.append((point.lam, point.lam.value, value))
                words.append(f"λ = {point.lam}: {value:.1f} %, {apart_words(line, point.lam)}")
    return [hollow(places, words, 9)] if places else []


def _layout(line: TradeOff, look: Look, what: What, frame: Window) -> dict[str, Any]:
    lam = look.lam
    shown = [0.0, 1.0, lam.value, *(point.lam.value for point in line.points)]
    return {
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "title": {
            "text": heading(what, look.view), "font": {"size": 13}, "x": 0, "xref": "container",
        },
        "dragmode": False,
        "xaxis": {
            "automargin": True,
            "zeroline": False,
            "dtick": 0.2,
            "range": [min(shown) - 0.06, max(shown) + 0.06],  # the same for all curves
        },
        "yaxis": _upright(frame),
        "shapes": []
        if not look.marked
        else [
            {
                "type": "line",
                "x0": lam.value,
                "x1": lam.value,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": colour(lam), "width": 2, "dash": "dash"},
            }
        ],
    }  # fmt: skip


def _upright(frame: Window) -> dict[str, Any]:
    whole = frame == PERCENT_WINDOW
    ticks = {"dtick": 50} if whole else {"nticks": 5}
    zero = {"zeroline": not whole, "zerolinecolor": NEUTRAL}
    return {"automargin": True, "range": list(frame), **zero, **ticks}
