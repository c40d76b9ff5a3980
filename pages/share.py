"""Share: take the model at the chosen λ home as an ordinary checkpoint.

The writing goes on in a process of its own when this page is closed; `?export=ID` finds it again.
Stored files alone: no engine, no network.
"""

import streamlit as st

from core import api
from pages.ui import frame, lam_control, link
from pages.ui.charts import fetch_early
from pages.ui.share_export import export_here, exports
from pages.ui.share_parts import named
from pages.ui.words import plain

pair = frame.open_page("Share")


@st.fragment(key=lam_control.FOLLOWS)
def take_home(name: str, line: api.TradeOff | None) -> None:
    """What follows λ."""
    with frame.boundary():
        lam_control.slider(line)
    with frame.boundary():
        export_here(api.pair(name), lam_control.current(), line)


fetch_early()
with frame.boundary():
    st.title("Take a model home", anchor=False)
    st.markdown(
        "The model at one λ, written as an ordinary checkpoint: safetensors, tokenizer, chat "
        "template, a model card with what was measured, and the recipe that makes the same bits "
        "again. Other tools load it as they load any model."
    )
    name = named(pair)
    references = api.references(name)
    line = api.trade_off(name, next(iter(references))) if references else None
    lam_control.seed(line)
    for complaint in link.complaints():
        st.warning(plain(complaint), icon=":material/link_off:")
    take_home(name, line)
with frame.boundary():
    exports(pair)
frame.close_page()
