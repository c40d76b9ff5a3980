"""Reasoning: do instruct models reason better, or only follow patterns?

First the difference between the parents by way of asking and kind of problem, then protocols
beside each other, then whatever one wants to look at closer. Stored results alone; a study is
started in the background from here.
"""

import streamlit as st

from core import api
from core.api import reasoning
from pages.ui import choices, frame, lam_control, study
from pages.ui.charts import CONFIG, fetch_early
from pages.ui.reasoning_branches import branches
from pages.ui.reasoning_curves import curves
from pages.ui.reasoning_fates import fates
from pages.ui.reasoning_scores import scores
from pages.ui.reasoning_start import studies
from pages.ui.reasoning_sure import sure
from pages.ui.reasoning_twins import twin_reader
from pages.ui.strip import strip
from pages.ui.words import plain

LOOKS = {
    "answers": "Over k",
    "scores": "By kind of problem",
    "fates": "What became of answers",
    "twins": "Twins",
    "branches": "Branches",
    "sure": "How sure",
}
pair = frame.open_page("Reasoning")
fetch_early()


def gap(chosen: study.Study) -> None:
    """Instruct − base by way of asking, a chart for each kind of problem, and in words."""
    where = (chosen.bench, chosen.protocol.name)
    found = reasoning.gaps(chosen.runs, where, chosen.grader)
    if not found:
        st.info(
            "Base and instruct were not both measured by this protocol, so there is no difference "
            "to show.",
            icon=":material/info:",
        )
        return
    moved = reasoning.gap_changes(found, chosen.grader)
    told = reasoning.in_words(found, moved)
    originals = [one for one in found if one.role == "original"]
    with st.container(key="claim", gap="xxsmall"):
        st.markdown(plain(" ".join(told[: len(originals)])))
        measured = found[0].row
        names = dict.fromkeys(n for n in (measured.base_measure, measured.instruct_measure) if n)
        what = f"{' against '.join(names)}, graded by {chosen.grader}"
        st.caption(plain(f"Points of {what}: a problem counts where any of the answers is right."))
    figures = reasoning.figures.gap_figures(found)
    with st.container(key="gaps-row"):
        columns = st.columns(len(figures), gap="small")
    for column, (part, drawn) in zip(columns, figures.items(), strict=True):
        with column, st.container(border=True, key=f"gap-{part}-card"):
            st.plotly_chart(drawn.figure, key=f"gap-{part}", alt=drawn.words, config=CONFIG)
    st.caption(
        "Right of 0 instruct is ahead, left of it base; lines are 95 % intervals, and a hollow "
        "ring is no difference shown."
    )
    if moved:
        with st.expander("What changing the problems does to that difference", expanded=True):
            st.markdown("\n".join(f"* {plain(one)}" for one in told[len(originals) :]))
            st.caption(
                "A difference of differences, paired by problem and its twin. It says whether "
                "instruct loses more, or less, than base when the problem is changed."
            )


def protocols(chosen: study.Study) -> None:
    """The same question under every protocol: the choice can turn the sign."""
    st.subheader("Does the protocol decide?", anchor=False)
    where = (chosen.bench, chosen.original, chosen.style)
    rows = [
        one
        for one in reasoning.protocols(chosen.runs, where, chosen.grader)
        if one.base_run is not None or one.instruct_run is not None
    ]
    if not rows:
        st.caption(f"Nothing was measured {reasoning.STYLE_WORDS[chosen.style]}.")
        return
    st.markdown(plain(reasoning.protocol_words(rows)))
    with st.container(key="verdicts-row"):
        left, right = st.columns([3, 2], gap="medium")
    drawn = reasoning.figures.protocol_figure(rows)
    with left, st.container(border=True, key="protocols-card"):
        st.plotly_chart(drawn.figure, key="protocols", alt=drawn.words, config=CONFIG)
    with right:
        for row in rows:
            st.caption(f"**{plain(row.protocol.name)}**: {plain(row.protocol.description)}")
    st.dataframe(
        [_protocol_row(row) for row in rows],
        hide_index=True,
        placeholder="–",
        alt="Base and instruct by protocol",
    )


def _protocol_row(row: reasoning.ProtocolRow) -> dict[str, str | None]:
    return {
        "Protocol": row.protocol.name,
        "Base": _share(row.base, row.base_measure),
        "Instruct": _share(row.instruct, row.instruct_measure),
    }


def _share(told: reasoning.Told, measure: str | None) -> str:
    if told.value is None:
        return told.reason or "not measured"
    return f"{100 * told.value:.1f} % ({measure}, n = {told.n})"


def closer(chosen: study.Study) -> None:
    """One thing at a time, chosen by a switch that stands in the URL."""
    st.subheader("Look closer", anchor=False)
    look = choices.seed(study.LOOK, list(LOOKS))
    choices.switch(study.LOOK, "What to look at", LOOKS, look)
    shown = {
        "answers": curves,
        "scores": scores,
        "fates": fates,
        "twins": twin_reader,
        "branches": branches,
        "sure": sure,
    }
    shown[look](chosen)


with frame.boundary():
    st.title("Do instruct models reason better?", anchor=False)
    lam_control.seed(None)
    strip(pair, lam_control.current(), None)
    found = reasoning.runs(pair.name)
    chosen = None
    if found:
        chosen = study.choose(found)
        frame.complaints()
    else:
        missing = api.not_here(pair)
        st.info(
            plain(
                missing
                or f"No reasoning was measured with {pair.name} yet. Start a study below: problems "
                "are answered several times, extracted and graded, and all of it is kept."
            ),
            icon=":material/info:",
        )
if chosen is not None:
    for section in (gap, protocols, closer):
        with frame.boundary():
            section(chosen)
with frame.boundary():
    studies(pair)
frame.close_page()
