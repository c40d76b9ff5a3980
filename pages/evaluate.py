"""Evaluate: choose what to measure, see what that means, start it, follow it.

Choosing and planning read files alone; only the button starts something, in a process of its
own that goes on when the page is closed.
"""

import streamlit as st

from core import api
from pages.ui import frame, lam_control
from pages.ui.job_list import job_list
from pages.ui.strip import strip
from pages.ui.sweep_form import sweep_form
from pages.ui.sweep_plan import problem, sweep_plan

pair = frame.open_page("Evaluate")
with frame.boundary():
    st.title("What shall be measured?", anchor=False)
    lam_control.seed(None)
    strip(pair, lam_control.current(), None)
    frame.complaints()
with frame.boundary():
    st.subheader("Choose", anchor=False)
    plan = sweep_form(pair.name).plan(pair.name)
    st.subheader("Before it runs", anchor=False)
    if plan is None:
        st.info(
            "The plan appears here once every field above is filled in and understood.",
            icon=":material/info:",
        )
    else:
        sweep_plan(plan, api.not_here(pair), api.queueing.busy())
with frame.boundary():
    problem()
    job_list()
frame.close_page()
