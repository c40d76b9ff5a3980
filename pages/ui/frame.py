"""What every page shares: title, sidebar with the pair picker, and the error boundary.

`open_page(title)` is the first call of every page; it returns the chosen pair, or shows one
sentence and stops. `close_page()` is the last. `boundary()` goes around everything that may
fail, also inside fragments: a person sees a sentence and a next step, the log gets the
traceback.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core import api
from core.errors import PartwayError
from pages.ui import link, menu
from pages.ui.words import plain

PAIR = "pair"
_PICKER = "pair_picker"
# Files of our own: icons by name would be fetched from outside this machine.
_MARK, _WORDMARK, _STYLE = (
    Path(__file__).with_name(name) for name in ("mark.svg", "wordmark.svg", "style.css")
)
_BEGUN = "frame_begun_again"
_log = logging.getLogger(__name__)


def open_page(title: str) -> api.PairEntry:
    """Set the page up and return the chosen pair; an unknown pair ends the page here."""
    menu.at_once()
    _through_app()
    st.set_page_config(
        page_title=f"{title} · Partway",
        page_icon=str(_MARK),
        layout="wide",
        initial_sidebar_state="auto",
    )
    st.logo(str(_WORDMARK), size="large", icon_image=str(_MARK))
    st.html(_STYLE)
    with boundary():
        link.carry(title)
        known = api.pairs()
        name = _seed_pair(known)
        _pick_pair(known, name)
        if name in known:
            return known[name]
        _unknown(name, next(iter(known)))
    st.stop()


def _through_app() -> None:
    """Begin again through app.py where a link straight to a page was a server's first visit.

    Streamlit takes the folder pages/ for the menu until app.py has declared another one, and
    would name the files in it. From then on every visit of the process goes through app.py.
    Once a visit: a run begun again forgets the click it was begun by.
    """
    if PagesManager.uses_pages_directory and not st.session_state.setdefault(_BEGUN, False):
        st.session_state[_BEGUN] = True
        PagesManager.uses_pages_directory = False
        st.rerun()


@contextmanager
def boundary() -> Iterator[None]:
    """Turn an error into a sentence on the page; bugs go to the log in full."""
    try:
        yield
    except PartwayError as error:
        st.error(plain(str(error)), icon=":material/error:")
    except Exception as error:
        _log.exception("a part of the page failed")
        st.error(
            f"This part of the page failed ({type(error).__name__}). "
            "The server's log holds the details; reload the page to try again.",
            icon=":material/error:",
        )


def complaints() -> None:
    """What the address asked for and could not have, in one box."""
    if told := [plain(one) for one in link.complaints()]:
        words = told[0] if len(told) == 1 else "\n".join(f"* {one}" for one in told)
        st.warning(words, icon=":material/link_off:")


def _seed_pair(known: dict[str, api.PairEntry]) -> str:
    """The URL's pair when it is new, else the session's, else the first."""
    name = link.asked(PAIR) or link.taken(PAIR) or next(iter(known))
    link.note(PAIR, name)
    return name


def _pick_pair(known: dict[str, api.PairEntry], chosen: str) -> None:
    """The picker; empty (and then with a placeholder) only while the pair is unknown."""
    st.session_state[_PICKER] = chosen if chosen in known else None
    empty: dict[str, Any] = {} if chosen in known else {"index": None}
    st.sidebar.selectbox(
        "Pair",
        list(known),
        format_func=lambda name: f"{name} · embedded" if known[name].embedded else name,
        key=_PICKER,
        placeholder="Choose a pair",
        on_change=lambda: link.write(PAIR, st.session_state[_PICKER] or chosen),
        **empty,
    )
    if chosen in known and known[chosen].note:
        st.sidebar.caption(plain(known[chosen].note))


def _unknown(name: str, first: str) -> None:
    """The sentence about a pair that nobody knows, and a way back."""
    st.title("There is no such pair here", anchor=False)
    try:
        api.pair(name)
    except PartwayError as error:
        st.error(plain(str(error)), icon=":material/error:")
    st.button(f"Show {first}", type="primary", on_click=link.write, args=(PAIR, first))


def close_page() -> None:
    """Import what is still missing; collect once and freeze, so that later collections are short.

    At the end of a page, because nobody should wait for it before the first chart. Once more
    after a line was read: its records are as many objects as everything else, and they stay.
    """
    api.warm_up()
    read = api.showing.lines_read()
    if _frozen().get("lines") != read:
        _frozen()["lines"] = read
        gc.collect()
        gc.freeze()


@st.cache_resource(show_spinner=False)
def _frozen() -> dict[str, int]:
    """How many lines had been read when objects were frozen last; for all visitors."""
    return {}
