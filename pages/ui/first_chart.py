"""The first chart comes first: until the browser has drawn it, the rest keeps its place free.

Charts that arrive together are drawn together, and none is seen before the last is done; that
takes the browser longer than everything that the server does. So the first run of a visit
sends one chart, and skeletons as high as what belongs in their place. When the chart is on
screen the browser says so, and the page runs again with all of it. Who is no browser (a test,
a health check) never waits.
"""

from pathlib import Path

import streamlit as st

_SEEN, _MOUNTED = "first_chart_seen", "first_chart"
_mount = st.components.v2.component(
    "partway_first_chart", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def waits() -> bool:
    """Whether only the first chart is wanted now."""
    return _SEEN not in st.session_state and "User-Agent" in st.context.headers


def keeps_place(height_px: int) -> bool:
    """Whether this has to wait; then something as high stands in its place."""
    if waits():
        st.skeleton(height=height_px)
    return waits()


def ask_for_rest() -> None:
    """Let the browser say when the first chart is on screen; last on the page, as it takes room."""
    if waits():
        _mount(key=_MOUNTED, on_seen_change=_note)


def _note() -> None:
    st.session_state[_SEEN] = True
