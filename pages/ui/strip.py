"""One line of facts: the engine, the model on show, how it was measured and judged."""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain

_STATES = {
    "absent": "○ engine not started (stored results need none)",
    "starting": "◔ engine starting…",
    "ready": "● engine ready",
    "busy": "◕ engine busy",
    "failed": "▲ engine failed",
}


def strip(pair: api.PairEntry, lam: Lam, line: api.TradeOff | None) -> None:
    """Facts side by side; they wrap on a narrow screen."""
    engine = api.engine_state()
    facts = [_STATES[engine.status], f"{pair.name} @ {lam}"]
    if line is not None:
        facts.append(f"{line.dtype}{f' · {engine.device}' if engine.device else ''}")
        facts.append("endpoints exact ✓")
        facts.append(f"judge: {line.judge}")
        facts.append(f"reference: {line.reference_label}")
    with st.container(key="strip", horizontal=True, gap="medium"):
        for fact in facts:
            st.markdown(plain(fact), width="content")
