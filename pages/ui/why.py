"""The numbers behind the words: every λ against every other one, prices, items that settle it."""

import streamlit as st

from core import api
from core.api import comparing
from core.lam import INSTRUCT, Lam
from pages.ui.words import plain

_AGAINST = "settle_against"
_ROW_PX, _HEAD_PX = 35, 38
_HOW = """
**Tied with the best**: best − λ is within the 95 % range of the widest difference between any two
λ, so the truly best λ is in the set at least 95 times in 100. **p**: against λ = 1, by flipping the
signs of paired items (of whole passages or templates), corrected by Holm for the number of λ.
**On the front**: the share of resamples in which no other λ is at least as good on both axes; it
is not the probability that it truly is. **λ\\***: for an r that was fixed beforehand; who tries
many r and keeps the nicest has no 95 %. `python -m tests.bench.coverage` measures how often each
holds.
"""


def why(
    line: api.TradeOff, compared: comparing.Together, choice: comparing.Choice, lam: Lam
) -> None:
    """Closed at first, and then nothing of it is made."""
    box = st.expander("Why? The numbers behind this", on_change="rerun", key="why")
    with box:
        if not box.open:
            return
        st.markdown(plain(comparing.front_words(compared)))
        st.markdown(plain(comparing.price_words(compared, lam, comparing.price(compared, lam))))
        _settle(compared, lam)
        _table(line, compared, choice)
        st.caption(plain(comparing.shared_words(compared)))
        st.markdown(_HOW)


def _settle(compared: comparing.Together, lam: Lam) -> None:
    """Items that would tell this λ from another one, which a person may choose."""
    if lam not in compared.lams:
        st.markdown(plain(comparing.settling_words(compared, None)))
        return
    others = [one.thousandths for one in compared.lams if one != lam]
    kept = st.session_state.get(_AGAINST)
    first = kept if kept in others else INSTRUCT.thousandths
    st.session_state[_AGAINST] = first if first in others else others[-1]
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.selectbox(
            f"Settle λ = {lam} against λ =",
            others,
            format_func=lambda one: str(Lam(one)),
            key=_AGAINST,
            width=220,
        )
        found = comparing.settling(compared, lam, Lam(st.session_state[_AGAINST]))
        st.markdown(plain(comparing.settling_words(compared, found)))


def _table(line: api.TradeOff, compared: comparing.Together, choice: comparing.Choice) -> None:
    rows = comparing.compared_rows(line, compared, choice)
    number = st.column_config.NumberColumn
    st.dataframe(
        [_shown(row, api.SHORT[compared.side]) for row in rows],
        hide_index=True,
        height=_HEAD_PX + _ROW_PX * len(rows),
        placeholder="–",
        column_config={
            "On the front": st.column_config.TextColumn(help="Share of resamples."),
            "Few-shot": number(format="%.1f"),
            api.SHORT[compared.side]: number(format="%.1f"),
            f"Worth at r = {choice.rate:g}": number(format="%+.1f", help="Few-shot points."),
        },
        alt="Every λ compared with every other one",
    )
    st.download_button(
        "Download as CSV",
        comparing.compared_csv(rows),
        f"{line.pair}_lambda_compared.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="compared_csv",
    )


def _shown(row: comparing.ComparedRow, follow: str) -> dict[str, str | float | None]:
    return {
        "λ": row.lam,
        "Few-shot": row.few_shot,
        "p vs λ = 1": _p(row.few_shot_p_to_instruct),
        "Tied with its best": _mark(row.few_shot_tied_with_best),
        follow: row.following,
        "p vs λ = 1 ": _p(row.following_p_to_instruct),
        "Tied with its best ": _mark(row.following_tied_with_best),
        "On the front": comparing.share_text(row.front_share),
        f"Worth at r = {row.rate:g}": row.worth_to_instruct,
        "λ*": "★" if row.in_best_set else "",
    }


def _p(value: float | None) -> str | None:
    if value is None:
        return None
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _mark(tied: bool) -> str:
    return "yes" if tied else ""
