"""Few-shot prompts as they were scored: a task, an item, and the text goes into the box.

What is in the box can be edited: put your own last question behind the stored examples.
"""

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.words import plain

TASK, ITEM, TOLD, TARGETS = "ask_task", "ask_item", "ask_item_told", "ask_targets"


def choose(tasks: dict[str, str], text_key: str) -> None:
    """Task and item; a change fills the box."""
    if not tasks:
        st.caption("No few-shot task is measured for this pair; write or paste a prompt below.")
        return
    names = api.reading_names(list(tasks))
    if st.session_state.get(TASK) not in tasks:
        st.session_state[TASK] = next(iter(tasks))
    st.session_state[ITEM] = st.session_state.get(ITEM, 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = (tasks, text_key)
        st.selectbox(
            "Examples of",
            list(tasks),
            key=TASK,
            format_func=lambda one: names[one],
            on_change=_fill,
            args=given,
            width=320,
        )
        st.number_input("Item", 1, 10_000, key=ITEM, on_change=_fill, args=given, width=130)
        st.button("Take its prompt", on_click=_fill, args=given)
        if told := st.session_state.get(TOLD):
            st.caption(plain(told))


def _fill(tasks: dict[str, str], text_key: str) -> None:
    state = st.session_state
    try:
        found = api.side_by_side.few_shot_item(tasks[state[TASK]], int(state[ITEM]) - 1)
    except PartwayError as error:
        state[TOLD] = str(error)
        return
    state[text_key] = found.text
    state.setdefault(TARGETS, {})[found.text] = found.target
    choices = f", of {' | '.join(found.choices)}" if found.choices else ""
    state[TOLD] = f"Item {state[ITEM]} of {found.items}. Right is: {found.target}{choices}"


def target(text: str) -> str | None:
    """What would be right behind this very prompt, if it was taken here."""
    found: str | None = st.session_state.get(TARGETS, {}).get(text)
    return found
