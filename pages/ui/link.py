"""The URL as a permalink: pair, λ and every other choice of the pages, whole after each.

A page reads a name with `asked`, tells what it took with `note`, and writes the person's
choice with `write`. A value that could not be used leaves a `complain` sentence, which stays
until the next choice; the URL itself is only changed by a choice.
"""

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import streamlit as st

NAMES = (
    *("pair", "lam", "reference", "y", "view", "task", "judge", "other", "r"),
    *("tasks", "made", "with"),  # of the trade-off: tasks counted, which measurement, other pairs
    *("table", "column"),  # of the literature
    *("bench", "protocol", "style", "grader", "look", "over", "changed", "problem"),  # of Reasoning
    *("part", "batch"),  # of Side by side
    *("export", "moves", "give"),  # of Share
    *("present", "prompt"),  # of the presenter's view
    *("grid", "icl", "put", "instructions", "judges", "spend", "limit"),  # of a sweep to be made
    *("of", "category", "kind", "group", "find", "gaps", "sort", "item", "against", "cell"),
)
_TAKEN, _SEEN, _COMPLAINTS = "link_taken", "link_seen", "link_complaints"
_PAGE, _WRITTEN = "link_page", "link_written"


def asked(name: str) -> str | None:
    """The URL's value, if it changed since it was last looked at (a link, or Back)."""
    value = st.query_params.get(name)
    seen = _kept(_SEEN)
    changed = value is not None and value != seen.get(name)
    seen[name] = value or ""
    return value if changed else None


def note(name: str, value: str) -> None:
    """Remember what is on show, so that the next link says it too."""
    _kept(_TAKEN)[name] = value


def taken(name: str) -> str | None:
    """What is on show."""
    return _kept(_TAKEN).get(name)


def write(name: str, value: str) -> None:
    """Put a choice, and everything else that is on show, into the URL."""
    values = _kept(_TAKEN)
    values[name] = value
    _kept(_SEEN).update(values)
    _kept(_COMPLAINTS).clear()
    st.session_state[_WRITTEN] = True
    _put(values)


def carry(page: str) -> None:
    """Take the choices along to another page, whose URL begins empty.

    Only on a change of page: after Back, the URL decides.
    """
    moved = st.session_state.get(_PAGE) not in (None, page)
    st.session_state[_PAGE] = page
    values = _kept(_TAKEN)
    if moved and st.session_state.get(_WRITTEN) and not any(n in st.query_params for n in NAMES):
        _kept(_SEEN).update(values)
        _put(values)


def complain(name: str, sentence: str) -> None:
    """Say what was wrong with the URL until something is chosen."""
    _kept(_COMPLAINTS)[name] = sentence


def withdraw(name: str) -> None:
    """The URL's value is fine now."""
    _kept(_COMPLAINTS).pop(name, None)


def complaints() -> tuple[str, ...]:
    """Every sentence that still holds."""
    return tuple(_kept(_COMPLAINTS).values())


def address(page: str, names: Iterable[str], **more: str) -> str:
    """The whole address of a page with what is on show of these names; and `more`."""
    values = {name: _kept(_TAKEN).get(name, "") for name in names} | more
    asked = urlencode({name: value for name, value in values.items() if value}, safe=",:~@")
    here = urlsplit(st.context.url or "")
    root = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return f"{root}{_folder(here.path)}/{page}{'?' if asked else ''}{asked}"


def _folder(path: str) -> str:
    """Where the app is served (server.baseUrlPath); a page's own name is taken off."""
    return path.rstrip("/").rsplit("/", 1)[0]


def _put(values: dict[str, str]) -> None:
    st.query_params.update({name: values[name] for name in NAMES if values.get(name)})
    for name in NAMES:
        if not values.get(name) and name in st.query_params:  # closed: the link says no more of it
            del st.query_params[name]


def _kept(key: str) -> dict[str, str]:
    kept: dict[str, str] = st.session_state.setdefault(key, {})
    return kept
