"""The sentence above everything: what this λ is worth against the instruct model."""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain


def headline(line: api.TradeOff, lam: Lam, axis: api.Axis, tied: str | None = None) -> None:
    """The claim in large type, the numbers behind it below; room is kept for the longest.

    `tied` says what holds when all λ are looked at: corrected, and tied with the best.
    """
    said = api.sentence(line, lam, axis)
    claim = "".join(f"**{plain(p.text)}**" if p.strong else plain(p.text) for p in said.parts)
    with st.container(key="sentence", gap="xxsmall"):
        st.markdown(claim)
        st.caption(plain(said.detail))
        if tied:
            st.caption(plain(tied))
