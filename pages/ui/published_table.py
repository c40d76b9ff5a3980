"""One published table: what it shows, its figures, its caveats, and the numbers as printed."""

import streamlit as st
from streamlit.elements.lib.column_config_utils import ColumnConfigMappingInput

from core import api
from core.api import literature
from pages.ui import choices
from pages.ui.charts import CONFIG
from pages.ui.words import plain

COLUMN = "column"


def published_table(name: str) -> None:
    """Figures above, what to know beside them, the numbers below."""
    table = literature.read_published(name)
    column = _pick_column(table)
    panels = table.panels_of(column)
    with st.container(key="claim", gap="xxsmall"):
        st.markdown(f"**{plain(table.about)}** {plain(literature.in_words(table, panels))}")
        st.caption(f"{plain(table.metric)} · [{plain(table.source)}]({table.url})")
    with st.container(key="published-row"):
        columns = st.columns(len(panels), gap="small")
    for place, panel, drawn in zip(
        columns, panels, api.published_figures(table, column), strict=True
    ):
        with place, st.container(border=True, key=f"published-{panel.name}-card"):
            st.plotly_chart(
                drawn.figure, key=f"published-{panel.name}", alt=drawn.words, config=CONFIG
            )
    _to_know(table)
    _numbers(table, panels)


def _pick_column(table: literature.PublishedTable) -> str:
    if not table.values:
        return ""
    chosen = choices.seed(COLUMN, table.values)
    choices.switch(COLUMN, "Category", {one: one for one in table.values}, chosen)
    return chosen


def _to_know(table: literature.PublishedTable) -> None:
    with st.container(key="known-row"):
        caveats, protocol = st.columns((3, 2), gap="medium")
    with caveats, st.container(border=True, gap="xsmall"):
        st.markdown("**Read with care** (small numbers at the rows point here)")
        st.markdown("\n".join(f"{note.number}. {plain(note.text)}" for note in table.notes))
    with protocol, st.container(border=True, gap="xsmall"):
        st.markdown("**How it was measured**")
        st.markdown("\n".join(f"* {plain(line)}" for line in table.protocol))


def _numbers(table: literature.PublishedTable, panels: tuple[literature.Panel, ...]) -> None:
    st.subheader("As printed", anchor=False)
    st.dataframe(
        [_shown(table, panel, row) for panel in panels for row in panel.rows],
        hide_index=True,
        placeholder="–",
        column_config=_formats(table),
        alt=f"{table.title} as printed",
    )
    st.caption(
        "“Counts” and “95 %” are worked out here from the printed value and the number of items "
        "that it fits (Wilson's interval for one proportion); the source prints neither."
        if any(row.first.n for panel in panels for row in panel.rows)
        else "The source prints no intervals, and they cannot be worked out from these values."
    )
    st.download_button(
        "Download as CSV",
        literature.table_file(table.name).read_bytes(),
        f"{table.name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _formats(table: literature.PublishedTable) -> ColumnConfigMappingInput:
    number = st.column_config.NumberColumn
    return {
        table.first: number(format="%.2f"),
        table.second: number(format="%.2f"),
        _difference(table): number(format="%+.2f"),
    }


def _difference(table: literature.PublishedTable) -> str:
    return f"{table.second} − {table.first}"


def _shown(
    table: literature.PublishedTable, panel: literature.Panel, row: literature.PublishedRow
) -> dict[str, str | float | None]:
    sized = row.first.n is not None
    return {
        **({"Setting": panel.title} if panel.title else {}),
        "Name": row.name,
        **_value(table.first, row.first, sized),
        **_value(table.second, row.second, sized),
        _difference(table): row.difference,
        "Notes": ", ".join(map(str, row.marks)),
    }


def _value(name: str, value: literature.Value, sized: bool) -> dict[str, str | float | None]:
    if not sized:
        return {name: value.value}
    span = value.interval
    return {
        name: value.value,
        f"{name}: counts": f"no whole number of {value.n:,}"
        if value.k is None
        else f"{value.k:,} of {value.n:,}",
        f"{name}: 95 %": f"{span.low:.1f} to {span.high:.1f}" if span else None,
    }
