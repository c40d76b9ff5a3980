"""The columns of a film on the page: what the component in film.js is given to draw.

`draw(film, …)` mounts it and returns what was asked for: the column that is to be explained, or
compared with. Model text travels as data and becomes text nodes; nothing parses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from core import api
from core.figures.colour import colour

Take = api.side_by_side.Take
Shown = api.side_by_side.Film | api.side_by_side.Still
_HERE = Path(__file__)
_columns = st.components.v2.component(
    "partway_film",
    css=_HERE.with_name("film.css").read_text(),
    js=_HERE.with_name("film.js").read_text(),
)
COLUMN = "column"
NEIGHBOUR = -1  # compare every column with the one before it
# Room for the text, in rem by tokens asked for: fixed, so that nothing moves while it comes.
_TALL = ((40, 6.5), (80, 7.6), (160, 11.0))
_TALLEST = 16.0
_STATES = {
    "waiting": "waiting",
    "writing": "writing",
    "ended": "ended",
    "cut": "cut",
    "stopped": "stopped",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Aids:
    """How the columns are marked."""

    reference: int = NEIGHBOUR  # index of the column, or the neighbour
    by_word: bool = True
    checks: Any = None  # AskedChecks of the prompt, or None
    target: str | None = None  # of a stored few-shot prompt


class Asked(NamedTuple):
    """What a person asked for in the columns, by index."""

    why: int | None
    compare: int | None


def draw(film: Shown, takes: Sequence[Take], aids: Aids, told: str) -> Asked:
    """Mount the columns; returns the column to explain and the one to compare with, if asked."""
    return mount(
        "film",
        {
            "film": film.film_id or film.strip_id,
            "live": film.live,
            "focus": _focus(takes),
            "tall": tall(_longest(film, takes)),
            "told": told,
            "reference": aids.reference,
            "columns": column_data(film, takes, aids),
        },
    )


def _focus(takes: Sequence[Take]) -> int:
    """The column that a link names (`?column=tinyworld@0.7`), else the first."""
    asked = st.query_params.get(COLUMN)
    names = [f"{take.place.pair}@{take.place.lam}" for take in takes]
    return names.index(asked) if asked in names else 0


def mount(key: str, data: dict[str, Any]) -> Asked:
    """The component itself, for whoever has columns to show."""
    result = _columns(
        key=key, data=data, on_why_change=lambda: None, on_compare_change=lambda: None
    )
    return Asked(result.why, result.compare)


def column_data(film: Shown, takes: Sequence[Take], aids: Aids) -> list[dict[str, Any]]:
    """One column each, in plain values."""
    names = names_of(film, takes)
    said = [api.side_by_side.parting.Said(take.text, take.open) for take in takes]
    found = []
    for index, take in enumerate(takes):
        against = _against(takes, index, aids.reference)
        found.append(
            {
                "name": names[index],
                "short": str(take.place.lam),
                "note": _note(film, take),
                "colour": colour(take.place.lam),
                "state": take.state,
                "against": "" if against is None else f"against {_short(takes, index, against)}",
                "parts": _parts(said, index, against, names, aids.by_word and not film.live),
                "empty": _empty(take),
                "badges": _badges(take, aids),
                "traceable": bool(take.text) and not take.open,
            }
        )
    return found


def names_of(film: Shown, takes: Sequence[Take]) -> list[str]:
    """λ where there is one pair, pair and λ where there are several."""
    several = len(film.scene.pairs) > 1
    return [
        f"{take.place.pair} λ {take.place.lam}" if several else f"λ {take.place.lam}"
        for take in takes
    ]


def _longest(film: Shown, takes: Sequence[Take]) -> int:
    """Tokens that a column may need room for: what was asked, or what a kept one has."""
    if isinstance(film, api.side_by_side.Still):
        return max(take.tokens for take in takes)
    return film.scene.decoding.max_new_tokens


def tall(tokens: int) -> float:
    """Height of a column's text in rem."""
    return next((rem for most, rem in _TALL if tokens <= most), _TALLEST)


def _against(takes: Sequence[Take], index: int, reference: int) -> int | None:
    """The column that this one is compared with; None for one that has none.

    The neighbour is the column before it, of the same pair or at the same λ.
    """
    if reference != NEIGHBOUR:
        return None if reference == index else reference
    if index == 0:
        return None
    here, before = takes[index].place, takes[index - 1].place
    return index - 1 if here.pair == before.pair or here.lam == before.lam else None


def _short(takes: Sequence[Take], index: int, against: int) -> str:
    """The other column's name as far as it differs."""
    here, other = takes[index].place, takes[against].place
    return f"λ {other.lam}" if here.pair == other.pair else other.pair


def _note(film: Shown, take: Take) -> str:
    lam = take.place.lam
    return "base" if lam.is_base else "instruct" if lam.is_instruct else ""


def _parts(
    said: list[Any], index: int, against: int | None, names: list[str], by_word: bool
) -> list[list[str]]:
    if against is None:
        return [["plain", said[index].text]] if said[index].text else []
    marked = api.side_by_side.parting.mark(said[index], said[against], by_word=by_word)
    parts = [[part.kind, part.text] for part in marked.parts]
    if marked.parted is not None:
        where = 1 if parts and parts[0][0] == "shared" else 0
        parts.insert(where, ["mark", f"Here it leaves {names[against]}"])
    return parts


def _empty(take: Take) -> str:
    """What stands where there is no text."""
    if take.state == "failed":
        return "Nothing had come."
    if take.state in ("ended", "cut"):
        return "It ended at once: no text."
    return "Stopped before its first word." if take.state == "stopped" else ""


def _badges(take: Take, aids: Aids) -> list[list[str]]:
    found = [[_STATES[take.state], _why_state(take), _tone(take)]]
    if take.tokens:
        pace = f"{take.seconds:.1f} s" if take.seconds else ""
        found.append([f"{take.tokens} tokens", pace, "quiet"])
    if take.open or not take.text:
        return found
    if aids.checks is not None:
        failed = aids.checks.failed(take.text)
        count = len(aids.checks.checks)
        badge = api.side_by_side.badges.checks_badge(count - len(failed), count, failed)
        found.append([badge.text, badge.why, badge.tone])
    if aids.target is not None:
        badge = api.side_by_side.badges.target_badge(take.text, aids.target)
        found.append([badge.text, badge.why, badge.tone])
    for badge in api.side_by_side.badges.badges(take.text):
        found.append([badge.text, badge.why, badge.tone])
    return found


def _why_state(take: Take) -> str:
    if take.state == "failed":
        return take.problem or "The engine ended before this column did."
    return {
        "ended": "The model ended its answer.",
        "cut": "Cut at the length limit: the model had not ended.",
        "stopped": "Stopped before it ended.",
        "waiting": "Waiting for its turn.",
    }.get(take.state, "")


def _tone(take: Take) -> str:
    return {"failed": "bad", "cut": "note", "stopped": "note"}.get(take.state, "quiet")
