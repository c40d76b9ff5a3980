"""What comparing all λ adds to the charts: regions, the Pareto front, and the set of λ*.

    seen = overlay(together, choose(together, 1.0))
    plane(line, lam, axis, seen)

A region is an ellipse that stands upright, because the two coordinates come from different
items; where one is known by definition it is a line. Stars mark λ*, also on the curves. Not
here: the points and the path (plane.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL, colour, faint
from core.lam import Lam
from core.reports.choosing import Choice
from core.reports.comparing_words import share_text
from core.reports.seen_regions import regions
from core.reports.together import Together
from core.reports.views import View
from core.stats.ellipse import Ellipse

STAR_PX = 8
BESIDE_PX = 13  # of a point on the front; others keep the usual size
CURVE_STAR_PX = 14


@dataclass(frozen=True, slots=True)
class Overlay:
    """Empty where λ could not be compared."""

    regions: Mapping[Lam, Ellipse] = field(default_factory=dict)
    shares: Mapping[Lam, float] = field(default_factory=dict)  # of resamples on the front
    front: frozenset[Lam] = frozenset()
    best: tuple[Lam, ...] = ()  # the set of λ*

    def size(self, lam: Lam, usual: int) -> int:
        """A point on the front is larger."""
        return BESIDE_PX if lam in self.front else usual

    def rim(self, lam: Lam) -> float:
        """And has a thicker rim."""
        return 2.5 if lam in self.front else 1.0

    def said(self, lam: Lam) -> str:
        """A line for the point's hover text; empty when nothing was compared."""
        if lam not in self.shares:
            return ""
        where = "on the Pareto front" if lam in self.front else "not on the Pareto front"
        starred = "<br>★ in the set of λ*" if lam in self.best else ""
        return f"<br>{where} (in {share_text(self.shares[lam])} of resamples it is){starred}"


NOTHING = Overlay()


def overlay(together: Together | None, choice: Choice | None, view: View = "absolute") -> Overlay:
    """What is drawn of a comparison and of a choice; the front is the same in every view."""
    if together is None:
        return NOTHING
    standings = together.standings
    return Overlay(
        regions=regions(together, view),
        shares={one.lam: one.front_share for one in standings},
        front=frozenset(one.lam for one in standings if one.on_front),
        best=choice.members if choice else (),
    )


def outlines(seen: Overlay, lam: Lam) -> list[dict[str, Any]]:
    """Each region below the points, the chosen λ's a little stronger."""
    return [_outline(region, at, at == lam) for at, region in seen.regions.items()]


def stars(seen: Overlay, at: Mapping[Lam, tuple[float, float]]) -> list[dict[str, Any]]:
    """One trace of stars inside the points of λ*; none without them."""
    places = [at[lam] for lam in seen.best if lam in at]
    if not places:
        return []
    return [
        {
            "type": "scatter",
            "name": "best",
            "x": [x for x, _ in places],
            "y": [y for _, y in places],
            "mode": "markers",
            "marker": {"size": STAR_PX, "symbol": "star", "color": "#ffffff", "opacity": 1},
            "selected": {"marker": {"opacity": 1}},  # a click must not dim them
            "unselected": {"marker": {"opacity": 1}},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def star_curve(figure: go.Figure, best: Sequence[Lam]) -> go.Figure:
    """The dots of λ* on a curve over λ become stars; the same figure, without any when empty."""
    if not best:
        return figure
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    at = dict(zip(dots.x, dots.y, strict=True))
    starred = [lam for lam in best if lam.value in at]
    figure.add_scatter(
        name="best",
        x=[lam.value for lam in starred],
        y=[at[lam.value] for lam in starred],
        mode="markers",
        marker={
            "size": CURVE_STAR_PX,
            "symbol": "star",
            "color": [colour(lam) for lam in starred],
            "line": {"width": 1, "color": NEUTRAL},
        },
        hoverinfo="skip",
        showlegend=False,
    )
    return figure


def _outline(region: Ellipse, lam: Lam, chosen: bool) -> dict[str, Any]:
    line = region.up == 0.0 or region.across == 0.0
    return {
        "type": "line" if line else "circle",
        "x0": region.x - region.across,
        "x1": region.x + region.across,
        "y0": region.y - region.up,
        "y1": region.y + region.up,
        "layer": "below",
        "fillcolor": faint(lam, 0.26 if chosen else 0.13),
        "line": {"color": colour(lam), "width": 2 if line else 1.6 if chosen else 0.8},
    }
