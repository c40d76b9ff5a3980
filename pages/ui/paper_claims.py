"""The partial-adaptation paper in sentences, sorted by how each is known."""

import streamlit as st

from core import api
from pages.ui.words import plain

_ICONS = {
    "read": ":material/menu_book:",
    "reported": ":material/forum:",
    "missing": ":material/help:",
}


def paper_claims() -> None:
    """What was read, what others report, what could not be found."""
    paper = api.claims.read_claims()
    st.subheader(plain(paper.title), anchor=False)
    st.caption(f"{plain(paper.authors)} · [{plain(paper.source)}]({paper.url})")
    for status, meaning in api.claims.MEANING.items():
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"{_ICONS[status]} **{meaning[:1].upper()}{meaning[1:]}**")
            st.markdown("\n".join(f"* {plain(claim.says)}" for claim in paper.known(status)))
