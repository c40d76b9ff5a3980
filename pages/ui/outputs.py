"""How long the answers are over λ, and how many were cut: a third curve beside the two measures."""

import streamlit as st

from core import api
from pages.ui import first_chart
from pages.ui.beside import ALONE, Company
from pages.ui.charts import CONFIG
from pages.ui.words import plain

_SHOWN: tuple[tuple[api.What, str], ...] = (("length", "answers-length"), ("cut", "answers-cut"))


def outputs(line: api.TradeOff, look: api.Look, beside: Company = ALONE) -> None:
    """Two small charts side by side, in the view of the others."""
    if line.following is None or not any(point.generations_run for point in line.points):
        return
    st.subheader("The answers behind the win rate", anchor=False)
    with st.container(border=True, key="answers-card"):
        for column, (what, key) in zip(st.columns(2, gap="medium"), _SHOWN, strict=True):
            figure, words = api.curve_figure(line, look, what, (), beside.answers)
            with column:
                if not first_chart.keeps_place(figure.layout.height):
                    st.plotly_chart(figure, key=key, alt=words, config=CONFIG)
    st.caption(
        "Mean length in characters, and the share that ran out of tokens, over the items of "
        f"{plain(line.instruction_suite)}; bands are 95 %, drawn by item. A judge may like length, "
        "and a model that does not know when to stop is cut: both show here."
    )
