"""Which weights move with λ on the Share page: all, one part alone, or a path that is typed."""

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui import link

MOVES, ALL = "moves", "all weights"
_PICK = "share_moves"


def named(pair: api.PairEntry) -> str:
    """The pair's name, with the path behind it where parts move; the choice stands in the URL."""
    if pair.path:
        return pair.name
    asked = link.asked(MOVES)
    path = _seeded(pair, asked if asked is not None else link.taken(MOVES) or "")
    link.note(MOVES, path)
    st.session_state[_PICK] = path or ALL
    kinds = [ALL, *api.sharing.PARTS]
    st.selectbox(
        "What moves with λ (the rest stays at the base)",
        kinds if (path or ALL) in kinds else [*kinds, path],
        key=_PICK,
        accept_new_options=True,
        help="A path may be typed, as mlp-layers0..1 or gradient0..1: see the Pairs page.",
        on_change=lambda: link.write(MOVES, _typed()),
        width=420,
    )
    return f"{pair.name}~{path}" if path else pair.name


def _typed() -> str:
    chosen = str(st.session_state[_PICK] or ALL).strip()
    return "" if chosen == ALL else chosen


def _seeded(pair: api.PairEntry, path: str) -> str:
    """The path if it is one, else a complaint and all weights."""
    if not path:
        return ""
    try:
        return api.pair(f"{pair.name}~{path}").path
    except PartwayError as error:
        link.complain(MOVES, f"{error} Shown instead: {ALL}.")
        return ""
