"""Few-shot accuracy over λ by category, in the chosen view, with its numbers for a file."""

import streamlit as st

from core import api
from pages.ui import first_chart
from pages.ui.charts import CONFIG


def categories(line: api.TradeOff, view: api.View) -> None:
    """One panel a category; nothing here follows λ."""
    figure, words = api.category_figure(line, view)
    st.subheader(f"By category over λ: {api.LABELS[view]}", anchor=False)
    with st.container(border=True, key="categories-card"):
        if not first_chart.keeps_place(figure.layout.height):
            st.plotly_chart(figure, key="categories", alt=words, config=CONFIG)
    dotted = "" if view == "fractional" else " The dotted line is the mean over all tasks."
    own = " Each panel has a scale of its own." if view == "fractional" else ""
    st.caption(
        "Bands: 95 %, items drawn again with the tasks fixed; hover a dot for the second interval, "
        f"with tasks drawn again.{dotted}{own}"
    )
    st.download_button(
        "All views as CSV",
        api.views_csv(line),
        f"{line.pair}_few_shot_views.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
