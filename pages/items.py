"""Items: the flip ledger. Which items turn right or wrong along λ, and what was said there.

Stored results alone: no engine, key or network. Everything below the title follows filters, λ
and the open item, and all of them stand in the URL.
"""

import streamlit as st

from core import api
from pages.ui import choices, flip_choices, frame, lam_control, measure
from pages.ui.charts import CONFIG, fetch_early
from pages.ui.empty import empty
from pages.ui.ledger_filters import filters, gaps_only, groups
from pages.ui.ledger_item import ledger_item
from pages.ui.ledger_list import ledger_list, listed
from pages.ui.ledger_numbers import downloads, legend, numbers
from pages.ui.ledger_two import two_lams
from pages.ui.strip import strip
from pages.ui.words import plain

pair = frame.open_page("Items")
fetch_early()


@st.fragment(key="flips")
def explore(ledger: api.flips.Ledger) -> None:
    """Everything that follows a choice."""
    with frame.boundary():
        asked = flip_choices.asked(ledger)
        view = api.flips.look(ledger, asked)
        row, lam = flip_choices.open_row(ledger, view), flip_choices.lam(ledger)
        with st.container(key="claim"):
            st.markdown(plain(api.flips.headline(ledger, view)))
        if lam != lam_control.current():
            st.caption(f"λ = {lam_control.current()} is not measured; shown is λ = {lam}.")
        filters(ledger, asked)
        groups(view, asked)
        gaps_only(ledger, asked)
        listed(view, asked, row)
        with st.container(key="ledger-row"):
            left, right = st.columns([7, 5], gap="small")
        with left:
            ledger_list(ledger, view, row)
            legend(ledger)
        with right, frame.boundary():
            ledger_item(ledger, view, row)
        with st.container(key="flips-row"):
            left, right = st.columns([3, 2], gap="small")
        with left, st.container(border=True, key="groups-card"):
            figure, words = api.flips.groups_figure(ledger, view, lam)
            st.plotly_chart(figure, key="groups", alt=words, config=CONFIG)
        with right:
            two_lams(ledger, view, asked)
        downloads(ledger, view)
        numbers(ledger, view)


with frame.boundary():
    st.title("Which items flip along λ?", anchor=False)
    references = api.references(pair.name)
    lam_control.seed(None)
    strip(pair, lam_control.current(), None)
    ledger = None
    if references:
        reference = choices.seed(choices.REFERENCE, list(references))
        of = flip_choices.seed_of()
        choices.switch(flip_choices.OF, "Items of", flip_choices.OF_LABELS, of)
        with st.spinner("Reading the items…", show_time=True):
            ledger = flip_choices.read(pair.name, reference, of)
        if ledger is not None:
            flip_choices.seed(ledger)
    measure.find_job(pair)
    frame.complaints()
    if ledger is not None:
        explore(ledger)
    elif references:
        st.info("Nothing of this kind is measured yet.", icon=":material/info:")
    else:
        empty(pair, api.not_here(pair), api.other_parents(pair.name), begun=False)
frame.close_page()
