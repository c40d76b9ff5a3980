"""The heat map of tasks over λ; a click on a cell moves λ there and opens the task's items.

The figure does not depend on the chosen λ, so moving λ never draws it again: the chosen
column and the open cell are marked by a style that travels with what follows λ.
"""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import api
from core.figures.colour import colour
from core.lam import Lam
from pages.ui import choices, first_chart, lam_control
from pages.ui.charts import CONFIG
from pages.ui.words import plain

HEAT = "heat"
_CLICKED = "heat_clicked"
_FRAME_PX = 34  # a card's border and padding
LEAST_PX = 540  # room for reading items beside a map of few tasks
_LEGEND = (
    "**Bold**: the 95 % interval of the difference leaves out 0. (In brackets): it contains 0, so "
    "no difference is shown. – : not measured. Each interval is that of one cell; among many "
    "cells without any difference, about one in twenty would still look bold."
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where on the page the parts go; they are filled in another order than they stand."""

    map: DeltaGenerator
    items: DeltaGenerator
    table: DeltaGenerator
    height_px: int  # of the map and of the items beside it


def places(rows: tuple[api.heat.HeatRow, ...]) -> Places:
    """Lay out the section: map and items side by side, the table below them."""
    st.subheader("Task by task", anchor=False)
    height = max(api.heat_height_px(rows) + _FRAME_PX, LEAST_PX)
    with st.container(key="tasks-row"):
        left, right = st.columns([3, 2], gap="medium")
    return Places(left.container(), right.container(), st.container(), height)


def heat_map(line: api.TradeOff, rows: tuple[api.heat.HeatRow, ...], where: Places) -> None:
    """The map with its legend and its numbers for a file."""
    if not rows:
        where.map.caption("No few-shot task is measured yet.")
        return
    figure, words = api.heat_figure(rows)
    with where.map, st.container(border=True, key="heat-card", height=where.height_px):
        if not first_chart.keeps_place(figure.layout.height):
            st.plotly_chart(
                figure, key=HEAT, on_select=_open, selection_mode="points", alt=words, config=CONFIG
            )
    with where.map:
        st.markdown(plain(words))
        st.caption(_LEGEND)
        st.download_button(
            "Every cell as CSV",
            api.heat.heat_csv(line, rows),
            f"{line.pair}_tasks_over_lambda.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def marks(rows: tuple[api.heat.HeatRow, ...], lam: Lam) -> str:
    """The style that marks the chosen λ's column and, when a task is open, its cell."""
    lams = [cell.lam for cell in rows[0].cells] if rows else []
    if lam not in lams:
        return ""
    column = lams.index(lam) + 1
    rules = [
        f".st-key-heat-card .xtick:nth-of-type({column}) text "
        "{ font-weight: 700 !important; text-decoration: underline; }"
    ]
    task = choices.open_task()
    number = api.heat.cell_number(rows, task, lam) if task else None
    if number is not None:
        rules.append(
            f".st-key-heat-card .scatterlayer .points path:nth-of-type({number}) "
            "{ opacity: 1 !important; fill: none !important; stroke-width: 3px !important; "
            f"stroke: {colour(lam)} !important; }}"
        )
    return f"<style>{' '.join(rules)}</style>"


def _open() -> None:
    """Open the clicked cell; a second click on it takes Plotly's selection back, no more."""
    points = st.session_state[HEAT].selection.points
    clicked = next((point["customdata"] for point in points if point.get("customdata")), None)
    clicked = clicked or st.session_state.get(_CLICKED)
    if clicked:
        st.session_state[_CLICKED] = clicked
        choices.open_items(str(clicked[1]))
        lam_control.choose(int(clicked[0]))
        st.rerun(lam_control.FOLLOWS)
