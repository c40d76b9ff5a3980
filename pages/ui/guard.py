"""What is not on the curve because it was measured otherwise, and a way to show it instead.

Nothing at all where every run of the pair agrees.
"""

from collections.abc import Sequence

import streamlit as st

from core import api
from pages.ui import link
from pages.ui.words import plain

MEASUREMENT = "made"
_PICKED = "made_picked"


def read(pair: str, reference: str, tasks: frozenset[str] = frozenset()) -> api.TradeOff | None:
    """The pair's line in the asked measurement; told where the URL's means nothing here."""
    asked = link.asked(MEASUREMENT)
    key = (link.taken(MEASUREMENT) or "") if asked is None else asked
    try:
        line = api.trade_off(pair, reference, api.showing.Asked(tasks, key))
    except api.PartwayError as error:
        if not key:
            raise
        if asked is not None:  # else it was another pair's
            link.complain(MEASUREMENT, f"{error} Shown instead: the largest.")
        key, line = "", api.trade_off(pair, reference, api.showing.Asked(tasks))
    link.note(MEASUREMENT, key)
    return line


def guard(line: api.TradeOff) -> None:
    """A sentence where a measured λ is not on the curve; then the choice, closed at first."""
    torn = api.showing.torn_words(line.others)
    beside = api.showing.beside_words(line.others)
    if not torn and not beside:
        return
    with st.container(key="guard", gap="xxsmall"):
        for words in torn:
            st.markdown(f":orange[:material/warning:] {plain(words)}")
        label = "Choose what is shown" if torn else "Measured in more than one way: choose which"
        with st.expander(label, key="guard-choice"):
            _choice(line)
            last = (plain(api.showing.ONE_CURVE),) if torn else ()
            _more(beside, *last)


def _more(beside: Sequence[str], *last: str) -> None:
    for words in (*map(plain, beside), *last):
        st.caption(words)


def _choice(line: api.TradeOff) -> None:
    offered = api.showing.options(line)
    st.session_state[_PICKED] = line.key
    st.selectbox(
        "Measurement on show",
        list(offered),
        format_func=offered.__getitem__,
        key=_PICKED,
        on_change=lambda: link.write(MEASUREMENT, st.session_state[_PICKED]),
    )
