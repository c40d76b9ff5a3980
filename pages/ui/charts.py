"""The three charts of the trade-off; a click on a point of the plane moves λ there."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from core import api
from core.api import comparing
from core.figures.beside import Beside
from core.lam import Lam
from pages.ui import first_chart, lam_control

# No tool bar: nothing here needs zooming, and it would cover the points.
CONFIG = {"displayModeBar": False, "responsive": True}
_PLANE = "plane"
# The browser's part of a chart is 4.7 MB of script. Streamlit asks for it when the first chart
# arrives; asked for at once, it loads while the server still reads results.
# In a block of its own, because a second page of one visit runs it again.
_FETCH = """<script>{
const page = document.querySelector('script[src*="/static/js/index"]');
if (page) import(new URL("{name}", page.src)).catch(() => undefined);
}</script>"""


def fetch_early() -> None:
    """Let the browser load what draws charts; without it charts only come later."""
    if name := _chart_script():
        st.sidebar.html(_FETCH.replace("{name}", name), unsafe_allow_javascript=True)


@cache
def _chart_script() -> str | None:
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return next((path.name for path in folder.glob("PlotlyChart.*.js")), None)


def plane(
    line: api.TradeOff,
    look: api.Look,
    compared: comparing.Together | None,
    rate: float,
    beside: Sequence[Beside],
    presented_px: int | None = None,
) -> None:
    """Few-shot accuracy × following instructions, with the path over λ and λ* at this rate.

    `presented_px` enlarges its type to that height, to be seen from afar.
    """
    figure, words = api.plane_figure(line, look, compared, rate, beside)
    if presented_px is not None:
        from core.figures.presented import presented

        figure = presented(figure, presented_px)
    with st.container(border=True, key="plane-card"):
        st.plotly_chart(
            figure,
            key=_PLANE,
            on_select=_clicked,
            selection_mode="points",
            alt=words,
            config=CONFIG,
        )


def curves(
    line: api.TradeOff, look: api.Look, best: Sequence[Lam], shown: Sequence[Sequence[Beside]]
) -> None:
    """Both quantities over λ, one below the other, with stars at λ*; `shown` beside each."""
    drawn: tuple[tuple[str, api.What], ...] = (("icl", "icl"), ("follow", look.axis))
    for (key, what), beside in zip(drawn, shown, strict=True):
        figure, words = api.curve_figure(line, look, what, best, beside)
        with st.container(border=True, key=f"{key}-card"):
            if not first_chart.keeps_place(figure.layout.height):
                st.plotly_chart(figure, key=f"{key}-curve", alt=words, config=CONFIG)


def _clicked() -> None:
    points = st.session_state[_PLANE].selection.points
    marked = [point["customdata"][0] for point in points if point.get("customdata")]
    if marked:
        lam_control.choose(int(marked[0]))
        st.rerun(lam_control.FOLLOWS)
