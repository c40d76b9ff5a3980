"""System: what the engine is doing and holds, which pairs would fit, places and versions.

Looks and tells; it starts, stops and unloads only when asked to.
"""

import streamlit as st

from core import api
from pages.ui import frame, lam_control
from pages.ui.engine_panel import engine_panel
from pages.ui.memory_plan import memory_plan
from pages.ui.strip import strip
from pages.ui.words import plain

pair = frame.open_page("System")
with frame.boundary():
    st.title("What is this machine doing for Partway?", anchor=False)
    lam_control.seed(None)
    strip(pair, lam_control.current(), None)
engine_panel()
memory_plan(pair)
with frame.boundary():
    st.subheader("Places and versions", anchor=False)
    st.table(
        {name: plain(value) for name, value in api.surroundings().items()},
        hide_header=True,
        border="horizontal",
    )
frame.close_page()
