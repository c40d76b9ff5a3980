"""Right, wrong, no answer found and out of tokens over λ; and where the graders disagree."""

import streamlit as st

from core.api import reasoning
from core.lam import Lam
from pages.ui.charts import CONFIG
from pages.ui.study import Study
from pages.ui.words import plain

_LAM = "reasoning_graded"


def fates(study: Study) -> None:
    """One bar a λ, the share of failed formats, and the list to read."""
    line = study.line(study.original)
    if not line:
        st.caption("Nothing was measured in this way.")
        return
    held = {lam: reasoning.shares(answers) for lam, answers in line.items()}
    drawn = reasoning.figures.fates_figure(held)
    with st.container(border=True, key="fates-card"):
        st.plotly_chart(drawn.figure, key="fates", alt=drawn.words, config=CONFIG)
    _failures(held)
    failed = {lam: one.format_failed for lam, one in held.items() if one.format_failed is not None}
    told = ", ".join(f"{100 * share:.0f} % at λ = {lam}" for lam, share in failed.items())
    st.caption(
        plain(f"Format asked for and not kept: {told}." if told else "No format was asked for.")
    )
    _disagreements(line)


def _failures(held: dict[Lam, reasoning.Shares]) -> None:
    """Three ways to fail that are not wrong reasoning, a bar each; they may overlap."""
    told = {
        lam: {
            "no answer found": reasoning.Told(one.no_answer, None, one.answers),
            "out of tokens": reasoning.Told(one.out_of_tokens, None, one.answers),
            "format not kept": reasoning.Told(
                one.format_failed, None, one.answers, "no format was asked for"
            ),
        }
        for lam, one in held.items()
    }
    drawn = reasoning.figures.bars_figure(
        told, "Failures that are not wrong answers (% of answers)"
    )
    with st.container(border=True, key="failures-card"):
        st.plotly_chart(drawn.figure, key="failures", alt=drawn.words, config=CONFIG)


def _disagreements(line: dict[Lam, reasoning.Answers]) -> None:
    st.markdown("**Where the two graders disagree**")
    both = [lam for lam, one in line.items() if set(reasoning.GRADERS) <= set(one.run.grades)]
    if not both:
        st.caption("One grader alone has graded these answers: python -m core reasoning grade.")
        return
    lam = st.selectbox("at λ", both, format_func=str, index=len(both) - 1, key=_LAM)
    found = reasoning.disagreements(line[lam].run)
    if not found:
        st.caption(f"Nowhere at λ = {lam}.")
        return
    st.dataframe(
        [
            {
                "Problem": one.item,
                "Right answer": one.target,
                "Answer given": one.answer,
                "Rules": "right" if one.rules else "wrong",
                "Math-Verify": "could not decide"
                if one.math_verify is None
                else "right"
                if one.math_verify
                else "wrong",
                "Why": one.reason,
                "Times": one.count,
            }
            for one in found
        ],
        hide_index=True,
        placeholder="–",
        alt=f"Answers at λ = {lam} on which the graders disagree",
    )
