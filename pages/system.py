"""System: what the engine is doing, where things lie, which versions are installed.

Looks and tells; the one thing it changes is to stop the engine when asked.
"""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.words import plain

frame.open_page("System")


def ended() -> None:
    """Stop the engine; it starts again when it is next needed."""
    try:
        api.stop_engine()
    except api.PartwayError as error:
        st.session_state["engine_problem"] = str(error)


@st.fragment(run_every=2.0)
def engine() -> None:
    """The engine's process as it is now."""
    with frame.boundary():
        state = api.engine_state()
        st.subheader(f"Engine: {state.status}", anchor=False)
        st.table(
            {
                "Address": plain(state.url or "none"),
                "Process": str(state.pid or "none"),
                "Device": plain(state.device or "not known before it runs"),
                "Loaded pairs": plain(", ".join(state.pairs) or "none"),
                "Says": plain(state.message or "nothing"),
            },
            hide_header=True,
            border="horizontal",
        )
        st.button("Stop the engine", on_click=ended, disabled=state.pid is None)
        if told := st.session_state.pop("engine_problem", None):
            st.error(plain(told), icon=":material/error:")


st.title("What is this machine doing for Partway?", anchor=False)
engine()
with frame.boundary():
    st.subheader("Places and versions", anchor=False)
    st.table(
        {name: plain(value) for name, value in api.surroundings().items()},
        hide_header=True,
        border="horizontal",
    )
