"""Two choices beside λ: what win rates are measured against, and what the upright axis shows.

A value in the URL that means nothing here is told in a sentence, and the first choice is
shown instead.
"""

from collections.abc import Sequence

import streamlit as st

from core import api
from pages.ui import link

AXIS, REFERENCE = "y", "reference"


def seed(name: str, allowed: Sequence[str]) -> str:
    """The chosen value: the URL's when it is new and usable, else the session's."""
    asked = link.asked(name)
    chosen = asked or link.taken(name) or allowed[0]
    if chosen not in allowed:
        listed = ", ".join(allowed)
        link.complain(
            name,
            f"There is no {name} = {chosen[:40]!r}; it can be {listed}. "
            f"Shown instead: {allowed[0]}.",
        )
        chosen = allowed[0]
    elif asked is not None:
        link.withdraw(name)
    link.note(name, chosen)
    return chosen


def switch(name: str, label: str, labels: dict[str, str], chosen: str) -> None:
    """A segmented control over the allowed values; choosing redraws the whole page."""
    key = f"{name}_switch"
    st.session_state[key] = chosen

    def changed() -> None:
        link.write(name, st.session_state[key])
        st.rerun()

    st.segmented_control(
        label,
        list(labels),
        format_func=labels.__getitem__,
        required=True,
        key=key,
        on_change=changed,
    )


def axis() -> api.Axis:
    """The chosen upright axis."""
    return "pass_rate" if link.taken(AXIS) == "pass_rate" else "win_rate"
