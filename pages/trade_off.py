"""Trade-off: what moving λ away from the instruct model costs and gives back.

Shows stored results at once. Looking, moving λ and switching axes never starts an engine;
measuring and generating do, in a process of its own.
"""

from typing import NamedTuple

import streamlit as st

from core import api
from pages.ui import (
    beside,
    choices,
    first_chart,
    frame,
    guard,
    lam_control,
    measure,
    present,
    task_map,
    tasks,
    weight,
)
from pages.ui.cards import cards
from pages.ui.categories import categories
from pages.ui.charts import fetch_early
from pages.ui.empty import empty
from pages.ui.headline import headline
from pages.ui.honesty import honesty_strip
from pages.ui.items import items_panel
from pages.ui.made import how_made
from pages.ui.outputs import outputs
from pages.ui.prompt_box import prompt_box
from pages.ui.strip import strip
from pages.ui.task_table import task_table
from pages.ui.weighing import tied, weighing
from pages.ui.words import plain

AXIS_LABELS = {"win_rate": "Win rate", "pass_rate": "Pass rate"}
VIEW_LABELS: dict[str, str] = {
    view: label[0].upper() + label[1:] for view, label in api.LABELS.items()
}
pair = frame.open_page("Trade-off")
fetch_early()
if present.on():
    with frame.boundary():
        present.present(pair)
    frame.close_page()
    st.stop()


class Below(NamedTuple):
    """The tasks, and the places below the charts that follow λ too."""

    rows: tuple[api.heat.HeatRow, ...]
    where: task_map.Places


def switches(line: api.TradeOff, references: dict[str, str]) -> None:
    """What the charts above show, within sight of them."""
    with st.container(horizontal=True, key="switches"):
        choices.switch(choices.VIEW, "Charts show", VIEW_LABELS, choices.view())
        choices.switch(choices.AXIS, "Upright axis shows", AXIS_LABELS, choices.axis())
        choices.switch(choices.REFERENCE, "Win rate is against", references, line.reference)


@st.fragment(key=lam_control.FOLLOWS)
def explore(
    line: api.TradeOff, references: dict[str, str], below: Below, company: beside.Company
) -> None:
    """Everything that follows λ; a move redraws this and nothing else."""
    with frame.boundary():
        lam, axis = lam_control.current(), choices.axis()
        headline(line, lam, axis, tied(line, axis, lam))
        strip(pair, lam, line)
        with st.container(key="dial-row"):
            dial, action = st.columns([3, 1], gap="medium", vertical_alignment="center")
        with dial:
            lam_control.slider(line)
        with action:
            measure.measure_slot(pair, line, lam)
        with st.container(key="cards-row"):
            cards(line, lam)
        look = api.Look(lam, axis, choices.view())
        weighing(line, look, company, lambda: switches(line, references))
        with st.container(key="honesty-room"):
            if (beside := api.honesty(line, lam)) is not None:
                honesty_strip(beside, "trade")
            else:
                st.caption("No verdicts stand behind the win rate here.")
    with below.where.items, frame.boundary():
        if choices.open_task() is None or not first_chart.keeps_place(below.where.height_px):
            items_panel(line, below.rows, lam, below.where.height_px)
    with below.where.table, frame.boundary():
        task_table(line, lam)


def _read(name: str, reference: str) -> tuple[api.TradeOff | None, frozenset[str]]:
    """The line on show, and the tasks that are counted; empty: all."""
    whole = guard.read(name, reference)
    if whole is None:
        return None, frozenset()
    chosen = tasks.seed(whole)
    with st.sidebar:
        beside.picker(name)
        tasks.picker(whole)
    return (guard.read(name, reference, chosen) if chosen else whole), chosen


with frame.boundary():
    st.title("What does instruction tuning cost, and how much can you have back?", anchor=False)
    references = api.references(pair.name)
    choices.seed(choices.AXIS, list(AXIS_LABELS))
    choices.seed(choices.VIEW, list(VIEW_LABELS))
    weight.seed()
    line, counted = None, frozenset[str]()
    if references:
        line, counted = _read(pair.name, choices.seed(choices.REFERENCE, list(references)))
    lam_control.seed(line)
    rows = api.heat.heat_rows(line) if line else ()
    choices.seed_task([row.task for row in rows])
    measure.find_job(pair)
    frame.complaints()
    missing = None if line else api.not_here(pair)
    if line is None or measure.began_empty(pair):
        empty(pair, missing, api.other_parents(pair.name), line is not None)
    if line is not None:
        guard.guard(line)
        follows = st.container()
        below = Below(rows, task_map.places(rows))
        company = beside.company(line, counted, choices.axis())
        with follows:
            explore(line, references, below, company)
            beside.shared_tasks(company)
        with frame.boundary():
            task_map.heat_map(line, rows, below.where)
        with frame.boundary():
            categories(line, choices.view())
        with frame.boundary():
            still = api.Look(lam_control.current(), choices.axis(), choices.view(), marked=False)
            outputs(line, still, company)
        for note in line.notes:
            st.caption(f":material/info: {plain(note)}")
    if missing is None:
        if line is None:  # the dial stands beside the curves, which are not there yet
            lam_control.slider(line)
        prompt_box(pair, api.presets(pair.name, line))
    if line is not None:
        how_made(line)
        first_chart.ask_for_rest()
frame.close_page()
