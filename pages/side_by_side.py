"""Side by side: one prompt answered by a whole line of models at the same time.

The page is its parts, each a module of its own, and only the open one runs:

* Read: `pages/ui/reading.py` (form, columns, why an answer changes).
* Taste blind, Batch, History: one entry in PARTS each, a function that takes the pair.

`?strip=ID` shows a filmstrip that is kept, in whichever part asks for it.
"""

from collections.abc import Callable

import streamlit as st

from core import api
from pages.ui import choices, frame, lam_control
from pages.ui.batch import batch
from pages.ui.history import history
from pages.ui.reading import reading
from pages.ui.strip import strip
from pages.ui.tasting import tasting

PART = "part"
PARTS: dict[str, Callable[[api.PairEntry], None]] = {
    "Read": reading,
    "Taste blind": tasting,
    "Batch": batch,
    "History": history,
}
pair = frame.open_page("Side by side")

with frame.boundary():
    lam_control.seed(None)
    part = choices.seed(PART, list(PARTS))
    with st.container(horizontal=True, vertical_alignment="bottom", key="side-head"):
        st.title("One prompt, a whole line of models", anchor=False, width="content")
        choices.switch(PART, "What to do", {name: name for name in PARTS}, part)
    strip(pair, lam_control.current(), None)
with frame.boundary():
    PARTS[part](pair)
frame.close_page()
