"""Which pages there are, and the menu that shows them under their titles.

A link straight to a page on a server that has just started runs that page without `app.py`, as
Streamlit finds `pages/` by itself. Its own menu of file names is switched off in the settings;
`at_once` shows ours instead and starts the run again, which is then like any other.
No icons here: Streamlit would make the browser fetch them from outside this machine for the tab.
"""

import gc

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.settings import ROOT

TITLES = {
    "trade_off": "Trade-off",
    "side_by_side": "Side by side",
    "items": "Items",
    "evaluate": "Evaluate",
    "reasoning": "Reasoning",
    "judge": "Judge",
    "literature": "Literature",
    "pairs": "Pairs",
    "share": "Share",
    "system": "System",
}
_SHOWN = "menu_shown"
# Modules and results that are read stay, and `frame.close_page` freezes them: looking for
# dead ones among every 700 of them is a tenth of a cold start.
gc.set_threshold(50_000, 20, 20)


def menu() -> StreamlitPage:
    """Show the menu; returns the page that was asked for, to be run."""
    st.session_state[_SHOWN] = True
    st.set_option("client.showSidebarNavigation", True)  # ours, from now on
    first, *_ = TITLES
    return st.navigation(
        [
            st.Page(ROOT / "pages" / f"{name}.py", title=title, default=name == first)
            for name, title in TITLES.items()
        ]
    )


def at_once() -> None:
    """Where a page was started without the menu, show it and start again."""
    if _SHOWN not in st.session_state:
        menu()
        st.rerun()
