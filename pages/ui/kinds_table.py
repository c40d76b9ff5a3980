"""One judge at one λ by kind of instruction."""

from typing import TYPE_CHECKING

import streamlit as st

from core.lam import Lam

if TYPE_CHECKING:
    from core.reports.judging_points import JudgedPoint


def kinds_table(point: "JudgedPoint", lam: Lam) -> None:
    """A row a kind; few items each, so no interval and no claim."""
    rows = [
        {
            "Kind": row.kind,
            "Win rate": row.rate,
            "Wins": row.counts[0],
            "Draws": row.counts[1],
            "Losses": row.counts[2],
            "Missing": row.counts[3],
        }
        for row in point.by_kind()
    ]
    st.subheader(f"By kind of instruction at λ = {lam}", anchor=False)
    st.dataframe(
        rows,
        hide_index=True,
        height=min(38 + 35 * len(rows), 388),
        column_config={
            "Win rate": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.1f"),
        },
        placeholder="–",
        alt=f"Verdicts by kind of instruction at λ = {lam}",
    )
    st.caption("A kind has few items: read it as where to look, not as a result.")
