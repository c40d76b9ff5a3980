"""pass@k and its relatives over k, tokens or seconds, for every λ, and where two of them cross."""

import streamlit as st

from core.api import reasoning
from core.lam import BASE, INSTRUCT, Lam
from pages.ui import choices
from pages.ui.charts import CONFIG
from pages.ui.study import Study
from pages.ui.words import plain

AXES: tuple[reasoning.figures.Axis, ...] = ("k", "tokens", "seconds")
OVER = "over"
_KINDS: dict[reasoning.Kind, str] = {
    "pass": "any right",
    "maj": "majority",
    "cot-max": "largest Δ",
    "cot-sum": "largest sum of Δ",
}


def curves(study: Study) -> None:
    """One line a λ on the original problems."""
    line = study.line(study.original)
    if not line:
        st.caption("Nothing was measured in this way.")
        return
    independent = {lam: one.run.independent for lam, one in line.items()}
    asked = choices.seed(OVER, AXES)
    axis = next(one for one in AXES if one == asked)
    left, right = st.columns(2, gap="medium")
    with left:
        labels = {"k": "answers", "tokens": "tokens", "seconds": "seconds"}
        choices.switch(OVER, "Across", labels, asked)
    with right:
        kinds = [k for k in _KINDS if k in ("pass", "maj") or not any(independent.values())]
        kind = _kind(kinds)
    drawn_from = {lam: reasoning.curve(one, kind) for lam, one in line.items()}
    crossing = _crossing(line, kind)
    heading = " and ".join(dict.fromkeys(_name(one, kind) for one in line.values()))
    drawn = reasoning.figures.curves_figure(drawn_from, axis, heading, crossing)
    with st.container(border=True, key="curves-card"):
        st.plotly_chart(drawn.figure, key="answer-curves", alt=drawn.words, config=CONFIG)
    if crossing is not None:
        st.markdown(plain(_crossing_words(crossing)))
    if axis == "seconds" and not any(p.seconds is not None for c in drawn_from.values() for p in c):
        st.caption("How long these answers took was not kept.")


def _kind(kinds: list[reasoning.Kind]) -> reasoning.Kind:
    key = "reasoning_kind"
    if st.session_state.get(key) not in kinds:
        st.session_state[key] = kinds[0]
    chosen = st.segmented_control(
        "What counts", kinds, format_func=_KINDS.__getitem__, required=True, key=key
    )
    return chosen or kinds[0]


def _name(answers: reasoning.Answers, kind: reasoning.Kind) -> str:
    return f"{reasoning.Measure(kind, answers.n).name(answers)} and smaller k"


def _crossing(
    line: dict[Lam, reasoning.Answers], kind: reasoning.Kind
) -> reasoning.Crossing | None:
    """Between the parents, where both are there and were asked in one way."""
    if BASE not in line or INSTRUCT not in line:
        return None
    base, instruct = line[BASE], line[INSTRUCT]
    if base.run.independent != instruct.run.independent:
        return None
    return reasoning.where_they_cross(base, instruct, kind)


def _named(reason: str) -> str:
    """Which curve is which, in place of the order in which they were compared."""
    for place, who, other in (
        ("the first", "base", "instruct"),
        ("the second", "instruct", "base"),
    ):
        if place in reason:
            named = reason.replace(place, who).replace("the other", other)
            return named.replace("the second", "instruct")
    return reason


def _crossing_words(crossing: reasoning.Crossing) -> str:
    if crossing.at is None:
        reason = crossing.reason or "the curves do not cross"
        told = _named(reason)
        return f"{told[:1].upper()}{told[1:]}."
    if crossing.interval is None:
        return f"The curves of base and instruct cross at k = {crossing.at:.1f}; {crossing.reason}."
    low, high = crossing.interval
    return (
        f"The curves of base and instruct cross at k = {crossing.at:.1f} "
        f"(95 % interval {low:.1f} to {high:.1f})."
    )
