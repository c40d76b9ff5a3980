"""Share: what can be given to others: a report, a presenter's view, links, and the model itself.

Says first what an export would take, and whether that may be done; writes in a process of its
own. Looking starts nothing: no engine, no network.
"""

from collections.abc import Callable

import streamlit as st

from core import api
from pages.ui import choices, frame, guard, lam_control, link, weight
from pages.ui.charts import fetch_early
from pages.ui.share_export import EXPORT, export_here, exports
from pages.ui.share_links import links_here, present_here
from pages.ui.share_parts import named
from pages.ui.share_report import report_here
from pages.ui.words import plain

GIVE, MODEL = "give", "Model"
Line = api.TradeOff | None
pair = frame.open_page("Share")


def _model(name: str, line: Line) -> None:
    st.markdown(
        "The model at one λ, written as an ordinary checkpoint: safetensors, tokenizer, chat "
        "template, a model card with what was measured, and the recipe that makes the same bits "
        "again. Other tools load it as they load any model."
    )
    export_here(api.pair(name), lam_control.current(), line)


PARTS: dict[str, Callable[[str, Line], None]] = {
    "Report": lambda name, line: report_here(name, lam_control.current(), line),
    "Presentation": lambda name, line: present_here(),
    "Links": lambda name, line: links_here(),
    MODEL: _model,
}


@st.fragment(key=lam_control.FOLLOWS)
def give(part: str, name: str, line: Line) -> None:
    """What follows λ."""
    with frame.boundary():
        lam_control.slider(line)
    with frame.boundary():
        PARTS[part](name, line)


fetch_early()
with frame.boundary():
    st.title("Take it with you", anchor=False)
    exported = link.taken(EXPORT) or EXPORT in st.query_params
    part = choices.seed(GIVE, list(dict.fromkeys([MODEL, *PARTS] if exported else PARTS)))
    choices.switch(GIVE, "What to give", {name: name for name in PARTS}, part)
    name = named(pair)
    references = api.references(name)
    choices.seed(choices.AXIS, list(api.AXES))
    weight.seed()
    line = None
    if references:
        line = guard.read(name, choices.seed(choices.REFERENCE, list(references)))
    lam_control.seed(line)
    for complaint in link.complaints():
        st.warning(plain(complaint), icon=":material/link_off:")
    give(part, name, line)
with frame.boundary():
    if part == MODEL:
        exports(pair)
frame.close_page()
