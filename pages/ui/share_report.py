"""The report on the Share page: what it will be about, the button, and the file to take.

The file is made when it is asked for; what was made is kept until something else is chosen.
"""

import time

import streamlit as st

from core import api
from core.errors import PartwayError
from core.lam import Lam
from pages.ui import choices, guard, link, weight
from pages.ui.words import plain

reporting = api.reporting
PAIRS, MADE = "report_pairs", "report_made"
AXES = {"win_rate": "Win rate", "pass_rate": "Pass rate"}


def report_here(pair: str, lam: Lam, line: api.TradeOff | None) -> None:
    """Choices, button, file."""
    st.markdown(
        "One HTML file that opens anywhere, without a network and without scripts: what the data "
        "allow to be said, the plane and the curves, every number with its interval and run id, "
        "answers along λ, what is missing and why, and the commands that repeat it. It prints."
    )
    if line is None:
        st.info(
            plain(f"Nothing was measured of {pair} yet, so there is nothing to report. ")
            + "**Evaluate** measures it.",
            icon=":material/info:",
        )
        return
    wanted = _wanted(pair, lam, line)
    if wanted is None:
        return
    made = _made(wanted)
    if made is not None:
        _file(made)
    st.caption("The same without a browser")
    st.code(reporting.command(wanted), language="bash", wrap_lines=True)


def _wanted(pair: str, lam: Lam, line: api.TradeOff) -> "reporting.Wanted | None":
    axis = choices.axis()
    with st.container(key="report-row"):
        left, right = st.columns([2, 3], gap="medium")
    with left:
        others = _others(pair)
        choices.pick(choices.AXIS, "Following instructions as", AXES, axis)
    with right:
        weight.slider(axis)
    try:
        return reporting.Wanted(
            pairs=(pair, *others),
            lam=lam,
            side=axis,
            reference=line.reference,
            rate=weight.current(),
            measurement=line.key if link.taken(guard.MEASUREMENT) else "",
        )
    except PartwayError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _others(pair: str) -> list[str]:
    measured = api.showing.measured_pairs()
    known = [name for name in api.pairs() if name in measured and name != pair]
    if not known:
        return []
    kept = st.session_state.get(PAIRS)
    if kept is None:
        kept = (link.taken("with") or "").split(",")
    st.session_state[PAIRS] = [name for name in kept if name in known]
    return st.multiselect(
        "Other pairs in it",
        known,
        key=PAIRS,
        max_selections=reporting.MOST_PAIRS - 1,
        placeholder="None; choose up to three",
    )


def _made(wanted: "reporting.Wanted") -> "tuple[reporting.Made, float] | None":
    """What was made of exactly this, or after the button."""
    state = st.session_state
    kept: tuple[reporting.Wanted, reporting.Made, float] | None = state.get(MADE)
    found = (kept[1], kept[2]) if kept is not None and kept[0] == wanted else None
    if st.button(
        f"Make the report at λ = {wanted.lam}",
        type="secondary" if found else "primary",
        icon=":material/description:",
        key="report_make",
    ):
        began = time.perf_counter()
        try:
            with st.spinner("Reading the stored runs…"):
                made = reporting.make_here(wanted)
        except PartwayError as error:
            state.pop(MADE, None)
            st.error(plain(str(error)), icon=":material/error:")
            return None
        found = made, time.perf_counter() - began
        state[MADE] = (wanted, *found)
    return found


def _file(found: "tuple[reporting.Made, float]") -> None:
    made, seconds = found
    with st.container(border=True, key="report-card"):
        for said in made.told:
            st.markdown(plain(said))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                f"Save {made.name}",
                made.html,
                made.name,
                "text/html",
                key="report_save",
                type="primary",
                icon=":material/download:",
                on_click="ignore",
            )
            st.caption(f"{made.size_bytes / 1000:,.0f} kB, made in {seconds:.1f} s")
