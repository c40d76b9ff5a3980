"""The first-token branches of one problem, at any λ: a tree, and each branch's text."""

import streamlit as st

from core.api import reasoning
from pages.ui import choices, link
from pages.ui.charts import CONFIG
from pages.ui.study import Study
from pages.ui.words import plain

PROBLEM = "problem"
_LAM, _BRANCH = "branches_lam", "branches_row"


def branches(study: Study) -> None:
    """Choose λ and a problem."""
    line = {lam: one for lam, one in study.line(study.original).items() if not one.run.independent}
    if not line:
        st.caption(
            "These answers are samples, which have no first-token branches. Choose a protocol "
            "that branches (published at λ = 0, or symmetric-branches)."
        )
        return
    with st.container(key="look-row"):
        columns = st.columns(2, gap="medium")
    lam = columns[0].selectbox("λ", list(line), format_func=str, key=_LAM)
    answers = line[lam]
    item = choices.seed(PROBLEM, answers.items)
    with columns[1]:
        choices.pick(PROBLEM, "Problem", {one: one for one in answers.items}, item)
    found = reasoning.item(answers.run, item, answers.grader)
    drawn = reasoning.figures.branches_figure(found.rows)
    with st.container(border=True, key="branches-card"):
        st.plotly_chart(drawn.figure, key="branches", alt=drawn.words, config=CONFIG)
    st.caption(
        "A line is as thick as its first token is probable. ◆ right, ✕ wrong, ○ no answer. "
        "“max” is the branch of the largest Δ, “sum” the answer whose Δ add up to most. Δ is a "
        "margin between the two most probable tokens of the answer, not a probability."
    )
    st.caption(plain(f"Right answer: {found.target}"))
    row = st.selectbox(
        "Read a branch",
        found.rows,
        format_func=lambda one: f"{one.number + 1}: {one.first!r}",
        key=f"{_BRANCH}_{item}",
    )
    st.text(row.text)
    with st.expander("The prompt"):
        st.code(found.prompt, language=None, wrap_lines=True)


def open_problem(item: str) -> None:
    """Open a problem; for callbacks."""
    link.write(PROBLEM, item)
