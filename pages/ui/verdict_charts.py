"""The Judge page's charts: verdicts over λ, and how long outputs are; a click moves λ."""

from typing import TYPE_CHECKING

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui import lam_control

if TYPE_CHECKING:
    from core.reports.judging_points import Judged, JudgeLine

_CONFIG = {"displayModeBar": False, "responsive": True}
_BARS = "verdict-bars"
_LEGEND = (
    "Who the judge prefers, of all instructions at each λ; click a bar to go there. The reference "
    "itself has no bar. Right: all outputs, whoever won."
)


def verdict_charts(judged: "Judged", line: "JudgeLine", lam: Lam) -> None:
    """Bars on the left, two small curves on the right; one below the other where it is narrow."""
    with st.container(key="verdicts-row"):
        left, right = st.columns([3, 2], gap="medium")
    figure, words = api.verdict_figure(line, lam)
    with left, st.container(border=True, key="bars-card"):
        st.plotly_chart(
            figure,
            key=_BARS,
            on_select=_clicked,
            selection_mode="points",
            alt=words,
            config=_CONFIG,
        )
    with left:
        st.caption(_LEGEND)
    lengths, cut, words = api.output_figures(judged.outputs, lam)
    with right, st.container(border=True, key="outputs-card"):
        st.plotly_chart(lengths, key="length-curve", alt=words, config=_CONFIG)
        st.plotly_chart(cut, key="cut-curve", alt=words, config=_CONFIG)


def _clicked() -> None:
    points = st.session_state[_BARS].selection.points
    marked = [point["customdata"][0] for point in points if point.get("customdata")]
    if marked:
        lam_control.choose(int(marked[0]))
