"""r: how many few-shot points a point of following is worth; from the URL or the slider."""

import streamlit as st

from core import api
from core.api import comparing
from pages.ui import link

RATE = "r"
_SLIDER = "rate_slider"


def seed() -> None:
    """The URL's r when it is new and usable, else the session's; told when it is not."""
    asked = link.asked(RATE)
    chosen = _stop(asked or link.taken(RATE))
    if asked is not None and chosen is None:
        stops = ", ".join(f"{stop:g}" for stop in comparing.RATES)
        link.complain(
            RATE,
            f"There is no r = {asked[:40]!r}; it can be {stops}. "
            f"Shown instead: {comparing.PREFERRED_RATE:g}.",
        )
    elif asked is not None:
        link.withdraw(RATE)
    link.note(RATE, f"{comparing.PREFERRED_RATE if chosen is None else chosen:g}")


def current() -> float:
    """The chosen r."""
    return float(link.taken(RATE) or comparing.PREFERRED_RATE)


def slider(axis: api.Axis) -> None:
    """Moves r; a change redraws what stands in the same fragment."""
    st.session_state[_SLIDER] = current()
    point = api.SHORT[axis].lower().replace(" ", "-")
    st.select_slider(
        f"One {point} point is worth … few-shot points",
        list(comparing.RATES),
        format_func=lambda rate: f"{rate:g}",
        key=_SLIDER,
        on_change=lambda: link.write(RATE, f"{st.session_state[_SLIDER]:g}"),
        help="r. 0: only few-shot accuracy counts. 1: both count the same.",
    )


def _stop(given: str | None) -> float | None:
    """The stop that was meant, or None."""
    return next((stop for stop in comparing.RATES if given == f"{stop:g}"), None)
