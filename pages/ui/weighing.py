"""The charts with what they decide: λ* for a worth of a point, and the numbers behind it.

A fragment of its own inside the one that follows λ: moving r redraws the charts and these
words, nothing else. Where λ could not be compared the charts stand alone, with the reason.
"""

from collections.abc import Callable

import streamlit as st

from core import api
from core.api import comparing
from core.lam import Lam
from pages.ui import frame, weight
from pages.ui.beside import ALONE, Company, beside_words
from pages.ui.charts import curves, plane
from pages.ui.why import why
from pages.ui.words import plain

_LEGEND = (
    "Ellipses: 95 % of both axes together (a line where one is 50 by definition). "
    "Larger, with thick rims: no other λ is better on both sides (the Pareto front). "
    "★: λ*, the best at the worth that is set below."
)


@st.fragment(key="weighing")
def weighing(
    line: api.TradeOff,
    look: api.Look,
    beside: Company = ALONE,
    switches: Callable[[], None] = lambda: None,
) -> None:
    """Plane and curves, the switches that change them, the slider for r, λ* in words."""
    with frame.boundary():
        joint, rate = comparing.compared(line, look.axis), weight.current()
        best = comparing.choose(joint.together, rate).members if joint.together else ()
        with st.container(key="charts-row"):
            left, right = st.columns([3, 2], gap="medium")
        with left:
            plane(line, look, joint.together, rate, beside.plane)
        with right:
            curves(line, look, best, beside.curves)
        beside_words(beside, look.lam, look.axis)
        if joint.together is None:
            reason = joint.reason or "no reason was recorded"
            st.caption(f":material/info: λ are not compared with each other: {plain(reason)}.")
            switches()
            return
        st.caption(_LEGEND)
        switches()
        with st.container(border=True, key="weigh-card"):
            _weigh(line, joint.together, look.lam, look.axis)


def _weigh(line: api.TradeOff, compared: comparing.Together, lam: Lam, axis: api.Axis) -> None:
    with st.container(key="weigh-row"):
        left, right = st.columns([2, 3], gap="medium")
    with left:
        weight.slider(axis)
    choice = comparing.choose(compared, weight.current())
    said = comparing.choice_words(compared, choice)
    with right, st.container(key="weighed", gap="xxsmall"):
        st.markdown(
            "".join(f"**{plain(p.text)}**" if p.strong else plain(p.text) for p in said.parts)
        )
        st.caption(plain(said.detail))
    why(line, compared, choice, lam)


def tied(line: api.TradeOff, axis: api.Axis, lam: Lam) -> str | None:
    """Which λ cannot be told from the best, and what a correction for many λ leaves of this one."""
    compared = comparing.compared(line, axis).together
    if compared is None:
        return None
    corrected = comparing.corrected_words(compared, lam)
    return f"{corrected} {comparing.best_words(compared)}".strip()
