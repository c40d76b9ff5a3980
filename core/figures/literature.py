"""Published and own tables as figures, each with what it shows in words.

Plotly is imported when a figure is asked for. Not the drawing (`published.py`).
"""

from typing import TYPE_CHECKING, NamedTuple

from core.reports.literature import Panel, PublishedRow, PublishedTable, Value
from core.reports.own_tables import OwnTable

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.figures.published import Bells

MOST_OWN_ROWS = 60  # in a figure; the table below shows all


class Drawn(NamedTuple):
    """A figure and the same in words."""

    figure: "go.Figure"
    words: str


def published_figures(table: PublishedTable, column: str = "") -> tuple[Drawn, ...]:
    """One figure a panel, all with the same window."""
    from core.figures import published

    panels = tuple(_published(table, panel) for panel in table.panels_of(column))
    shared = published.window(panels)
    return tuple(
        Drawn(published.dumbbells(bells, shared), published.in_words(bells)) for bells in panels
    )


def own_figure(table: OwnTable, first: str, second: str | None) -> Drawn:
    """One or two columns of a person's table; the first rows where there are many."""
    from core.figures import published

    rows = table.rows[:MOST_OWN_ROWS]
    bells = published.Bells(
        title=table.name,
        first=first,
        second=second,
        rows=tuple(
            published.Bell(table.label(row), _at(row, first), _at(row, second) if second else None)
            for row in rows
        ),
        whose="your table, as it was given",
    )
    return Drawn(published.dumbbells(bells, published.window((bells,))), published.in_words(bells))


def _at(row: dict[str, str | float | None], column: str) -> float | None:
    value = row[column]
    return value if isinstance(value, float) else None


def _published(table: PublishedTable, panel: Panel) -> "Bells":
    from core.figures.published import Bell, Bells

    return Bells(
        title=f"{panel.title[:1].upper()}{panel.title[1:]}",
        first=table.first,
        second=table.second,
        rows=tuple(
            Bell(row.name, row.first.value, row.second.value, row.marks, _said(table, row))
            for row in panel.rows
        ),
        whose="published, not measured here",
    )


def _said(table: PublishedTable, row: PublishedRow) -> str:
    signed = f"{row.difference:+.2f}".replace("-", "−")
    return f"{table.second} − {table.first} {signed}{_of(row.first)}{_of(row.second)}"


def _of(value: Value) -> str:
    if value.n is None:
        return ""
    return (
        f"; {value.k:,} of {value.n:,}"
        if value.k is not None
        else f"; no whole number of {value.n:,}"
    )
