"""How long outputs are over λ, and how many were cut because the model did not stop.

A third curve beside few-shot accuracy and win rate: a judge that likes length, and a base model
that never ends its answer, show here first.
"""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, shape
from core.lam import Lam
from core.reports.judging_points import OutputsPoint

HEIGHT_PX = 163
Read = Callable[[OutputsPoint], float]


def length_curve(points: tuple[OutputsPoint, ...], lam: Lam | None) -> go.Figure:
    """Mean length in characters; with a λ, that one is marked."""
    return _curve(points, lam, lambda point: point.mean_characters, "Mean output length", "{:.0f}")


def cut_curve(points: tuple[OutputsPoint, ...], lam: Lam | None) -> go.Figure:
    """Share that ran out of tokens, in percent; with a λ, that one is marked."""
    return _curve(points, lam, cut_share, "Cut: out of tokens (%)", "{:.1f} %")


def cut_share(point: OutputsPoint) -> float:
    """Percent of the outputs that were cut."""
    return 100 * point.out_of_tokens / point.n


def in_words(points: tuple[OutputsPoint, ...]) -> str:
    """What both charts show, for someone who cannot see them."""
    told = "; ".join(
        f"λ {point.lam}: {point.mean_characters:.0f} characters, {point.out_of_tokens} of "
        f"{point.n} cut"
        for point in points
    )
    return f"Outputs over λ. {told}."


def _curve(
    points: tuple[OutputsPoint, ...], lam: Lam | None, read: Read, heading: str, told: str
) -> go.Figure:
    highest = max([read(point) for point in points], default=1.0)
    return go.Figure(
        data=[
            {
                "type": "scatter",
                "x": [point.lam.value for point in points],
                "y": [read(point) for point in points],
                "mode": "lines+markers",
                "line": {"color": NEUTRAL, "width": 1.5},
                "marker": {
                    "size": 8,
                    "color": [colour(point.lam) for point in points],
                    "symbol": [shape(point.lam) for point in points],
                },
                "hovertext": [f"λ = {p.lam}: {told.format(read(p))} (n = {p.n})" for p in points],
                "hoverinfo": "text",
                "showlegend": False,
            }
        ],
        layout=_layout(points, lam, heading, max(highest, 1.0)),
    )


def _layout(
    points: tuple[OutputsPoint, ...], lam: Lam | None, heading: str, highest: float
) -> dict[str, Any]:
    chosen = [] if lam is None else [lam]
    shown = [0.0, 1.0, *(one.value for one in chosen), *(point.lam.value for point in points)]
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "title": {"text": heading, "font": {"size": 13}, "x": 0, "xref": "container"},
        "dragmode": False,
        "xaxis": {
            "automargin": True,
            "zeroline": False,
            "dtick": 0.2,
            "range": [min(shown) - 0.06, max(shown) + 0.06],
        },
        "yaxis": {
            "automargin": True,
            "zeroline": False,
            "nticks": 4,
            "range": [-0.06 * highest, 1.12 * highest],
        },
        "shapes": [
            {
                "type": "line",
                "x0": one.value,
                "x1": one.value,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": colour(one), "width": 2, "dash": "dash"},
            }
            for one in chosen
        ],
    }
