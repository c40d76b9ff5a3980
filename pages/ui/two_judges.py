"""Two judges about the same outputs: agreement, κ with its interval, and the table behind it."""

from typing import TYPE_CHECKING

import streamlit as st

from core.lam import Lam
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.reports.judging_points import JudgeLine
    from core.reports.two_judges import TwoJudges

_WORDS = ("win", "draw", "loss")


def two_judges(first: "JudgeLine", second: "JudgeLine", lam: Lam) -> "TwoJudges | None":
    """What the two say of each other at this λ; None where one of them has no verdicts."""
    st.subheader("Two judges on the same outputs", anchor=False)
    one, other = first.at(lam), second.at(lam)
    if one is None or other is None or one.by_definition:
        lacking = first.name if one is None else second.name
        why = (
            "λ is the reference itself."
            if one and one.by_definition
            else (f"{plain(lacking)} has no verdicts at λ = {lam}.")
        )
        st.caption(f"Nothing to compare: {why}")
        return None
    found = one.beside(other)
    st.markdown(_sentence(found, first, second))
    st.table(_table(found, first, second), border="horizontal")
    return found


def _sentence(found: "TwoJudges", first: "JudgeLine", second: "JudgeLine") -> str:
    told = found.agreement
    names = f"{plain(first.name)} and {plain(second.name)}"
    if told.share is None:
        return f"{names} have no item in common that both decided."
    agreed = (
        f"{names} agree on **{told.agreed:,} of {told.n:,}** outputs ({100 * told.share:.0f} %)"
    )
    if told.kappa is None:
        return f"{agreed}. Cohen's κ is not defined: {told.reason}."
    kappa = f"{told.kappa:.2f}".replace("-", "−")
    if told.interval is None:
        return f"{agreed}; Cohen's κ = **{kappa}**, without an interval."
    low, high = (f"{end:.2f}".replace("-", "−") for end in told.interval)
    return (
        f"{agreed}; beyond chance, Cohen's κ = **{kappa}** (95 % interval {low} to {high}; "
        "1 is full agreement, 0 is chance)."
    )


def _table(
    found: "TwoJudges", first: "JudgeLine", second: "JudgeLine"
) -> list[dict[str, str | int]]:
    return [
        {
            plain(f"{first.name} says"): row,
            **{
                plain(f"{second.name}: {word}"): count
                for word, count in zip(_WORDS, counts, strict=True)
            },
        }
        for row, counts in zip(_WORDS, found.table, strict=True)
    ]
