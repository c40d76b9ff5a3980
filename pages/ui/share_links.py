"""Addresses of what is chosen now, one a page, to be copied; each opens on a cold server."""

from typing import NamedTuple

import streamlit as st

from pages.ui import link
from pages.ui.words import plain


class Page(NamedTuple):
    """A page's path and the choices that its address carries."""

    path: str
    names: tuple[str, ...]
    more: tuple[tuple[str, str], ...] = ()


_LINE = ("pair", "lam", "reference", "y", "tasks", "made", "r")
PRESENTER = Page("", (*_LINE, "view", "prompt"), (("present", "1"),))
PAGES = {
    "Trade-off": Page("", (*_LINE, "view", "task", "with")),
    "Side by side": Page("side_by_side", ("pair", "lam", "part", "batch")),
    "Items": Page(
        "items",
        (
            *("pair", "lam", "reference", "made", "of", "category", "task", "kind", "group"),
            *("find", "gaps", "sort", "item", "against", "cell"),
        ),
    ),
    "Evaluate": Page(
        "evaluate",
        ("pair", "grid", "icl", "put", "instructions", "judges", "spend", "limit"),
    ),
    "Reasoning": Page(
        "reasoning",
        (
            *("pair", "lam", "bench", "protocol", "style", "grader", "look", "over"),
            *("changed", "problem"),
        ),
    ),
    "Judge": Page("judge", ("pair", "lam", "reference", "judge", "other")),
    "Literature": Page("literature", ("pair", "table", "column")),
    "Pairs": Page("pairs", ("pair",)),
    "Share": Page("share", ("pair", "lam", "moves", "export", "give", "y", "r")),
    "System": Page("system", ("pair",)),
}


def present_here() -> None:
    """What the presenter's view is, its address, and the way there."""
    st.markdown(
        "The presenter's view is for a wall: the sentence, the plane, the dial, and one prompt's "
        "answers at the base, at λ and by the instruct model. ← and → go along λ, Esc leaves. It "
        "draws what the Trade-off page draws, from stored results alone."
    )
    address = _address(PRESENTER)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button("Open it", address, type="primary", icon=":material/open_in_new:")
    st.code(address, language=None, wrap_lines=True)


def links_here() -> None:
    """A row a page."""
    st.markdown(
        "Each address shows what is chosen now, also to somebody who opens it first on another "
        "browser of this server. Choices made on a page in this visit are part of its address."
    )
    with st.container(key="links", gap="xsmall"):
        for name, page in PAGES.items():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{plain(name)}**", width=110)
                st.code(_address(page), language=None, wrap_lines=True, width="stretch")
    st.caption("Answers side by side have addresses of their own (?strip=…): see their History.")


def _address(page: Page) -> str:
    return link.address(page.path, page.names, **dict(page.more))
