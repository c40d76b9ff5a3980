"""Why it changed: one answer's tokens under every λ, and where the greedy choice flips.

The engine reads the answer once under all λ (`trace`); what is clicked is drawn in the browser,
and the sentence on flips follows. Looking between the columns' λ happens on request.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core import api
from core.errors import PartwayError
from core.figures.colour import colour
from pages.ui import film_state, frame
from pages.ui.words import plain

side = api.side_by_side
MOST_TOKENS = 600
KEPT, NARROW, PLACE = "why_kept", "why_narrowed", "why_heat"
MOST_KEPT = 12
_HERE = Path(__file__)
_heat = st.components.v2.component(
    "partway_token_heat",
    css=_HERE.with_name("token_heat.css").read_text(),
    js=_HERE.with_name("token_heat.js").read_text(),
)


@st.fragment(key="film-why")
def why_it_changed(film: film_state.Shown, row: int) -> None:
    """The panel for one column's answer."""
    take = film.look()[row]
    with frame.boundary(), st.container(border=True, key="why-card"):
        st.subheader(f"Why λ = {take.place.lam} says this", anchor=False)
        try:
            seen = _seen(film, row)
        except PartwayError as error:
            st.error(plain(str(error)), icon=":material/error:")
            st.button("Try again", key="why_again")
            return
        st.caption(plain(_how(seen, take)))
        result = _heat(
            key=PLACE,
            data=heat_data(seen, take),
            default={"at": None},
            on_at_change=lambda: None,
        )
        place = first_place(seen, take.place.lam) if result.at is None else int(result.at)
        _flips(seen, min(place, len(seen.trace.tokens)))
        st.caption(plain(leaving_words(seen)))


def heat_data(seen: side.Seen, take: side.Take) -> dict[str, Any]:
    """The strip in plain values; probabilities, for a page."""
    trace = seen.trace
    ids = (*trace.tokens, None)
    return {
        "id": seen.key,
        "label": f"Probability of each token of the answer of λ = {take.place.lam} under every λ",
        "at": first_place(seen, take.place.lam),
        "tokens": [*trace.texts, "end"],
        "own": seen.lams.index(take.place.lam) if take.place.lam in seen.lams else -1,
        "lams": [
            {"name": f"λ {lam}", "colour": colour(lam), "sum": f"{math.fsum(told.logprobs):.1f}"}
            for lam, told in zip(seen.lams, trace.lams, strict=True)
        ],
        "probs": [[round(math.exp(v), 7) for v in (*t.logprobs, t.end)] for t in trace.lams],
        "first": [_first(told, ids) for told in trace.lams],
        "tops": [
            [
                [[one.text, round(math.exp(one.logprob), 7), one.token == token] for one in best]
                for best, token in zip(told.top, ids, strict=True)
            ]
            for told in trace.lams
        ],
    }


def first_place(seen: side.Seen, own: api.Lam) -> int:
    """Where to look first: where the λ before this one would leave the answer.

    Where it would not, the first place at which any two λ prefer different tokens.
    """
    leave = {one.lam: one.at for one in side.token_flips.leavings(seen.lams, seen.trace)}
    before = [lam for lam in seen.lams if lam < own]
    if before and (at := leave[before[-1]]) is not None:
        return at
    places = range(len(seen.trace.tokens) + 1)
    return next((at for at in places if side.flips_at(seen, at)), 0)


def leaving_words(seen: side.Seen) -> str:
    """Where each λ, always taking its most probable token, would leave the answer."""
    leave = side.token_flips.leavings(seen.lams, seen.trace)
    stay = [str(one.lam) for one in leave if one.at is None]
    gone = [
        f"{one.lam} at token {one.at + 1} (it would write {side.token_flips.show(one.instead)})"
        for one in leave
        if one.at is not None
    ]
    told = [f"λ {', '.join(stay)} would write every token of it" if stay else ""]
    told += [f"λ {'; '.join(gone)} would leave it there" if gone else ""]
    return "Taking the most probable token each time: " + ". ".join(filter(None, told)) + "."


def _first(told: Any, ids: Sequence[int | None]) -> list[bool]:
    """Whether the token is the λ's first choice; of the end, whether it is likelier than not."""
    chosen = [best[0].token == token for best, token in zip(told.top, ids[:-1], strict=False)]
    return [*chosen, told.end > math.log(0.5)]


def _how(seen: side.Seen, take: side.Take) -> str:
    """How it was read and of what it speaks."""
    count = len(seen.trace.tokens)
    cut = f" Only the first {MOST_TOKENS} tokens are read." if len(take.ids) > MOST_TOKENS else ""
    ids = "" if take.ids else " The answer was encoded anew from its text."
    return (
        f"{count} tokens of this answer, read under {len(seen.lams)} λ of {take.place.pair} in "
        f"{seen.seconds:.1f} s. {seen.trace.why}{cut}{ids} "
        "Click a token; arrow keys move along."
    )


def _seen(film: film_state.Shown, row: int) -> side.Seen:
    """The trace, kept for this session."""
    kept: dict[str, side.Seen] = st.session_state.setdefault(KEPT, {})
    key = side.seen_key(film, row)
    if key not in kept:
        with st.spinner("Reading the answer under every λ…", show_time=True):
            kept[key] = side.see(api.open_engine(), film, row, MOST_TOKENS)
        for old in list(kept)[:-MOST_KEPT]:
            del kept[old]
    return kept[key]


def _flips(seen: side.Seen, place: int) -> None:
    """Between which λ the most probable token at the place changes; closer on request."""
    narrowed: dict[str, Any] = st.session_state.setdefault(NARROW, {})
    key = f"{seen.key}:{place}"
    found = narrowed.get(key) or side.flips_at(seen, place)
    ends = place == len(seen.trace.tokens)
    where = "Behind the last token" if ends else f"At token {place + 1}"
    if told := st.session_state.pop("why_trouble", None):
        st.error(plain(told), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center", key="why-flips"):
        words = side.token_flips.in_words(found, key in narrowed)
        st.markdown(f"**{where}.** {plain(words)}")
        if found and key not in narrowed and any(side.token_flips.between(one) for one in found):
            st.button(
                "Look at every hundredth of λ",
                key="why_narrow",
                on_click=_narrow,
                args=(seen, place, key),
            )


def _narrow(seen: side.Seen, place: int, key: str) -> None:
    try:
        found = side.narrow(api.open_engine(), seen, place)
    except PartwayError as error:
        st.session_state["why_trouble"] = str(error)
        return
    st.session_state[NARROW][key] = found
