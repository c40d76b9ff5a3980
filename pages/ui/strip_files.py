"""Filmstrips as files: one of them for a person or a program, or many for other tools."""

from collections.abc import Sequence

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.words import plain

kept = api.history
LEFT, RIGHT, OPEN, BELOW = "files_left", "files_right", "files_open", "files_below"


def below(strip_id: str) -> None:
    """The same under a comparison that is on show; made when it is opened."""
    box = st.expander(
        "Save or send this comparison", key=BELOW, on_change="rerun", icon=":material/download:"
    )
    with box:
        if not box.open:
            return
        try:
            one(strip_id)
        except PartwayError as error:  # one that was stopped is not always kept
            st.caption(plain(str(error)))


def one(strip_id: str) -> None:
    """Buttons for one filmstrip, and its address."""
    strip = kept.read(strip_id)
    name = f"filmstrip-{strip_id[:8]}"
    kinds = (
        ("Page to send, HTML", kept.html_file(strip), "html", "text/html"),
        ("Everything, JSON", kept.json_file(strip), "json", "application/json"),
        ("Table, CSV", kept.csv_file([strip]), "csv", "text/csv"),
    )
    with st.container(horizontal=True):
        for words, made, ending, mime in kinds:
            st.download_button(
                words,
                made,
                f"{name}.{ending}",
                mime,
                key=f"file_{ending}_{strip_id}",
                icon=":material/download:",
                on_click="ignore",
            )
    first = strip.asked.columns[0].name
    st.caption("Its address, after this page's own, and that of one column of it:")
    st.code(f"?strip={strip_id}\n?strip={strip_id}&column={first}", language=None)


def together(heads: Sequence["kept.Head"]) -> None:
    """Files of everything that was found; made when they are asked for."""
    box = st.expander(f"Files of all {len(heads)} found", key=OPEN, on_change="rerun")
    with box:
        if box.open:
            _together(heads)


def _together(heads: Sequence["kept.Head"]) -> None:
    strips = kept.read_all(heads)
    if len(strips) < len(heads):
        st.caption(f"The newest {len(strips):,} of them.")
    st.download_button(
        f"Table of {sum(len(strip.answers) for strip in strips):,} answers, CSV",
        kept.csv_file(strips),
        "filmstrips.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    _comparator(strips)


def _comparator(strips: Sequence["kept.Filmstrip"]) -> None:
    """Two columns side by side in PAIR's LLM Comparator."""
    lams = {column.name: column.lam for strip in strips for column in strip.asked.columns}
    columns = sorted(lams, key=lams.__getitem__)
    if len(columns) < 2:
        return
    state = st.session_state
    if state.get(LEFT) not in columns:
        state[LEFT] = columns[0]
    if state.get(RIGHT) not in columns:
        state[RIGHT] = columns[-1]
    with st.container(horizontal=True, vertical_alignment="bottom", key="comparator-row"):
        left = st.selectbox("Model A", columns, key=LEFT, width=200)
        right = st.selectbox("Model B", columns, key=RIGHT, width=200)
        try:
            made = kept.comparator_file(strips, kept.Sides(left, right))
        except PartwayError as error:
            st.caption(plain(str(error)))
            return
        st.download_button(
            "For LLM Comparator, JSON",
            made,
            "llm-comparator.json",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
        )
    st.caption(
        "LLM Comparator is PAIR's page for reading two models' outputs. Scores are people's votes, "
        "0.75 for A and −0.75 for B; where nobody voted they are empty, which its averages take "
        "for 0."
    )
