"""The ledger's rows, a page of them at a time: a square a λ, keys and clicks open an item.

A component of our own, because a table of Streamlit's can neither be told which row is open nor
draw a string of squares. It gets text as data and sets it as text; what comes back from the
browser is checked before it is used.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from core import api
from pages.ui import flip_choices, lam_control, link
from pages.ui.words import plain

PAGE_ROWS = 100
HEIGHT_PX = 640
_KEY, _PAGE, _SHOWN, _HEARD = "ledger_list", "ledger_page", "ledger_shown", "ledger_heard"
_LONGEST = 160  # characters of a prompt's own part that a row shows
# Mark → the letter that stands for it, and its sign.
SIGNS: dict[api.flips.Mark, tuple[str, str]] = {
    "absent": ("A", "·"),
    "right": ("R", "✓"),
    "wrong": ("W", "✗"),
    "chatter": ("C", "≈"),
    "out_of_tokens": ("T", "⋯"),
    "unparsable": ("N", "∅"),
    "unknown": ("U", "?"),
}
_HERE = Path(__file__)
_HTML = (
    '<div class="ledger" tabindex="0" role="listbox" '
    'aria-label="Items along λ. Arrow keys up and down open items, left and right move λ."></div>'
)
_mount = st.components.v2.component(
    "partway_ledger",
    html=_HTML,
    css=_HERE.with_name("ledger.css").read_text(encoding="utf-8"),
    js=_HERE.with_name("ledger.js").read_text(encoding="utf-8"),
)


def ledger_list(ledger: api.flips.Ledger, view: api.flips.View, row: int | None) -> None:
    """The rows around the open one."""
    rows, page = view.rows, _page(view, row)
    shown = rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS].tolist()
    if not shown:
        with st.container(height=HEIGHT_PX, border=True):
            st.caption("No item is like that. Take a filter away.")
        return
    column = ledger.lams.index(flip_choices.lam(ledger))

    def picked() -> None:
        value = st.session_state[_KEY].get("picked")
        _pick(ledger, value)

    def turned() -> None:
        step(ledger, view, row, 1 if st.session_state[_KEY].get("turned") == 1 else -1)

    _mount(
        key=_KEY,
        data=_data(ledger, shown, row, column),
        height=HEIGHT_PX,
        on_picked_change=picked,
        on_turned_change=turned,
    )


def listed(view: api.flips.View, asked: api.flips.Asked, row: int | None) -> None:
    """A line above the list: how many, by which group and cell, and the other pages."""
    count, page = len(view.rows), _page(view, row)
    first, last = page * PAGE_ROWS + 1, min((page + 1) * PAGE_ROWS, count)

    def turn(to: int) -> None:
        st.session_state[_PAGE] = to

    def clear() -> None:
        link.write(flip_choices.GROUP, "")
        link.write(flip_choices.CELL, "")

    with st.container(horizontal=True, vertical_alignment="center", key="flip-listed"):
        parts = [f"**{count:,} listed**" if count else "**None listed**", *_narrowed(asked)]
        st.markdown(" · ".join(parts), width="content")
        if asked.group or asked.cell:
            st.button("List all", on_click=clear, type="tertiary", key="ledger_all")
        if count > PAGE_ROWS:
            st.caption(f"{first:,}–{last:,}", width="content")
            for label, to in ((f"Previous {PAGE_ROWS}", page - 1), (f"Next {PAGE_ROWS}", page + 1)):
                st.button(
                    label,
                    on_click=turn,
                    args=(to,),
                    disabled=not 0 <= to * PAGE_ROWS < count,
                    type="tertiary",
                    key=f"ledger_{label[:4]}",
                )


def _narrowed(asked: api.flips.Asked) -> list[str]:
    """By which group and cell the list is narrowed, in words."""
    first, second = asked.first, asked.second
    cells: dict[api.flips.Cell, str] = {
        "both": f"right at λ = {first} and {second}",
        "first": f"right at λ = {first}, not at {second}",
        "second": f"right at λ = {second}, not at {first}",
        "neither": f"right at neither λ = {first} nor {second}",
        "apart": f"without an answer at λ = {first} or {second}",
    }
    group = [api.flips.WORDS[asked.group].name.lower()] if asked.group else []
    return [plain(one) for one in (*group, *([cells[asked.cell]] if asked.cell else []))]


def step(ledger: api.flips.Ledger, view: api.flips.View, row: int | None, by: int) -> None:
    """Open the item that stands so many places on in the list; for callbacks."""
    rows = view.rows.tolist()
    at = rows.index(row) + by if row in rows else 0
    if 0 <= at < len(rows):
        _open(ledger, rows[at])


def _pick(ledger: api.flips.Ledger, value: Any) -> None:
    """What the browser says was picked, if it is an item and a λ of this ledger."""
    if not isinstance(value, dict):
        return
    row, column, sent = ledger.row(str(value.get("key"))), value.get("column"), value.get("sent")
    if isinstance(sent, int):
        st.session_state[_HEARD] = sent
    if row is not None:
        _open(ledger, row)
    if isinstance(column, int) and 0 <= column < len(ledger.lams):
        chosen = ledger.lams[column]
        if chosen != flip_choices.lam(ledger):
            lam_control.choose(chosen.thousandths)


def _open(ledger: api.flips.Ledger, row: int) -> None:
    link.write(flip_choices.ITEM, ledger.key(row))
    st.session_state.pop(_PAGE, None)  # the page follows the item again


def _page(view: api.flips.View, row: int | None) -> int:
    """The page that was turned to, as long as the same items are listed; else the item's own."""
    rows = view.rows.tolist()
    if st.session_state.get(_SHOWN) != (len(rows), rows[:1], rows[-1:]):
        st.session_state.pop(_PAGE, None)
        st.session_state[_SHOWN] = (len(rows), rows[:1], rows[-1:])
    own = rows.index(row) // PAGE_ROWS if row in rows else 0
    return int(st.session_state.get(_PAGE, own))


def _data(
    ledger: api.flips.Ledger, shown: list[int], row: int | None, column: int
) -> dict[str, Any]:
    letters = [SIGNS[mark][0] for mark in api.flips.MARKS]
    task = ledger.task(shown[0])
    return {
        "height": HEIGHT_PX,
        "heard": st.session_state.get(_HEARD, 0),
        "lams": [str(lam) for lam in ledger.lams],
        "column": column,
        "open": shown.index(row) if row in shown else None,
        "page": f"{shown[0]}-{shown[-1]}-{len(shown)}",
        "words": {
            letter: {"sign": sign, "text": api.flips.mark_words(mark, task)}
            for mark, (letter, sign) in SIGNS.items()
        },
        "rows": [
            {
                "key": ledger.key(one),
                "item": ledger.items[one],
                "asked": _asked(ledger, one),
                "marks": "".join(letters[mark] for mark in ledger.marks[one]),
            }
            for one in shown
        ],
    }


def _asked(ledger: api.flips.Ledger, row: int) -> str:
    """What the item asks, on one line."""
    line = api.flips.asked_words(ledger, row) or ""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
