"""Original problems and their changed twins: who solves which, over λ, and to read."""

import streamlit as st

from core.api import reasoning
from core.lam import Lam
from pages.ui import choices
from pages.ui.charts import CONFIG
from pages.ui.study import Study
from pages.ui.words import plain

CHANGED = "changed"
_LAM, _SHOWN, _ITEM = "twins_lam", "twins_shown", "twins_item"
_MOST = 400
_SHOW = {
    "lost": "solved before the change only",
    "gave": "gave the original's answer",
    "gained": "solved after the change only",
    "all": "all",
}


def twin_reader(study: Study) -> None:
    """One changed part against the original, every λ."""
    parts = [part for part, role in study.parts.items() if role != "original"]
    if not parts:
        st.caption("This benchmark has no changed problems.")
        return
    part = choices.seed(CHANGED, parts)
    choices.switch(CHANGED, "What was changed", {one: one for one in parts}, part)
    before, after = study.line(study.original), study.line(part)
    lams = [lam for lam in before if lam in after]
    if not lams:
        st.caption("Original and changed problems were not both measured in this way.")
        return
    measure = reasoning.Measure("pass", 1)
    held = {lam: reasoning.twins(before[lam], after[lam], measure) for lam in lams}
    with st.container(key="twins-row"):
        left, right = st.columns(2, gap="medium")
    drawn = reasoning.figures.drop_figure({lam: one.drop for lam, one in held.items()})
    with left, st.container(border=True, key="drop-card"):
        st.plotly_chart(drawn.figure, key="drop", alt=drawn.words, config=CONFIG)
    with right:
        st.dataframe(
            [_row(lam, one) for lam, one in held.items()],
            hide_index=True,
            placeholder="–",
            alt="Twins solved, by λ",
        )
        st.caption(
            "Expected numbers of pairs at one answer each (the mean over all answers). “As the "
            "original”: the changed problem was answered with the original's answer, of the pairs "
            "whose answers differ."
        )
    _read(held, before, after)


def _row(lam: Lam, one: reasoning.Twins) -> dict[str, str | float | int]:
    gave = one.gave_original
    return {
        "λ": str(lam),
        "Both": round(one.both, 1),
        "Only original": round(one.only_original, 1),
        "Only changed": round(one.only_perturbed, 1),
        "Neither": round(one.none, 1),
        "Pairs": one.n,
        "As the original": "–" if gave.value is None else f"{100 * gave.value:.1f} %",
    }


def _read(
    held: dict[Lam, reasoning.Twins],
    before: dict[Lam, reasoning.Answers],
    after: dict[Lam, reasoning.Answers],
) -> None:
    st.markdown("**Read a pair**")
    with st.container(key="look-row"):
        columns = st.columns(3, gap="medium")
    lam = columns[0].selectbox("at λ", list(held), format_func=str, index=len(held) - 1, key=_LAM)
    which = columns[1].selectbox("Pairs", list(_SHOW), format_func=_SHOW.__getitem__, key=_SHOWN)
    rows = [row for row in held[lam].rows if _is(row, which)][:_MOST]
    if not rows:
        st.caption(f"No pair of that kind at λ = {lam}.")
        return
    row = columns[2].selectbox(
        f"Which of {len(rows)}", rows, format_func=lambda one: one.perturbed, key=f"{_ITEM}_{which}"
    )
    first = reasoning.item(before[lam].run, row.original, before[lam].grader)
    second = reasoning.item(after[lam].run, row.perturbed, after[lam].grader)
    told = reasoning.changed_words(first.prompt, second.prompt)
    with st.container(key="answers-row"):
        left, right = st.columns(2, gap="medium")
    _side(left, "Original", first, told[0], row.original_solved)
    _side(right, "Changed", second, told[1], row.perturbed_solved)
    if row.gave_original:
        st.warning(
            f"{100 * row.gave_original:.0f} % of the answers to the changed problem are the "
            "original's answer.",
            icon=":material/flag:",
        )


def _is(row: reasoning.TwinRow, which: str) -> bool:
    if which == "lost":
        return row.original_solved > row.perturbed_solved
    if which == "gained":
        return row.perturbed_solved > row.original_solved
    return which == "all" or bool(row.gave_original)


def _side(
    place: "st.delta_generator.DeltaGenerator",
    name: str,
    item: reasoning.ItemAnswers,
    words: tuple[reasoning.Piece, ...],
    solved: float,
) -> None:
    marked = "".join(
        f":orange-background[{plain(one.text.strip())}] " if one.changed else plain(one.text)
        for one in words
    )
    with place, st.container(border=True, gap="xsmall"):
        st.markdown(f"**{name}**, solved by {100 * solved:.0f} % of the answers")
        st.markdown(marked.replace("\n", "  \n"))
        st.caption(plain(f"Right answer: {item.target}"))
        with st.expander(f"{len(item.rows)} answers"):
            for row in item.rows:
                state = "no answer" if row.answer is None else "right" if row.right else "wrong"
                st.caption(plain(f"{row.number + 1}: {state}, {row.tokens} tokens"))
                st.text(row.text)
