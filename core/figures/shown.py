"""Each figure of a page with what it shows in words; plotly is imported when one is asked for.

Not the drawing: `plane.py`, `curves.py`, `panels.py` and `heat.py` are pure functions of what
is passed here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.figures.axis import SHORT, Axis, measure
from core.lam import Lam
from core.reports.choosing import choose
from core.reports.heat import HeatRow
from core.reports.outcome_words import CountsAt
from core.reports.points import TradeOff
from core.reports.together import Together
from core.reports.views import View

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.reports.judging_points import JudgeLine, OutputsPoint


def plane_figure(
    line: TradeOff, lam: Lam, axis: Axis, compared: Together | None = None, rate: float = 1.0
) -> "tuple[go.Figure, str]":
    """The plane, with regions and λ* where all λ were compared, and what it shows in words."""
    from core.figures import overlay, plane

    seen = overlay.overlay(compared, choose(compared, rate) if compared else None)
    return plane.plane(line, lam, axis, seen), plane.in_words(line, lam, axis)


def icl_figure(
    line: TradeOff, lam: Lam, view: View = "absolute", best: Sequence[Lam] = ()
) -> "tuple[go.Figure, str]":
    """Few-shot accuracy of all tasks over λ in this view, with stars at `best`, and in words."""
    from core.figures import curves, overlay, views

    overall = line.few_shot.overall
    at = {reading.lam: reading.measure for reading in overall.views[view]}
    quantity = curves.Quantity(
        read=lambda point: at[point.lam],
        heading=f"{views.HEADINGS[view]}",
        window=views.window(view, [overall]),
        said=lambda value: views.signed(view, value),
    )
    figure = overlay.star_curve(curves.curve(line, lam, quantity), best)
    return figure, curves.in_words(line, quantity)


def follow_figure(
    line: TradeOff, lam: Lam, axis: Axis, best: Sequence[Lam] = ()
) -> "tuple[go.Figure, str]":
    """Win rate or pass rate over λ, with stars at `best`, and in words."""
    from core.figures import curves, overlay

    heading = f"{SHORT[axis]} over λ (%)"
    quantity = curves.Quantity(lambda point: measure(point, axis), heading)
    figure = overlay.star_curve(curves.curve(line, lam, quantity), best)
    return figure, curves.in_words(line, quantity)


def category_figure(line: TradeOff, view: View) -> "tuple[go.Figure, str]":
    """Few-shot accuracy over λ, one panel a category, and in words."""
    from core.figures import panels

    few_shot = line.few_shot
    return panels.panels(few_shot, view), panels.in_words(few_shot, view)


def heat_figure(rows: tuple[HeatRow, ...]) -> "tuple[go.Figure, str]":
    """Every task over λ as difference to λ=1, and in words."""
    from core.figures import heat
    from core.reports.heat import in_words

    return heat.heat(rows), in_words(rows)


def outcomes_figure(over_lam: tuple[CountsAt, ...]) -> "tuple[go.Figure, str]":
    """What became of a task's written answers over λ, and in words."""
    from core.figures import outcomes

    return outcomes.outcomes(over_lam), outcomes.in_words(over_lam)


def heat_height_px(rows: tuple[HeatRow, ...]) -> int:
    """How tall the heat map is."""
    from core.figures.heat import height_px

    return height_px(rows)


def verdict_figure(line: "JudgeLine", lam: Lam) -> "tuple[go.Figure, str]":
    """Wins, draws and losses over λ, and in words."""
    from core.figures import verdicts

    return verdicts.verdict_bars(line, lam), verdicts.in_words(line)


def output_figures(
    points: "tuple[OutputsPoint, ...]", lam: Lam | None = None
) -> "tuple[go.Figure, go.Figure, str]":
    """Mean length and share cut over λ, a chosen λ marked, and both in words."""
    from core.figures import lengths

    words = lengths.in_words(points)
    return lengths.length_curve(points, lam), lengths.cut_curve(points, lam), words
