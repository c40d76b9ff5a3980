"""λ on the page: one value in the session, seeded from the URL, moved by slider or click.

The value is kept in whole thousandths. A bad λ in the URL is told in one sentence and the
page goes on at a stated λ; the URL itself changes only when the person moves λ.
"""

import streamlit as st

from core import api
from core.errors import LambdaError
from core.figures.colour import colour, gradient
from core.lam import THOUSANDTHS, Lam, format_thousandths
from pages.ui import link

LAM = "lam"
FOLLOWS = "explore"  # the fragment that follows λ; a click elsewhere reruns it by this name
_SLIDER, _EXTRA = "lam_slider", "lam_extra"
STEP = 50  # thousandths
LOWEST, HIGHEST = 0, 1200


def seed(line: api.TradeOff | None) -> None:
    """Read λ from the URL when it changed there, else keep the session's."""
    asked = link.asked(LAM)
    if asked is not None:
        _take_from_url(asked, line)
    elif LAM not in st.session_state:
        st.session_state[LAM] = api.reporting.preferred(line).thousandths
    link.note(LAM, str(current()))


def current() -> Lam:
    """The chosen λ."""
    return Lam(st.session_state[LAM])


def choose(thousandths: int) -> None:
    """Move λ; for callbacks, before widgets are built."""
    lam = Lam(thousandths)
    st.session_state[LAM] = lam.thousandths
    link.write(LAM, str(lam))


def slider(line: api.TradeOff | None, measured_only: bool = False) -> None:
    """The dial: arrow keys move it, every stop is an exact λ."""
    stops = measured(line) if measured_only and line else _stops(line)
    st.session_state[_SLIDER] = st.session_state[LAM]
    with st.container(key="dial", gap=None):
        st.select_slider(
            "λ: how much of the instruction tuning is kept (arrow keys move it)",
            stops,
            format_func=_stop_name,
            key=_SLIDER,
            on_change=lambda: choose(st.session_state[_SLIDER]),
        )
        st.html(_colours(stops) + _scale(stops))


def measured(line: api.TradeOff) -> list[int]:
    """The λ that have numbers, and the one that is chosen."""
    return sorted({point.lam.thousandths for point in line.points} | {st.session_state[LAM]})


def _colours(stops: list[int]) -> str:
    """The track and the handle in the colours of λ; without them the slider still works."""
    track = '.st-key-dial [data-testid="stSlider"] [role="group"] > div'
    here = colour(current())
    return (
        f"<style>{track} > div:first-child {{ background: "
        f"{gradient([Lam(stops[0]), Lam(stops[-1])])} !important; }}"
        f"{track} > div:nth-child(2) {{ background: {here} !important; }}</style>"
    )


def _scale(stops: list[int]) -> str:
    """Words below the track, each at its λ."""
    lowest, highest = stops[0], stops[-1]
    words = {0: "0 · base", 500: "0.5 · halfway", 1000: "1 · instruct"}
    if highest > THOUSANDTHS:
        words[highest] = format_thousandths(highest)
    if lowest < 0:
        words[lowest] = format_thousandths(lowest)
    marks = "".join(
        f'<span style="left:{100 * (at - lowest) / (highest - lowest):.2f}%">{text}</span>'
        for at, text in words.items()
        if lowest <= at <= highest
    )
    return f'<div class="partway-scale">{marks}</div>'


def _take_from_url(asked: str, line: api.TradeOff | None) -> None:
    try:
        st.session_state[LAM] = Lam.parse(asked).thousandths
        link.withdraw(LAM)
    except LambdaError as error:
        fallback = api.reporting.preferred(line)
        st.session_state[LAM] = fallback.thousandths
        link.complain(LAM, f"{error} Shown instead: λ = {fallback}.")


def _stops(line: api.TradeOff | None) -> list[int]:
    """Every step, every measured λ, and each λ that came from a URL in this session.

    Stops are only ever added: a changed list would build the slider anew and take the
    keyboard's focus away.
    """
    extra: set[int] = st.session_state.setdefault(_EXTRA, set())
    extra.add(st.session_state[LAM])
    known = {point.lam.thousandths for point in line.points} if line else set()
    lowest = min({LOWEST} | extra | known)
    highest = max({HIGHEST} | extra | known)
    steps = set(range(lowest // STEP * STEP, highest + 1, STEP))
    return sorted(stop for stop in steps | extra | known if stop >= lowest)


def _stop_name(thousandths: int) -> str:
    return format_thousandths(thousandths)
