"""History: every filmstrip that is kept, found by text, pair, kind and day; files; deletion.

A click opens one under Read, where its address (`?strip=…`) is its permalink.
"""

from collections.abc import Iterable
from datetime import date
from textwrap import shorten

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui import strip_files
from pages.ui.batch_reader import open_in_read
from pages.ui.words import plain

kept = api.history
PAGE_ROWS = 12
LATEST, TITLE_CHARACTERS = 6, 90
TEXT, WHOSE, KIND, DAYS, PAGE = (
    *("history_text", "history_pair", "history_kind", "history_days", "history_page"),
)
GOING, PROBLEM = "history_going", "history_problem"
ALL = "all"
_MODES = {"chat": "chat", "completion": "plain text", "few-shot": "few-shot"}


def history(pair: api.PairEntry) -> None:
    """The whole part."""
    _part(pair.name)


def latest(pair_name: str) -> None:
    """The newest few of a pair, to be read at once: there is something before anything is asked."""
    heads = kept.search(kept.Wanted(pair=pair_name)).heads
    if not heads:
        return
    st.caption("Or read one that is kept; the rest is under History.")
    with st.container(key="kept-latest", gap="xsmall"):
        for head in heads[:LATEST]:
            st.button(
                plain(shorten(head.title, TITLE_CHARACTERS, placeholder=" …")),
                key=f"latest_{head.strip_id}",
                icon=":material/menu_book:",
                on_click=open_in_read,
                args=(head.strip_id,),
                type="tertiary",
            )


@st.fragment(key="history")
def _part(pair_name: str) -> None:
    everything = kept.search(kept.Wanted())
    if told := st.session_state.pop(PROBLEM, None):
        st.warning(plain(told), icon=":material/info:")
    if not everything.heads:
        st.info(
            "Nothing is kept yet. Ask a prompt under Read, or a list under Batch.",
            icon=":material/info:",
        )
        return
    wanted = _filters(everything, pair_name)
    found = kept.search(wanted)
    if found.broken:
        names = ", ".join(found.broken[:3])
        st.warning(plain(f"{len(found.broken)} files cannot be read: {names}. Delete them."))
    st.caption(f"{len(found.heads)} of {len(everything.heads)} filmstrips, the newest first.")
    _rows(found.heads)
    if found.heads:
        strip_files.together(found.heads)


def _filters(everything: "kept.Listed", pair_name: str) -> "kept.Wanted":
    pairs = sorted({name for head in everything.heads for name in head.pairs})
    kinds = sorted({head.kind for head in everything.heads})
    state = st.session_state
    if state.get(WHOSE) not in (ALL, *pairs):
        state[WHOSE] = pair_name if pair_name in pairs else ALL
    if state.get(KIND) not in (ALL, *kinds):
        state[KIND] = ALL
    with st.container(key="history-row"):
        columns = st.columns([3, 2, 2, 2], gap="medium", vertical_alignment="bottom")
    first = _restart
    with columns[0]:
        text = st.text_input(
            "Text in the prompt or in an answer", key=TEXT, max_chars=500, on_change=first
        )
    with columns[1]:
        whose = st.selectbox("Pair", [ALL, *pairs], key=WHOSE, on_change=first)
    with columns[2]:
        kind = st.selectbox("Kind", [ALL, *kinds], key=KIND, on_change=first)
    with columns[3]:
        days = st.date_input("Days", [], key=DAYS, on_change=first, format="YYYY-MM-DD")
    since, until = _span(days)
    return kept.Wanted(
        text=text or "",
        pair="" if whose == ALL else whose,
        kind="" if kind == ALL else kind,
        since=since,
        until=until,
    )


def _restart() -> None:
    st.session_state.pop(PAGE, None)


def _span(days: Iterable[object]) -> tuple[str, str]:
    """The chosen days; while only the first is chosen, from there on."""
    chosen = [day.isoformat() for day in days if isinstance(day, date)]
    return (chosen[0] if chosen else "", chosen[1] if len(chosen) > 1 else "")


def _rows(heads: "tuple[kept.Head, ...]") -> None:
    pages = max(1, -(-len(heads) // PAGE_ROWS))
    if st.session_state.get(PAGE, 1) > pages:
        st.session_state.pop(PAGE)
    at = int(st.session_state.get(PAGE, 1))
    for head in heads[(at - 1) * PAGE_ROWS : at * PAGE_ROWS]:
        _row(head)
    if pages > 1:
        st.pagination(pages, key=PAGE)


def _row(head: "kept.Head") -> None:
    strip_id = head.strip_id
    with st.container(border=True, key=f"kept-{strip_id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.text(head.title)
                st.caption(plain(_facts(head)))
            _actions(head)
        if st.session_state.get(GOING) == strip_id:
            _sure(strip_id)


def _actions(head: "kept.Head") -> None:
    strip_id = head.strip_id
    st.button(
        "Read",
        icon=":material/menu_book:",
        key=f"read_{strip_id}",
        on_click=open_in_read,
        args=(strip_id,),
    )
    files = st.popover(
        "Files", icon=":material/download:", key=f"files_{strip_id}", on_change="rerun"
    )
    with files:
        if files.open:
            strip_files.one(strip_id)
    if not head.published:
        st.button(
            "Delete",
            icon=":material/delete:",
            key=f"delete_{strip_id}",
            on_click=_ask_to_delete,
            args=(strip_id,),
        )


def _facts(head: "kept.Head") -> str:
    facts = [
        head.created.replace("T", " ")[:16] or "no date",
        ", ".join(head.pairs),
        f"{len(head.columns)} λ",
        head.kind,
        _MODES[head.mode],
        "answers differ" if head.differs else "all the same",
    ]
    if not head.complete:
        facts.append("not complete")
    if head.published:
        facts.append("ships with the project")
    return " · ".join(facts)


def _ask_to_delete(strip_id: str) -> None:
    st.session_state[GOING] = strip_id


def _sure(strip_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Delete it for good?** Votes on it stay, without their texts.")
        st.button("Delete it", type="primary", key="delete_yes", on_click=_delete, args=(strip_id,))
        st.button("Keep it", key="delete_no", on_click=_ask_to_delete, args=("",))


def _delete(strip_id: str) -> None:
    st.session_state.pop(GOING, None)
    try:
        kept.delete(strip_id)
    except PartwayError as error:
        st.session_state[PROBLEM] = str(error)
