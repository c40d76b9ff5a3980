"""The per-task table at the chosen λ, and its CSV; each row opens the task's items."""

from collections.abc import Callable

import streamlit as st
from streamlit.elements.lib.column_config_utils import ColumnConfigMappingInput

from core import api
from core.lam import Lam
from pages.ui import choices, first_chart
from pages.ui.items import FORMS
from pages.ui.words import plain

_ROW_PX, _HEAD_PX = 35, 38
_CLICK = "task_click"


def task_table(line: api.TradeOff, lam: Lam) -> None:
    """One row a task; a λ in between has none, and the room is kept."""
    tasks = max(len(point.tasks) for point in line.points)
    st.subheader(f"Every few-shot task at λ = {lam}", anchor=False)
    rows = api.task_rows(line, lam)
    with st.container(height=_HEAD_PX + _ROW_PX * tasks + 70, border=False):
        if not rows:
            apart = api.showing.apart_words(line, lam)
            why = f"was {apart}" if apart else "has not been measured"
            st.info(plain(f"λ = {lam} {why}, so there are no task scores to show."))
            return
        if first_chart.keeps_place(_HEAD_PX + _ROW_PX * tasks):
            return
        names = api.reading_names([row.task for row in rows])
        st.dataframe(
            [_shown(row, names[row.task]) for row in rows],
            hide_index=True,
            height=_HEAD_PX + _ROW_PX * tasks,
            column_config=_columns([row.task for row in rows]),
            placeholder="–",
            alt=f"Task scores at λ = {lam}",
        )
        st.download_button(
            "Download as CSV",
            api.tasks_csv(rows),
            f"{line.pair}_lambda_{lam}_tasks.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _shown(row: api.TaskRow, name: str) -> dict[str, str | float | int | None]:
    return {
        "Task": name,
        "Category": row.category,
        "Asked as": FORMS.get(row.form, row.form),
        "Score": row.score,
        "95 % interval": _span(row.score_low, row.score_high, "{:.1f}".format),
        "n": row.n,
        "Chance": row.chance,
        "vs λ = 1": row.difference_to_instruct,
        "its interval": _span(row.difference_low, row.difference_high, api.points_text),
    }


def _columns(tasks: list[str]) -> ColumnConfigMappingInput:
    def open_items() -> None:
        clicked = st.session_state[_CLICK]
        if clicked is not None:
            choices.open_items(tasks[clicked["row"]])

    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "Task": st.column_config.ButtonColumn(
            type="tertiary",
            alignment="left",
            on_click=open_items,
            key=_CLICK,
            help="Click a task to read its items at this λ, beside the map above.",
        ),
        "Asked as": text(help="Answer text and option letter are chosen by likelihood."),
        "Score": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.1f"),
        "95 % interval": text(help="Of the score."),
        "n": number(format="%d", width=60),
        "Chance": number(format="%.0f", width=75, help="A dash: chance has no meaning here."),
        "vs λ = 1": number(format="%+.1f", width=85, help="Same items at both λ."),
        "its interval": text(help="95 % interval of the difference; a dash where nothing varies."),
    }


def _span(low: float | None, high: float | None, told: Callable[[float], str]) -> str | None:
    return None if low is None or high is None else f"{told(low)} to {told(high)}"
