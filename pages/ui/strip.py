"""One line of facts: the engine, the model on show, how it was measured and judged.

Looks again every two seconds, also while nothing else on the page moves; its height is kept.
"""

from urllib.parse import urlsplit

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain

POLL_SECONDS = 2.0
MOST_NAMED = 3  # λ at work that are named; more are counted
_STATES = {
    "absent": "○ engine not started (stored results need none)",
    "starting": "◔ engine starting…",
    "ready": "● engine ready",
    "busy": "◕ engine busy",
    "failed": "▲ engine failed",
}
_WORK = {
    "load": "loading",
    "unload": "unloading",
    "score": "scoring",
    "generate": "writing",
    "stream": "writing",
    "stream_many": "writing",
    "chat": "answering",
    "completion": "answering",
}


def strip(pair: api.PairEntry, lam: Lam, line: api.TradeOff | None) -> None:
    """Facts side by side; they wrap on a narrow screen."""
    st.fragment(_strip, run_every=POLL_SECONDS)(pair, lam, line)


def at_work(work: api.AtWork) -> str:
    """What is being done, with whom: "scoring tinyworld @ 0.3"."""
    named = ", ".join(map(str, work.lams)) if len(work.lams) <= MOST_NAMED else ""
    where = f" @ {named or f'{len(work.lams)} λ'}" if work.lams else ""
    return f"{_WORK.get(work.kind, 'reading')} {work.pair or ''}{where}".strip()


def _strip(pair: api.PairEntry, lam: Lam, line: api.TradeOff | None) -> None:
    engine = engine_state()
    facts = [_state(engine), f"{pair.name} @ {lam}", *_how(engine, line)]
    if line is not None:
        facts += [_endpoints(pair, engine)]
        facts += [f"judge: {line.judge}", f"reference: {line.reference_label}"]
    key = "strip-alone" if line is None else "strip"
    with st.container(key=key, horizontal=True, gap="small"):
        for fact in facts:
            st.markdown(plain(fact), width="content")


@st.cache_data(ttl=1.0, refresh_mode="background", show_spinner=False)
def engine_state() -> api.EngineState:
    """Looked up behind the page's back: an engine that is busy importing answers late."""
    return api.engine_state()


def _state(engine: api.EngineState) -> str:
    said = _STATES[engine.status]
    if engine.host is not None and engine.host.at_work:
        said = f"◕ engine busy: {at_work(engine.host.at_work[0])}"
    if engine.status == "absent" and engine.url is not None and not engine.died:
        return f"▲ engine at {urlsplit(engine.url).netloc} does not answer (see System)"
    if not engine.died:
        return said
    if engine.status == "absent":
        return "▲ engine ended unexpectedly; it starts anew when needed"
    return f"{said} (ended unexpectedly {engine.died}×, restarted)"


def _how(engine: api.EngineState, line: api.TradeOff | None) -> list[str]:
    """Number format and device, form and speed of the last answers, as far as they are known."""
    host = engine.host
    dtype = (host.dtype if host else None) or (line.dtype if line else None)
    places = [part for part in (dtype, engine.device and f"on {engine.device}") if part]
    found = [" ".join(places)] if places else []
    if host is not None and host.form is not None:
        found.append(f"last answer: {host.form}")
    if host is not None and host.tokens_per_second:
        found.append(f"{host.tokens_per_second:.0f} tokens/s")
    return found


def _endpoints(pair: api.PairEntry, engine: api.EngineState) -> str:
    """A pair that is loaded has passed the check; one that fails it is refused."""
    return "endpoints exact ✓" if pair.name in engine.pairs else "endpoints checked at every load"
