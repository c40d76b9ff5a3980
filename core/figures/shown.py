"""Each figure of a page with what it shows in words; plotly is imported when one is asked for.

Not the drawing: `plane.py`, `curves.py`, `panels.py` and `heat.py` are pure functions of what
is passed here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.figures.reading import Look, What
from core.lam import Lam
from core.reports.choosing import choose
from core.reports.heat import HeatRow
from core.reports.outcome_words import CountsAt
from core.reports.points import TradeOff
from core.reports.together import Together
from core.reports.views import View

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.figures.beside import Beside
    from core.reports.judging_points import JudgeLine, OutputsPoint


def plane_figure(
    line: TradeOff,
    look: Look,
    compared: Together | None = None,
    rate: float = 1.0,
    beside: "Sequence[Beside]" = (),
) -> "tuple[go.Figure, str]":
    """The plane, with regions and λ* where all λ were compared, and what it shows in words."""
    from core.figures import overlay, plane

    choice = choose(compared, rate) if compared else None
    seen = overlay.overlay(compared, choice, look.view)
    return plane.plane(line, look, seen, beside), plane.in_words(line, look, beside)


def curve_figure(
    line: TradeOff,
    look: Look,
    what: What,
    best: Sequence[Lam] = (),
    beside: "Sequence[Beside]" = (),
) -> "tuple[go.Figure, str]":
    """One quantity over λ in this view, with stars at `best`, and in words."""
    from core.figures import curves, overlay

    figure = overlay.star_curve(curves.curve(line, look, what, beside), best)
    return figure, curves.in_words(line, look, what, beside)


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
