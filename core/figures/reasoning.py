"""The Reasoning page's figures, each with what it shows in words.

Plotly is imported when one is asked for. Not the drawing (`forest.py`, `answer_curves.py`,
`beside_bars.py`, `fates.py`, `branches.py`, `sureness.py`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from core.figures.literature import Drawn
from core.lam import Lam
from core.reports.reasoning_curves import CurvePoint
from core.reports.reasoning_gaps import POINTS, STYLE_WORDS, Gap, points
from core.reports.reasoning_items import AnswerRow, Shares
from core.reports.reasoning_protocols import ProtocolRow
from core.reports.reasoning_scores import Told
from core.stats.crossing import Crossing
from core.stats.span import Span
from core.stats.sureness import RiskCoverage

if TYPE_CHECKING:
    from core.figures.forest import Stem

Axis = Literal["k", "tokens", "seconds"]


def gap_figures(gaps: Sequence[Gap]) -> dict[str, Drawn]:
    """Part → instruct − base by way of asking; one window for all parts."""
    parts = {
        part: tuple(
            _stem(STYLE_WORDS[gap.style].removeprefix("asked "), gap.row.difference)
            for gap in gaps
            if gap.part == part
        )
        for part in dict.fromkeys(gap.part for gap in gaps)
    }
    roles = {gap.part: gap.role for gap in gaps}
    return _forests({part: (_heading(part, roles[part]), stems) for part, stems in parts.items()})


def protocol_figure(rows: Sequence[ProtocolRow]) -> Drawn:
    """Instruct − base under every protocol."""
    stems = tuple(_stem(row.protocol.name, row.difference) for row in rows)
    return _forests({"": ("Instruct − base by protocol", stems)})[""]


def curves_figure(
    curves: Mapping[Lam, Sequence[CurvePoint]],
    axis: Axis,
    heading: str,
    crossing: Crossing | None,
) -> Drawn:
    """A line a λ over the number of answers, tokens or seconds."""
    from core.figures import answer_curves

    figure = answer_curves.answer_curves(curves, axis, heading, crossing)
    return Drawn(figure, answer_curves.in_words(curves, heading))


def bars_figure(scores: Mapping[Lam, Mapping[str, Told]], heading: str) -> Drawn:
    """Accuracies of a few λ beside each other."""
    from core.figures import beside_bars

    return Drawn(beside_bars.beside_bars(scores, heading), beside_bars.in_words(scores, heading))


def fates_figure(over_lam: Mapping[Lam, Shares]) -> Drawn:
    """What became of the answers over λ."""
    from core.figures import fates

    return Drawn(fates.fates(over_lam), fates.in_words(over_lam))


def branches_figure(rows: tuple[AnswerRow, ...]) -> Drawn:
    """The tree of first-token branches of one problem."""
    from core.figures import branches

    return Drawn(branches.branches(rows), branches.in_words(rows))


def risk_figure(curves: Mapping[Lam, RiskCoverage]) -> Drawn:
    """What is gained by keeping silent where Δ is small."""
    from core.figures import sureness

    return Drawn(sureness.risk_coverage(curves), sureness.risk_words(curves))


def drop_figure(over_lam: Mapping[Lam, Told]) -> Drawn:
    """What a change of the problems costs over λ."""
    from core.figures import sureness

    return Drawn(sureness.drop(over_lam), sureness.drop_words(over_lam))


def _stem(label: str, told: Told) -> "Stem":
    from core.figures.forest import Stem

    span = told.interval
    return Stem(
        label,
        None if told.value is None else POINTS * told.value,
        Span(POINTS * span.low, POINTS * span.high) if span else None,
        points(told),
    )


def _forests(groups: Mapping[str, tuple[str, "tuple[Stem, ...]"]]) -> dict[str, Drawn]:
    from core.figures import forest

    window = forest.shared_window(*(stems for _, stems in groups.values()))
    return {
        name: Drawn(forest.forest(stems, heading, window), forest.in_words(stems, heading))
        for name, (heading, stems) in groups.items()
    }


def _heading(part: str, role: str) -> str:
    return f"{part[:1].upper()}{part[1:]}" + ("" if part == role else f" ({role})")
