"""Choices beside λ: the win rate's reference, the upright axis, the few-shot view, the open task.

A value in the URL that means nothing here is told in a sentence, and the first choice is
shown instead.
"""

from collections.abc import Sequence

import streamlit as st

from core import api
from pages.ui import link

AXIS, REFERENCE, VIEW, TASK = "y", "reference", "view", "task"


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


def pick(name: str, label: str, labels: dict[str, str], chosen: str) -> None:
    """The same as a list to open, where there may be many or long ones."""
    key = f"{name}_pick"
    st.session_state[key] = chosen

    def changed() -> None:
        link.write(name, st.session_state[key])

    st.selectbox(label, list(labels), format_func=labels.__getitem__, key=key, on_change=changed)


def axis() -> api.Axis:
    """The chosen upright axis."""
    return "pass_rate" if link.taken(AXIS) == "pass_rate" else "win_rate"


def view() -> api.View:
    """The chosen view of few-shot accuracy."""
    return next((one for one in api.VIEWS if one == link.taken(VIEW)), api.VIEWS[0])


def seed_task(allowed: Sequence[str]) -> None:
    """The task whose items are open: the URL's when it is new and known, else the session's."""
    asked = link.asked(TASK) if allowed else None  # without any, the link is kept for later
    if not asked:
        return
    if asked in allowed:
        link.withdraw(TASK)
        link.note(TASK, asked)
        return
    listed = ", ".join(allowed)
    link.complain(TASK, f"There is no task {asked[:40]!r} here; the tasks are {listed}.")


def open_task() -> str | None:
    """The task whose items are open, or None."""
    return link.taken(TASK) or None


def open_items(task: str) -> None:
    """Open a task's items; for callbacks."""
    link.write(TASK, task)


def close_items() -> None:
    """Close them; for callbacks."""
    link.write(TASK, "")
