"""What every page shares: title, sidebar with the pair picker, and the error boundary.

`open_page(title)` is the first call of every page; it returns the chosen pair, or shows one
sentence and stops. `boundary()` goes around everything that may fail, also inside
fragments: a person sees a sentence and a next step, the log gets the traceback.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from core import api
from core.errors import PartwayError

PAIR = "pair"
_PICKER, _SEEN = "pair_picker", "pair_in_url"
# Files of our own: icons by name would be fetched from outside this machine.
_MARK, _WORDMARK, _STYLE = (
    Path(__file__).with_name(name) for name in ("mark.svg", "wordmark.svg", "style.css")
)
_log = logging.getLogger(__name__)


def open_page(title: str) -> api.PairEntry:
    """Set the page up and return the chosen pair; an unknown pair ends the page here."""
    st.set_page_config(
        page_title=f"{title} · Partway",
        page_icon=str(_MARK),
        layout="wide",
        initial_sidebar_state="auto",
    )
    st.logo(str(_WORDMARK), size="large", icon_image=str(_MARK))
    st.html(_STYLE)
    _settle_memory()
    with boundary():
        known = api.pairs()
        _seed_pair(known)
        _pick_pair(known)
        return api.pair(st.session_state[PAIR])
    st.stop()


@contextmanager
def boundary() -> Iterator[None]:
    """Turn an error into a sentence on the page; bugs go to the log in full."""
    try:
        yield
    except PartwayError as error:
        st.error(f"{error}", icon=":material/error:")
    except Exception as error:
        _log.exception("a part of the page failed")
        st.error(
            f"This part of the page failed ({type(error).__name__}). "
            "The server's log holds the details; reload the page to try again.",
            icon=":material/error:",
        )


def _seed_pair(known: dict[str, api.PairEntry]) -> None:
    """The URL decides when it changed; else the session; else the first pair."""
    asked = st.query_params.get("pair")
    if asked is not None and asked != st.session_state.get(_SEEN):
        st.session_state[PAIR] = asked
    st.session_state[_SEEN] = asked
    st.session_state.setdefault(PAIR, next(iter(known)))


def _pick_pair(known: dict[str, api.PairEntry]) -> None:
    chosen = st.session_state[PAIR]
    st.session_state[_PICKER] = chosen if chosen in known else None
    st.sidebar.selectbox(
        "Pair",
        list(known),
        format_func=lambda name: f"{name} · embedded" if known[name].embedded else name,
        key=_PICKER,
        index=None,
        placeholder="Choose a pair",
        on_change=_picked,
    )


def _picked() -> None:
    name = st.session_state[_PICKER]
    if name is not None:
        st.session_state[PAIR] = name
        st.session_state[_SEEN] = name
        st.query_params["pair"] = name


@st.cache_resource(show_spinner=False)
def _settle_memory() -> None:
    """Collect once and freeze what the imports left, so that later collections are short."""
    api.warm_up()
    gc.collect()
    gc.freeze()
