"""Accuracy at any two λ, by part of the benchmark and by category."""

import streamlit as st

from core.api import reasoning
from core.lam import Lam
from pages.ui.charts import CONFIG
from pages.ui.study import Study

_ONE, _OTHER, _K = "reasoning_one", "reasoning_other", "reasoning_k"


def scores(study: Study) -> None:
    """Two λ beside each other."""
    lines = {part: study.line(part) for part in study.parts}
    lams = sorted({lam for line in lines.values() for lam in line})
    if not lams:
        st.caption("Nothing was measured in this way.")
        return
    with st.container(key="look-row"):
        columns = st.columns(3, gap="medium")
    one = columns[0].selectbox("λ", lams, index=0, format_func=str, key=_ONE)
    other = columns[1].selectbox("beside λ", lams, index=len(lams) - 1, format_func=str, key=_OTHER)
    chosen = dict.fromkeys((one, other))
    most = min(line[lam].n for line in lines.values() for lam in chosen if lam in line)
    k = columns[2].number_input("k", 1, most, min(most, 1), key=f"{_K}_{most}")
    measure = reasoning.Measure("pass", int(k))
    by_part = {
        lam: {
            part: reasoning.score(line[lam], measure) for part, line in lines.items() if lam in line
        }
        for lam in chosen
    }
    _chart("parts", by_part, _heading(lines, chosen, measure, "by part"))
    original = lines[study.original]
    kinds = {
        lam: reasoning.by_category(original[lam], measure) for lam in chosen if lam in original
    }
    if any(kinds.values()):
        _chart("kinds", kinds, _heading(lines, chosen, measure, "by category, original problems"))
    else:
        st.caption("The problems of this benchmark have no categories.")


def _heading(
    lines: dict[str, dict[Lam, reasoning.Answers]],
    chosen: dict[Lam, None],
    measure: reasoning.Measure,
    what: str,
) -> str:
    names = dict.fromkeys(
        measure.name(line[lam]) for line in lines.values() for lam in chosen if lam in line
    )
    return f"{' and '.join(names)}, {what} (%)"


def _chart(key: str, told: dict[Lam, dict[str, reasoning.Told]], heading: str) -> None:
    drawn = reasoning.figures.bars_figure(told, heading)
    with st.container(border=True, key=f"{key}-card"):
        st.plotly_chart(drawn.figure, key=f"reasoning-{key}", alt=drawn.words, config=CONFIG)
