"""How long the answers are over λ, and how many were cut: a third curve beside the two measures."""

import streamlit as st

from core import api
from pages.ui.charts import CONFIG
from pages.ui.words import plain


def outputs(line: api.TradeOff) -> None:
    """Two small charts side by side; nothing here follows λ."""
    judged = api.verdicts(line.pair, line.reference)
    if judged is None or not judged.outputs:
        return
    lengths, cut, words = api.output_figures(judged.outputs)
    st.subheader("The answers behind the win rate", anchor=False)
    with st.container(border=True, key="answers-card"):
        left, right = st.columns(2, gap="medium")
        left.plotly_chart(lengths, key="answers-length", alt=words, config=CONFIG)
        right.plotly_chart(cut, key="answers-cut", alt=words, config=CONFIG)
    st.caption(
        "Mean length in characters, and the share that ran out of tokens, over the items of "
        f"{plain(judged.suite)}. A judge may like length, and a model that does not know when to "
        "stop is cut: both show here."
    )
