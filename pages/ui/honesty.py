"""The honesty strip: what must stand beside a win rate for it to be believed.

Values and words come from `core/reports/honesty.py` and `honesty_words.py`.
"""

from typing import TYPE_CHECKING

import streamlit as st

from core.reports.honesty_words import facts, made_by
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.reports.honesty import Honesty


def honesty_strip(found: "Honesty", key: str) -> None:
    """What stands behind the win rate: facts, then warnings, then who answered and when."""
    with st.container(key=f"honesty-{key}", gap="xxsmall"):
        with st.container(horizontal=True, gap="small", key=f"facts-{key}"):
            st.markdown("Behind the win rate:", width="content")
            for name, value in facts(found).items():
                st.markdown(f"{plain(name)} **{plain(value)}**", width="content")
        for warning in found.warnings:
            st.markdown(f":orange[▲] {plain(warning)}")
        if origin := made_by(found):
            st.caption(plain(origin))
