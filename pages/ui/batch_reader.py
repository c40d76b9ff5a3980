"""Reads rows of answers one at a time: filters, a place in the list, keys J and K.

Columns are the same as under Read, with the same marks and badges. Model text is text.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import api
from core.errors import PartwayError
from core.figures.colour import colour
from pages.ui import film_view, link
from pages.ui.words import plain

lists, side = api.batching, api.side_by_side
AT, DIFFERS, PATTERN, KIND, LAM, BADGE, SHORT, LONG, REFERENCE = (
    *("rows_at", "rows_differs", "rows_pattern", "rows_kind", "rows_lam", "rows_badge"),
    *("rows_fewest", "rows_most", "rows_reference"),
)
ANY = "any"
PROMPT_PX = 136
_STATES = {"stop": "ended", "length": "cut", "cancelled": "stopped", "failed": "failed"}


@st.fragment(key="rows")
def reader(source: str, rows: "Sequence[lists.Row]") -> None:
    """Filters, then one row; everything here redraws only this."""
    try:
        found = lists.filtered(rows, _filters(source, rows))
    except PartwayError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if not found:
        st.info(f"None of the {len(rows)} rows is like that. Ask for less.", icon=":material/info:")
        return
    at = _place(source, found)
    _steps(source, found, at, len(rows))
    _row(found[at])


def _filters(source: str, rows: "Sequence[lists.Row]") -> Any:
    state = st.session_state
    kinds = [ANY, *sorted({row.kind for row in rows})]
    lams = sorted({one.lam for row in rows for one in row.said})
    names = [ANY, *map(str, lams)]
    badges = [ANY, *_badges(source, len(rows), tuple(rows))]
    for key, options in ((KIND, kinds), (LAM, names), (BADGE, badges)):
        if state.get(key) not in options:
            state[key] = ANY
    with st.container(horizontal=True, vertical_alignment="bottom", key="rows-filter"):
        differs = st.toggle("Only where λ differ", key=DIFFERS, width=190)
        pattern = st.text_input("Pattern (regular expression)", key=PATTERN, width=230)
        kind = st.selectbox("Kind", kinds, key=KIND, width=160)
        lam = st.selectbox("At λ", names, key=LAM, width=110)
        badge = st.selectbox("Badge", badges, key=BADGE, width=170)
        fewest = st.number_input("Tokens from", 0, key=SHORT, step=10, width=130)
        most = st.number_input("to", 0, value=None, key=LONG, step=10, width=130, placeholder="any")
    return lists.wanted(
        differs=bool(differs),
        pattern=pattern or "",
        kind="" if kind == ANY else kind,
        lam=None if lam == ANY else api.Lam.parse(lam),
        badge="" if badge == ANY else badge,
        fewest=int(fewest),
        most=None if most is None else int(most),
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _badges(source: str, count: int, _rows: "tuple[lists.Row, ...]") -> tuple[str, ...]:
    return lists.badges(_rows)


def _place(source: str, found: "Sequence[lists.Row]") -> int:
    """Where the reader is: at the same prompt as long as the filter keeps it."""
    keys = [row.key for row in found]
    at = st.session_state.get(AT)
    if at is None or at[0] != source or at[1] not in keys:
        st.session_state[AT] = (source, keys[0])
        return 0
    return keys.index(at[1])


def _steps(source: str, found: "Sequence[lists.Row]", at: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="rows-steps"):
        st.button(
            "Previous",
            key="rows_back",
            shortcut="k",
            on_click=_go,
            args=(source, found[max(at - 1, 0)].key),
            disabled=at == 0,
        )
        st.button(
            "Next",
            key="rows_next",
            shortcut="j",
            on_click=_go,
            args=(source, found[min(at + 1, len(found) - 1)].key),
            disabled=at == len(found) - 1,
        )
        kept = "" if len(found) == total else f", of {total} in all"
        st.markdown(f"**Row {at + 1} of {len(found)}**{kept} · {plain(found[at].kind)}")


def _go(source: str, key: str) -> None:
    st.session_state[AT] = (source, key)


def _row(row: "lists.Row") -> None:
    # A fixed height, so that the columns stay where they are from row to row.
    with st.container(border=True, height=PROMPT_PX, key="rows-prompt"):
        for turn in row.turns:
            st.caption(turn.role)
            st.text(turn.content)
    names = [f"λ {one.lam}" for one in row.said]
    said = [side.parting.Said(one.text) for one in row.said]
    reference = int(st.session_state.get(REFERENCE, film_view.NEIGHBOUR))
    reference = reference if reference < len(said) else film_view.NEIGHBOUR
    checks = _checks(row)
    asked = film_view.mount(
        "rows_columns",
        {
            "film": "rows",  # the same for every row: the focus stays on its λ
            "live": False,
            "focus": 0,
            "tall": film_view.tall(max((one.tokens for one in row.said), default=0)),
            "told": side.parting.in_words(said, names),
            "reference": reference,
            "columns": [_column(row, at, reference, checks) for at in range(len(said))],
        },
    )
    if asked.compare is not None:
        same = reference == asked.compare
        st.session_state[REFERENCE] = film_view.NEIGHBOUR if same else asked.compare
        st.rerun(scope="fragment")
    if asked.why is not None and row.strip is not None:
        open_in_read(row.strip)


def open_in_read(strip_id: str) -> None:
    """Show a filmstrip under Read; its address follows."""
    link.write("part", "Read")
    st.query_params["strip"] = strip_id
    if "film" in st.query_params:
        del st.query_params["film"]
    st.rerun()


@st.cache_data(max_entries=256, show_spinner=False)
def _checks_of(text: str, system: str | None) -> Any:
    return side.checks(text, system)


def _checks(row: "lists.Row") -> Any:
    """The checks of the instruction that this prompt is, in a chat of one turn."""
    own = [turn for turn in row.turns if turn.role != "system"]
    system = next((turn.content for turn in row.turns if turn.role == "system"), None)
    return _checks_of(row.text, system) if len(own) == 1 else None


def _column(row: "lists.Row", at: int, reference: int, checks: Any) -> dict[str, Any]:
    one, names = row.said[at], [f"λ {said.lam}" for said in row.said]
    against = at - 1 if reference == film_view.NEIGHBOUR else reference
    other = None if against < 0 or against == at else against
    state = _STATES[one.finish]
    badges = [
        [state, "", "note" if state == "cut" else "quiet"],
        [f"{one.tokens} tokens", "", "quiet"],
    ]
    if one.text and checks is not None:
        failed, count = checks.failed(one.text), len(checks.checks)
        badge = side.badges.checks_badge(count - len(failed), count, failed)
        badges.append([badge.text, badge.why, badge.tone])
    if one.text:
        badges += [[b.text, b.why, b.tone] for b in side.badges.badges(one.text)]
    return {
        "name": names[at],
        "short": str(one.lam),
        "note": "base" if one.lam.is_base else "instruct" if one.lam.is_instruct else "",
        "colour": colour(one.lam),
        "state": state,
        "against": "" if other is None else f"against {names[other]}",
        "parts": _parts(row, at, other, names),
        "empty": "It ended at once: no text.",
        "badges": badges,
        "traceable": row.strip is not None and bool(one.text),
    }


def _parts(row: "lists.Row", at: int, other: int | None, names: list[str]) -> list[list[str]]:
    text = row.said[at].text
    if other is None:
        return [["plain", text]] if text else []
    said, before = side.parting.Said(text), side.parting.Said(row.said[other].text)
    marked = side.parting.mark(said, before, by_word=True)
    parts = [[part.kind, part.text] for part in marked.parts]
    if marked.parted is not None:
        where = 1 if parts and parts[0][0] == "shared" else 0
        parts.insert(where, ["mark", f"Here it leaves {names[other]}"])
    return parts
