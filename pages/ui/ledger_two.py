"""Any two λ crossed: both right, one alone, neither; a click on a cell lists its items."""

import streamlit as st

from core import api
from pages.ui import flip_choices as chosen
from pages.ui import lam_control, link
from pages.ui.words import plain

_LAM, _AGAINST = "flip_lam", "flip_against"


def two_lams(ledger: api.flips.Ledger, view: api.flips.View, asked: api.flips.Asked) -> None:
    """Two lists of λ, four cells, and what the test says."""
    with st.container(border=True, key="two-card"):
        st.markdown("**Two λ crossed**")
        _pick(ledger)
        if view.crossed is None:
            st.caption("Two measured λ are needed.")
            return
        right = "followed" if ledger.of == "instructions" else "right"
        _cells(view.crossed, asked.cell, right, bool(ledger.strings.gaps.any()))
        with st.container(key="two-words"):
            st.caption(plain(api.flips.crossed_words(view.crossed)))


def _pick(ledger: api.flips.Ledger) -> None:
    st.session_state[_LAM] = chosen.lam(ledger)
    st.session_state[_AGAINST] = chosen.against(ledger)
    left, right = st.columns(2, gap="small")

    def moved() -> None:
        lam_control.choose(st.session_state[_LAM].thousandths)

    def against() -> None:
        link.write(chosen.AGAINST, str(st.session_state[_AGAINST]))

    with left:
        st.selectbox("λ", ledger.lams, format_func=str, key=_LAM, on_change=moved)
    with right:
        st.selectbox("against λ", ledger.lams, format_func=str, key=_AGAINST, on_change=against)


def _cells(crossed: api.flips.Crossed, cell: api.flips.Cell | None, right: str, gaps: bool) -> None:
    first, second = crossed.first, crossed.second
    labels: list[list[tuple[api.flips.Cell, str]]] = [
        [
            ("both", f"✓ ✓ **{crossed.both:,}** {right} at both"),
            ("first", f"✓ ✗ **{crossed.only_first:,}** only at λ = {first}"),
        ],
        [
            ("second", f"✗ ✓ **{crossed.only_second:,}** only at λ = {second}"),
            ("neither", f"✗ ✗ **{crossed.neither:,}** at neither"),
        ],
    ]
    if gaps:
        labels.append([("apart", f"· **{crossed.apart:,}** lack one of the two")])
    for row in labels:
        for place, (name, label) in zip(st.columns(len(row), gap="small"), row, strict=True):
            with place:
                _cell(name, label, name == cell)


def _cell(name: api.flips.Cell, label: str, on: bool) -> None:
    st.button(
        label,
        key=f"cell_{name}",
        type="primary" if on else "secondary",
        width="stretch",
        on_click=link.write,
        args=(chosen.CELL, "" if on else name),
    )
