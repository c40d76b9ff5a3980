"""Three numbers at the chosen λ, each with its interval, n and comparison with λ=1."""

from dataclasses import dataclass

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain

_FEW_SHOT = "Questions answered rightly after a few solved examples; the mean over the tasks."
_CHECKS = "Instructions of which a program finds every demand met."


@dataclass(frozen=True, slots=True)
class Card:
    """A number to show; None where this λ was not measured."""

    key: str
    label: str
    value: api.Measure | None
    change: api.Measure | None
    meaning: str
    is_instruct: bool = False


def cards(line: api.TradeOff, lam: Lam) -> None:
    """Few-shot accuracy, win rate, pass rate; "not measured" for a λ in between."""
    drawn = _cards(line, line.at(lam) or _apart(line, lam))
    for column, card in zip(st.columns(len(drawn), gap="small"), drawn, strict=True):
        with column, st.container(border=True, key=f"card-{card.key}", gap="xxsmall"):
            _card(card)


def _cards(line: api.TradeOff, point: api.Point | None) -> tuple[Card, ...]:
    against = f"Win rate against {line.reference_label}"
    few = f"Few-shot accuracy, {line.tasks_text}" if line.filtered else "Few-shot accuracy"
    passed = "Instructions followed"
    even = f"How often the judge prefers this λ's answers to {line.reference_label}; 50 % is even."
    if point is None:
        return (
            Card("icl", few, None, None, _FEW_SHOT),
            Card("win", against, None, None, even),
            Card("pass", passed, None, None, _CHECKS),
        )
    own = point.lam.is_instruct
    return (
        Card("icl", few, point.icl, point.icl_difference, _FEW_SHOT, own),
        Card("win", against, point.win_rate, point.win_rate_difference, even, own),
        Card("pass", passed, point.pass_rate, point.pass_rate_difference, _CHECKS, own),
    )


def _apart(line: api.TradeOff, lam: Lam) -> api.Point | None:
    """A λ that was measured otherwise has numbers, and no comparison."""
    other = line.apart(lam)
    return None if other is None else other.at(lam)


def _card(card: Card) -> None:
    label = plain(card.label)
    if card.value is None or card.change is None or card.value.value is None:
        st.metric(
            label,
            "—",
            "not measured",
            delta_color="off",
            delta_arrow="off",
            help=plain(card.meaning),
        )
        st.caption(plain(card.value.reason or "") if card.value else "Between measured λ")
        return
    said = api.verdict(card.change)
    known = said in ("better", "worse") and not card.is_instruct
    st.metric(
        label,
        f"{card.value.value:.1f} %",
        _against_instruct(card),
        delta_arrow=("up" if said == "better" else "down") if known else "off",
        delta_color=("green" if said == "better" else "red") if known else "off",
        help=plain(card.meaning),
    )
    st.caption(plain(_precision(card.value)))


def _against_instruct(card: Card) -> str:
    """Signed difference; in words where the numbers show none."""
    change = card.change
    if card.is_instruct:
        return "this is λ = 1"
    if change is None or change.value is None:
        return "not compared with λ = 1"
    signed = f"{api.points_text(change.value)} vs λ = 1"
    none = api.verdict(change) == "no difference shown"
    return f"{signed}, no difference shown" if none else signed


def _precision(value: api.Measure) -> str:
    if value.interval is None:
        return (value.reason or "without an interval").split(":")[0]
    return f"95 % interval {value.interval.low:.1f} to {value.interval.high:.1f} · n = {value.n:,}"
