"""Fields of a form whose values stand in the URL; a bad one says so right below itself.

Only what is not the default is in the link. Not here: which fields a page has.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from core.errors import PartwayError
from pages.ui import link
from pages.ui.words import plain

T = TypeVar("T")


def value(name: str, default: str = "") -> str:
    """The URL's value when it is new, else the session's, else the default."""
    asked = link.asked(name)
    chosen = (link.taken(name) if asked is None else asked) or default
    link.note(name, "" if chosen == default else chosen)
    return chosen


def text(name: str, label: str, shown: str, **more: Any) -> None:
    """A line to type in; what is typed goes into the URL."""
    key = f"{name}_field"
    st.session_state[key] = shown

    def changed() -> None:
        link.write(name, (st.session_state[key] or "").strip())

    st.text_input(label, key=key, on_change=changed, **more)


def choice(name: str, label: str, labels: Mapping[str, str], default: str, **more: Any) -> str:
    """A list to choose from; a value of the URL that is none of them is told."""
    chosen = value(name, default)
    if chosen not in labels:
        tell(f"There is no {label.lower()} {chosen[:60]!r}. Shown instead: {default}.")
        chosen = default
    key = f"{name}_choice"
    st.session_state[key] = chosen

    def changed() -> None:
        link.write(name, "" if st.session_state[key] == default else st.session_state[key])

    st.selectbox(
        label, list(labels), format_func=labels.__getitem__, key=key, on_change=changed, **more
    )
    return chosen


def understood(read: Callable[[str], T], typed: str) -> T | None:
    """What was typed, or None after a sentence about it."""
    try:
        return read(typed)
    except PartwayError as error:
        tell(str(error))
        return None


def tell(sentence: str) -> None:
    """One sentence beside a field."""
    st.error(plain(sentence), icon=":material/error:")


def first_of(names: Sequence[str], preferred: str) -> str:
    """The preferred name where it is there."""
    return preferred if preferred in names else names[0]
