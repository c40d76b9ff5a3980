"""Whether being sure means being right: Δ of branches, votes of samples, equal token budgets."""

import streamlit as st

from core.api import reasoning
from core.lam import Lam
from pages.ui.charts import CONFIG
from pages.ui.study import Study
from pages.ui.words import plain

_BUDGET = "reasoning_budget"


def sure(study: Study) -> None:
    """Branches by Δ, samples by votes; then what a number of tokens buys."""
    line = study.line(study.original)
    if not line:
        st.caption("Nothing was measured in this way.")
        return
    branched = {lam: one for lam, one in line.items() if not one.run.independent}
    sampled = {lam: one for lam, one in line.items() if one.run.independent}
    if branched:
        _deltas(branched)
    if sampled:
        _votes(sampled)
    _budget(line)


def _deltas(line: dict[Lam, reasoning.Answers]) -> None:
    curves = {lam: reasoning.delta_risk(one) for lam, one in line.items()}
    there = {lam: one for lam, one in curves.items() if one.coverage}
    if there:
        drawn = reasoning.figures.risk_figure(there)
        with st.container(border=True, key="risk-card"):
            st.plotly_chart(drawn.figure, key="risk", alt=drawn.words, config=CONFIG)
    told = {lam: reasoning.delta_auroc(one) for lam, one in line.items()}
    words = ", ".join(
        f"λ = {lam}: {one.reason}"
        if one.value is None
        else f"λ = {lam}: {one.value:.2f} (n = {one.n})"
        for lam, one in told.items()
    )
    st.caption(
        plain(
            f"AUROC of Δ (the chance that a right branch has the larger Δ; 0.5 is no better than "
            f"chance): {words}. Δ is a margin, not a probability, so it has no calibration error."
        )
    )


def _votes(line: dict[Lam, reasoning.Answers]) -> None:
    told = {lam: reasoning.vote_calibration(one) for lam, one in line.items()}
    words = ", ".join(
        f"λ = {lam}: {one.reason}"
        if one.value is None
        else f"λ = {lam}: {100 * one.value:.1f} points (n = {one.n})"
        for lam, one in told.items()
    )
    st.caption(
        plain(
            "Expected calibration error of the votes (how far the share of votes for the most "
            f"frequent answer lies from how often it is right): {words}."
        )
    )


def _budget(line: dict[Lam, reasoning.Answers]) -> None:
    most = int(max(one.tokens.sum(axis=1).max() for one in line.values()))
    st.markdown("**At an equal token budget**")
    budget = st.slider(
        "Tokens for an item", 1, max(2, most), max(1, most // 4), key=f"{_BUDGET}_{most}"
    )
    rows = []
    for lam, one in line.items():
        kinds: dict[str, reasoning.Kind] = {"Any right": "pass", "Majority": "maj"}
        if not one.run.independent:
            kinds |= {"Largest Δ": "cot-max", "Largest sum of Δ": "cot-sum"}
        told = {name: reasoning.at_budget(one, kind, budget) for name, kind in kinds.items()}
        rows.append({"λ": str(lam), **{name: _share(value) for name, value in told.items()}})
    st.dataframe(rows, hide_index=True, placeholder="–", alt="Accuracy at an equal token budget")
    st.caption(
        "The first answers whose tokens fit together are counted; a problem whose first answer "
        "does not fit has none, which is wrong."
    )


def _share(told: reasoning.Told) -> str:
    if told.value is None:
        return told.reason or "–"
    span = told.interval
    inside = f" ({100 * span.low:.1f} to {100 * span.high:.1f})" if span else ""
    return f"{100 * told.value:.1f} %{inside}"
