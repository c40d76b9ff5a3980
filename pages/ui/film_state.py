"""Which film the page shows, and the two addresses that lead back to it.

`?film=…` is one that this server is writing, or has written lately; `?strip=…` one that is
kept. A link is read once, when it is new; after that the session decides.
"""

import streamlit as st

from core import api
from core.errors import PartwayError

FILM, STRIP = "film", "strip"
_SHOWN, _TROUBLE = "film_shown", "film_trouble"
_SEEN = "film_seen"
GONE = (
    "These answers were being written by a server that has ended since, and were not complete. "
    "Ask again: the same prompt and seed give the same answers."
)
Shown = api.side_by_side.Film | api.side_by_side.Still


def follow_link() -> bool:
    """Take up a film or a filmstrip that the URL names newly; True when the form is to follow."""
    asked = {name: st.query_params.get(name) for name in (FILM, STRIP)}
    if asked == st.session_state.get(_SEEN):
        return False
    st.session_state[_SEEN] = asked
    try:
        found = _find(asked)
    except PartwayError as error:
        st.session_state[_TROUBLE] = str(error)
        return False
    if found is None or found is shown():
        return False
    st.session_state[_SHOWN] = found
    st.session_state.pop(_TROUBLE, None)
    return True


def _find(asked: dict[str, str | None]) -> Shown | None:
    film_id, strip_id = asked[FILM], asked[STRIP]
    if film_id is not None:
        film = api.side_by_side.find_film(film_id)
        if film is not None:
            return film
        if strip_id is None:
            st.session_state[_TROUBLE] = GONE
    return None if strip_id is None else api.side_by_side.read(strip_id)


def shown() -> Shown | None:
    """What is on show."""
    found: Shown | None = st.session_state.get(_SHOWN)
    return found


def trouble() -> str | None:
    """Why a link could not be followed."""
    return st.session_state.get(_TROUBLE)


def show(still: api.side_by_side.Still) -> None:
    """Show one that is kept."""
    st.session_state[_SHOWN] = still


def put(film: api.side_by_side.Film) -> None:
    """Show a film that has just begun; for callbacks."""
    st.session_state[_SHOWN] = film
    st.session_state.pop(_TROUBLE, None)
    _address(FILM, film.film_id, STRIP)


def address_of(film: Shown) -> None:
    """A film that has ended is found by its content from now on."""
    if film.strip_id and not film.live and not film.unkept:
        _address(STRIP, film.strip_id, FILM)


def _address(name: str, value: str, other: str) -> None:
    named = {one: known for one, known in st.query_params.to_dict().items() if one != other}
    if named | {name: value} != st.query_params.to_dict():
        st.query_params.from_dict(named | {name: value})  # in one step, so that no link has both
    st.session_state[_SEEN] = {one: st.query_params.get(one) for one in (FILM, STRIP)}
