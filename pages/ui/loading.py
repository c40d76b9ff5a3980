"""How far the engine's loading is, beside the words of whoever waits for it."""

import streamlit as st

from core import api


@st.cache_data(ttl=0.5, max_entries=1, show_spinner=False)
def loading_told() -> str:
    """Step, share and time left behind a dot; nothing when nothing is being loaded."""
    host = api.engine_state().host
    return f" · {host.loading.words()}" if host is not None and host.loading is not None else ""
