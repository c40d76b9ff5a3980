"""Pairs: what lies between the two parents of the chosen pair.

Looks at files and stored results; it reads weights only when asked to.
"""

from pathlib import Path

import streamlit as st

from pages.ui import frame
from pages.ui.charts import fetch_early
from pages.ui.pair_list import fits, known
from pages.ui.weights import parts_alone, weights
from pages.ui.words import plain

pair = frame.open_page("Pairs")


def _short(source: str) -> str:
    """A hub id, or a folder's own name."""
    return Path(source).name if Path(source).is_absolute() else source


fetch_early()
with frame.boundary():
    st.title("What lies between base and instruct?", anchor=False)
    st.caption(plain(f"{pair.title}: {_short(pair.base)} → {_short(pair.instruct)}"))
with frame.boundary():
    fits(pair)
with frame.boundary():
    weights(pair)
with frame.boundary():
    parts_alone(pair)
with frame.boundary():
    known()
frame.close_page()
