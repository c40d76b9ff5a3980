"""Three numbers at the chosen λ, each with its interval, n and comparison with λ=1."""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain


def cards(line: api.TradeOff, lam: Lam) -> None:
    """Few-shot accuracy, win rate, pass rate; "not measured" for a λ in between."""
    point = line.at(lam)
    left, middle, right = st.columns(3, gap="small")
    with left:
        _card("Few-shot accuracy", point and point.icl, point and point.icl_difference)
    with middle:
        against = f"Win rate against {line.reference_label}"
        _card(against, point and point.win_rate, point and point.win_rate_difference)
    with right:
        passed = point and point.pass_rate
        _card("All checks passed", passed, point and point.pass_rate_difference)


def _card(label: str, value: api.Measure | None, change: api.Measure | None) -> None:
    with st.container(border=True, key=f"card-{label.split()[0].lower()}", gap="xxsmall"):
        if value is None or change is None or value.value is None:
            st.metric(label, "—", "not measured", delta_color="off", delta_arrow="off")
            st.caption(plain(value.reason or "") if value else "between measured λ")
            return
        st.metric(label, f"{value.value:.1f} %", **_delta(change))
        st.caption(plain(_precision(value)))


def _delta(change: api.Measure) -> dict[str, str]:
    """Signed difference; an arrow and a colour only where a difference is shown."""
    said = api.verdict(change)
    if change.value is None:
        return {"delta": "not compared", "delta_color": "off", "delta_arrow": "off"}
    if change.interval is None:
        return {"delta": "this is λ = 1", "delta_color": "off", "delta_arrow": "off"}
    signed = f"{api.points_text(change.value)} vs λ = 1"
    if said == "no difference shown":
        return {"delta": f"{signed}, not clear", "delta_color": "off", "delta_arrow": "off"}
    arrow = "up" if said == "better" else "down"
    colour = "green" if said == "better" else "red"
    return {"delta": signed, "delta_arrow": arrow, "delta_color": colour}


def _precision(value: api.Measure) -> str:
    if value.interval is None:
        return (value.reason or "without an interval").split(":")[0]
    return f"{value.interval.low:.1f}–{value.interval.high:.1f} · n = {value.n:,}"
