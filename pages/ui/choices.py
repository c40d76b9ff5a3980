"""Two choices beside λ: what win rates are measured against, and what the upright axis shows.

Both live in the session and in the URL (`reference=`, `y=`). A value in the URL that means
nothing here is told in a sentence, and the first choice is shown instead.
"""

from collections.abc import Sequence

import streamlit as st

from core import api

AXIS, REFERENCE = "y", "reference"


def seed(name: str, allowed: Sequence[str]) -> tuple[str, str | None]:
    """The chosen value and, when the URL's is unusable, a sentence about it."""
    asked, seen = st.query_params.get(name), f"{name}_in_url"
    if asked is not None and asked != st.session_state.get(seen):
        st.session_state[name] = asked
    st.session_state[seen] = asked
    chosen = st.session_state.get(name, allowed[0])
    if chosen in allowed:
        st.session_state[name] = chosen
        return chosen, None
    listed = ", ".join(allowed)
    return allowed[0], (
        f"There is no {name} = {str(chosen)[:40]!r}; it can be {listed}. "
        f"Shown instead: {allowed[0]}."
    )


def switch(name: str, label: str, labels: dict[str, str], chosen: str) -> None:
    """A segmented control over the allowed values; choosing redraws the whole page."""
    key = f"{name}_switch"
    st.session_state[key] = chosen

    def changed() -> None:
        choose(name, st.session_state[key])
        st.rerun()

    st.segmented_control(
        label,
        list(labels),
        format_func=labels.__getitem__,
        required=True,
        key=key,
        on_change=changed,
    )


def choose(name: str, value: str) -> None:
    """Keep a choice in the session and in the URL."""
    st.session_state[name] = st.session_state[f"{name}_in_url"] = value
    st.query_params[name] = value


def axis() -> api.Axis:
    """The chosen upright axis."""
    return "pass_rate" if st.session_state.get(AXIS) == "pass_rate" else "win_rate"
