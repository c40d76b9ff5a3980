"""Would this pair fit? The engine's plan for any registered pair, before anything is loaded."""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.words import plain

_FORMS = {
    "resident": ("Fits", ":material/check_circle:"),
    "spread": ("Fits on several devices together", ":material/hub:"),
    "paired": ("Fits without a live copy", ":material/compress:"),
    "streamed": ("Fits with its parents in host memory", ":material/swap_horiz:"),
    "refused": ("Does not fit", ":material/block:"),
}


@st.fragment
def memory_plan(chosen: api.PairEntry) -> None:
    """A pair to choose, and how it would be held."""
    with frame.boundary():
        st.subheader("Would a pair fit?", anchor=False)
        names = list(api.pairs())
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                "Memory plan for", names, index=names.index(chosen.name), key="plan_pair", width=420
            )
            st.button("Look again", icon=":material/refresh:")
        plan = api.memory_plan(name) if name else None
        if plan is None:
            st.caption(
                "Only a running engine knows how much memory there is. Start it above, then look "
                "again; nothing is loaded for that."
            )
            return
        _show(plan)


def _show(plan: api.MemoryPlan) -> None:
    words, icon = _FORMS[plan.form]
    st.markdown(f"{icon} **{words}**: {plain(plan.why)}")
    there = "not known" if plan.available is None else api.as_size(plan.available)
    taken = "On the device" if plan.form != "refused" else "Needed on the device at least"
    shares = {
        f"On {share.device}": f"{api.as_size(share.device_bytes)}, {share.layers} layers"
        for share in plan.shares
    }
    st.table(
        {
            "One model": api.as_size(plan.weights_bytes),
            **(shares or {taken: api.as_size(plan.device_bytes)}),
            "In host memory": api.as_size(plan.host_bytes) if plan.host_bytes else "nothing",
            "To be had once idle pairs have left": there,
        },
        hide_header=True,
        border="horizontal",
    )
