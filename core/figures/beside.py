"""Lines of other pairs on the same chart, and λ that were measured apart from the curve.

Another pair has one colour, one dash and its name at the line; its ends keep the shapes of
base and instruct. Colours stay apart from each other and from those of λ for every common
colour blindness. What is drawn here was held to be comparable before (`core/reports/overlaid.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.figures.colour import colour, shape
from core.figures.path import Spot
from core.figures.reading import Look, Values, What, said, values
from core.figures.views import ends
from core.lam import Lam
from core.reports.points import TradeOff

STYLES = (
    ("#7a4dff", "dash"),
    ("#12855a", "dashdot"),
    ("#c0328f", "longdash"),
    ("#8a6d1f", "dot"),
)
MOST = len(STYLES)
MARK_PX = 7
SAMPLE = "━━"  # stands for the line beside its name
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """Another pair's line with its looks; the place among the others decides them."""

    line: TradeOff
    at: int

    @property
    def colour(self) -> str:
        """Of line, marks and name."""
        return STYLES[self.at % MOST][0]

    @property
    def dash(self) -> str:
        """Of the line."""
        return STYLES[self.at % MOST][1]


def path_traces(beside: Beside, spots: Sequence[Spot], look: Look) -> list[Trace]:
    """The pair's path on the plane; the chosen λ is ringed."""
    traces = [
        {
            "type": "scatter",
            "name": beside.line.pair,
            "x": [spot.at[0] for spot in spots],
            "y": [spot.at[1] for spot in spots],
            "mode": "lines+markers",
            "line": {"color": beside.colour, "width": 2, "dash": beside.dash},
            "marker": {
                "size": MARK_PX,
                "color": beside.colour,
                "symbol": [shape(spot.lam) for spot in spots],
                "opacity": 1,
            },
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "customdata": [[spot.lam.thousandths] for spot in spots],
            "hovertext": [_hover(beside, spot, look) for spot in spots],
            "hoverinfo": "text",
            "showlegend": False,
        }
    ]
    return traces + [_ring(spot, beside.colour) for spot in spots if spot.lam == look.lam]


def curve_traces(beside: Beside, what: What, look: Look) -> list[Trace]:
    """The pair's values over λ, with a faint band of its intervals."""
    found = {k: m for k, m in values(beside.line, what, look.view).items() if m.value is not None}
    xs = [lam.value for lam in found]
    common = {"type": "scatter", "showlegend": False, "name": beside.line.pair}
    edges = [(min(e), max(e)) for e in map(ends, found.values())]
    told = [
        f"<b>{beside.line.pair}</b>, λ = {lam}: {said(what, look.view, m.value or 0.0)}"
        for lam, m in found.items()
    ]
    band = {
        **common,
        "x": [*xs, *reversed(xs)],
        "y": [high for _, high in edges] + [low for low, _ in reversed(edges)],
        "fill": "toself",
        "fillcolor": _faint(beside.colour),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }
    line = {
        **common,
        "x": xs,
        "y": [m.value for m in found.values()],
        "mode": "lines+markers",
        "line": {"color": beside.colour, "width": 1.5, "dash": beside.dash},
        "marker": {"size": 5, "color": beside.colour, "symbol": [shape(lam) for lam in found]},
        "hovertext": told,
        "hoverinfo": "text",
    }
    return [band, line]


def apart_trace(spots: Sequence[Spot], words: Sequence[str]) -> Trace:
    """Hollow marks without a line: measured, but not in the way of the curve."""
    return hollow([(s.lam, *s.at) for s in spots], words, 12)


def hollow(places: Sequence[tuple[Lam, float, float]], words: Sequence[str], size: int) -> Trace:
    """The marks at (λ, x, y)."""
    return {
        "type": "scatter",
        "name": "apart",
        "x": [x for _, x, _ in places],
        "y": [y for _, _, y in places],
        "mode": "markers",
        "marker": {
            "size": size,
            "symbol": "circle-open-dot",
            "color": [colour(lam) for lam, _, _ in places],
            "line": {"width": 2},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [[lam.thousandths] for lam, _, _ in places],
        "hovertext": list(words),
        "hoverinfo": "text",
        "showlegend": False,
    }


def pair_name(beside: Beside) -> str:
    """A piece of its line in its colour, then the name in the colour of text."""
    return f'<span style="color:{beside.colour}">{SAMPLE}</span> <b>{beside.line.pair}</b>'


def end_names(named: Sequence[tuple[str, Values]], least: float) -> list[dict[str, Any]]:
    """Words at the right ends of curves, moved apart where they would cover each other."""
    last = []
    for words, held in named:
        there = [(lam, m.value) for lam, m in held.items() if m.value is not None]
        if there:
            last.append((*there[-1], words))
    height, notes = float("-inf"), []
    for lam, value, words in sorted(last, key=lambda one: one[1]):
        height = max(value, height + least)
        notes.append(
            {
                "x": lam.value,
                "y": height,
                "text": words,
                "showarrow": False,
                "xanchor": "left",
                "xshift": 6,
                "yanchor": "middle",
                "font": {"size": 11},
            }
        )
    return notes


def _hover(beside: Beside, spot: Spot, look: Look) -> str:
    across = said("icl", look.view, spot.at[0])
    up = said(look.axis, look.view, spot.at[1])
    name = look.axis.replace("_", " ")
    return (
        f"<b>{beside.line.pair}, λ = {spot.lam}</b><br>few-shot {across}<br>{name} {up}"
        "<br>click to go to this λ"
    )


def _ring(spot: Spot, tint: str) -> Trace:
    return {
        "type": "scatter",
        "name": "chosen beside",
        "x": [spot.at[0]],
        "y": [spot.at[1]],
        "mode": "markers",
        "marker": {"size": 17, "symbol": "circle-open", "color": tint, "line": {"width": 2}},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _faint(tint: str) -> str:
    red, green, blue = (int(tint[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"
