"""What a pair without results says: why there is nothing, and how to get something."""

import streamlit as st

from core import api
from pages.ui import measure
from pages.ui.words import plain


def empty(pair: api.PairEntry, missing: str | None, others: str | None, begun: bool) -> None:
    """One sentence, one button, one command.

    `missing` says why the pair cannot be loaded, `others` what is stored of other parents;
    `begun`: the first results already stand below.
    """
    with st.container(border=True, key="empty"):
        state = "is being measured" if begun else "has not been measured yet"
        st.subheader(f"{plain(pair.title)} {state}", anchor=False)
        if missing is not None:
            st.markdown(plain(missing))
            st.caption(plain(pair.note))
            st.caption("Says what the pair needs, and fetches it:")
            st.code(f"python -m core pairs check {pair.name} --download", language="bash")
            return
        if others is not None:
            st.info(f"{plain(others)} Or measure these parents now.", icon=":material/info:")
        usual = pair.usual
        st.markdown(
            f"Measuring answers the few-shot tasks of `{usual.icl_suite}` and the instructions of "
            f"`{usual.instruction_suite}` at every λ from 0 to 1.2. It runs in a process of its "
            "own; this page may be closed meanwhile."
        )
        if not measure.progress(pair):
            _begin(pair)
        st.caption("The same from a terminal:")
        st.code(f"python -m core sweep --pair {pair.name} --grid 0:1:0.1,1.1,1.2", language="bash")


def _begin(pair: api.PairEntry) -> None:
    """The whole grid at once where that takes a minute; elsewhere its price is looked at first."""
    if pair.embedded:
        st.button(
            f"Measure {len(api.FULL_GRID)} λ now",
            type="primary",
            icon=":material/play_arrow:",
            on_click=measure.start,
            args=(pair.name, api.FULL_GRID),
        )
        return
    st.markdown(
        "The tasks' data come from the hub, or from a copy of yours. How long it takes depends on "
        "the model and this machine, so look at the plan first; there, too, you can choose other "
        "tasks, fewer λ, or a trial of a few items."
    )
    st.page_link(
        "pages/evaluate.py",
        label="Plan the measurement",
        icon=":material/arrow_forward:",
        query_params={"pair": pair.name, "grid": "0:1:0.1,1.1,1.2"},
    )
