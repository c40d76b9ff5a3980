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
    engine = _engine_state()
    facts = [_STATES[engine.status], f"{pair.name} @ {lam}"]
    if line is not None:
        facts += [_where(line, engine), _endpoints(pair, engine)]
        facts += [f"judge: {line.judge}", f"reference: {line.reference_label}"]
    with st.container(key="strip", horizontal=True, gap="medium"):
        for fact in facts:
            st.markdown(plain(fact), width="content")


@st.cache_data(ttl=1.0, refresh_mode="background", show_spinner=False)
def _engine_state() -> api.EngineState:
    """Looked up behind the page's back: an engine that is busy importing answers late."""
    return api.engine_state()


def _where(line: api.TradeOff, engine: api.EngineState) -> str:
    return f"{line.dtype} on {engine.device}" if engine.device else line.dtype


def _endpoints(pair: api.PairEntry, engine: api.EngineState) -> str:
    """A pair that is loaded has passed the check; one that fails it is refused."""
    return "endpoints exact ✓" if pair.name in engine.pairs else "endpoints checked at every load"
