"""Taste blind: two answers without their λ, a choice by button or key, what people prefer.

The panes say nothing of λ until they are revealed. Every vote is on the disk before the next
pair is shown. The round lives in the session; votes live in results/votes.
"""

import random
import time
from dataclasses import dataclass, field

import streamlit as st

from core import api
from core.errors import PartwayError
from core.lam import INSTRUCT, Lam
from pages.ui import tasting_results
from pages.ui.words import plain

taste = api.tasting
ROUND, PROBLEM, WHO, REVEALED = "taste_round", "taste_problem", "taste_who", "taste_revealed"
SOURCE, LAMS, AGAINST, SEED = "taste_source", "taste_lams", "taste_against", "taste_seed"
SUITE, KEPT = "Measured instructions", "Kept filmstrips"
ONE, ANY = "λ = 1 and another", "Any two"
# A key that is held down repeats: nobody has read two texts in this time.
FASTEST_SECONDS = 0.4
PROMPT_PX, PANE_PX = 136, 230
CHOICES: tuple[tuple[taste.Choice, str], ...] = (
    ("1", "1 is better"),
    ("2", "2 is better"),
    ("0", "The same"),
    ("x", "Both are bad"),
)


@dataclass
class Round:
    """One sitting: who, what, in which order, and the votes so far."""

    who: str
    rows: taste.Rows
    seed: int
    order: taste.Order
    votes: list[taste.Vote] = field(default_factory=list)
    shown: float = 0.0

    @property
    def turn(self) -> taste.Turn | None:
        """What is to be voted on now."""
        at = len(self.votes)
        return self.order.turns[at] if at < len(self.order.turns) else None


def tasting(pair: api.PairEntry) -> None:
    """The whole part."""
    st.caption(
        "Two answers to one prompt, in random order and without their λ. Say which is better; "
        "afterwards see which λ you chose, and what all votes say of λ."
    )
    _part(pair)


@st.fragment(key="taste")
def _part(pair: api.PairEntry) -> None:
    sitting: Round | None = st.session_state.get(ROUND)
    if sitting is not None and sitting.rows.pair.name != pair.name:
        sitting = None
    if told := st.session_state.get(PROBLEM):
        st.warning(plain(told), icon=":material/info:")
    if sitting is None:
        sources = _sources(pair)
        if not sources:
            _nothing(pair)
            return
        _setup(sources)
        tasting_results.expander(pair, next(iter(sources.values())).pair, sources)
    elif st.session_state.get(REVEALED):
        _back(sitting)
        tasting_results.revealed(sitting.votes, sitting.rows)
        tasting_results.results(pair, sitting.rows.pair, _sources(pair))
    else:
        _turn(sitting)


def _sources(pair: api.PairEntry) -> dict[str, taste.Rows]:
    """What can be tasted, the larger thing first."""
    found: dict[str, taste.Rows] = {}
    content = taste.identity(pair.name)
    suite = taste.suite(pair.name, content)
    if suite is not None and suite.rows:
        found[SUITE] = suite
    identity = content or (suite.pair if suite else None)
    if identity is not None and (kept := taste.filmstrips(identity)).rows:
        found[KEPT] = kept
    return found


def _nothing(pair: api.PairEntry) -> None:
    st.info(
        f"There is nothing of {plain(pair.name)} to taste yet: no instructions were answered by "
        "a sweep, and no filmstrip is kept. Ask a prompt under Read, or a list under Batch.",
        icon=":material/info:",
    )


def _setup(sources: dict[str, taste.Rows]) -> None:
    state = st.session_state
    if state.get(SOURCE) not in sources:
        state[SOURCE] = next(iter(sources))
    rows = sources[state[SOURCE]]
    state.setdefault(WHO, "")
    state.setdefault(AGAINST, ONE)
    state.setdefault(SEED, random.randrange(1_000_000))
    chosen = [lam for lam in state.get(LAMS, ()) if lam in rows.lams]
    state[LAMS] = chosen if len(chosen) > 1 else list(rows.lams)
    with st.container(border=True, key="taste-setup"):
        st.segmented_control(
            "Answers from",
            list(sources),
            key=SOURCE,
            required=True,
            format_func=lambda name: f"{name} ({len(sources[name].rows)})",
        )
        st.multiselect("λ to taste", list(rows.lams), key=LAMS, format_func=str)
        with st.container(horizontal=True, vertical_alignment="bottom", key="taste-row"):
            st.segmented_control("Each time", [ONE, ANY], key=AGAINST, required=True)
            st.text_input(
                "Your name, as you like", key=WHO, max_chars=60, width=220, placeholder="anonymous"
            )
            st.number_input("Seed of the order", 0, 2**31 - 1, key=SEED, step=1, width=160)
            st.button(
                "Begin",
                type="primary",
                icon=":material/play_arrow:",
                on_click=_begin,
                args=(rows,),
                key="taste_begin",
            )


def _begin(rows: taste.Rows) -> None:
    state = st.session_state
    state.pop(PROBLEM, None)
    try:
        who = taste.checked_who(state[WHO])
        lams = tuple(sorted(state[LAMS]))
        against = INSTRUCT if state[AGAINST] == ONE else None
        order = taste.order(rows, taste.Taste(lams, int(state[SEED]), against), who)
    except PartwayError as error:
        state[PROBLEM] = str(error)
        return
    if not order.turns:
        state[PROBLEM] = _why_none(order, lams, against)
        return
    state[REVEALED] = False
    state[ROUND] = Round(who, rows, int(state[SEED]), order)


def _why_none(order: taste.Order, lams: tuple[Lam, ...], against: Lam | None) -> str:
    if against is not None and against not in lams:
        return f"λ = {against} is not among the chosen ones. Add it, or compare any two."
    if order.voted:
        return (
            f"You have voted on all {order.voted} pairs of these λ. Take other λ or another name."
        )
    return f"All {order.same} pairs of answers at these λ are the very same text. Take other λ."


def _turn(sitting: Round) -> None:
    turn = sitting.turn
    _told(sitting)
    if turn is None:
        st.success("That was the last pair of this order.", icon=":material/check:")
        _actions(sitting)
        return
    # A fixed height: the buttons must not move under the pointer from one prompt to the next.
    with st.container(border=True, height=PROMPT_PX, key="taste-prompt"):
        for said in turn.row.turns:
            st.caption(said.role)
            st.text(said.content)
    with st.container(key="taste-panes-row"):
        columns = st.columns(2, gap="medium")
    for number, (column, text) in enumerate(zip(columns, turn.texts, strict=True), start=1):
        with column:
            _pane(number, text)
    with st.container(horizontal=True, key="taste-choices"):
        for choice, words in CHOICES:
            st.button(
                words,
                key=f"taste_{choice}_{turn.number}",
                shortcut=choice,
                on_click=_vote,
                args=(choice, turn.number),
            )
    _actions(sitting)
    sitting.shown = time.monotonic()


def _pane(number: int, text: str) -> None:
    with st.container(border=True, key=f"taste-pane-{number}"):
        st.markdown(f"**{number}**")
        with st.container(height=PANE_PX, border=False):
            st.text(text if text.strip() else "(empty)")


def _told(sitting: Round) -> None:
    left = len(sitting.order.turns) - len(sitting.votes)
    said = f"{len(sitting.votes)} votes by {sitting.who} · {left} pairs left · seed {sitting.seed}"
    if sitting.order.same:
        said += f" · {sitting.order.same} pairs with the very same text are left out"
    st.caption(plain(said))


def _actions(sitting: Round) -> None:
    with st.container(horizontal=True, key="taste-actions"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="taste_undo",
            shortcut="u",
            on_click=_undo,
            disabled=not sitting.votes,
        )
        st.button(
            "Reveal and see results",
            icon=":material/visibility:",
            key="taste_reveal",
            on_click=_set,
            args=(REVEALED, True),
            disabled=not sitting.votes,
        )
        st.button(
            "Leave", icon=":material/close:", key="taste_leave", on_click=_set, args=(ROUND, None)
        )


def _back(sitting: Round) -> None:
    with st.container(horizontal=True, key="taste-actions"):
        if sitting.turn is not None:
            st.button(
                "Go on tasting",
                icon=":material/arrow_back:",
                key="taste_on",
                on_click=_set,
                args=(REVEALED, False),
            )
        st.button(
            "Leave", icon=":material/close:", key="taste_leave", on_click=_set, args=(ROUND, None)
        )


def _set(name: str, value: object) -> None:
    st.session_state.pop(PROBLEM, None)
    st.session_state[name] = value


def _vote(choice: taste.Choice, number: int) -> None:
    """For a button of that turn: one that was pressed for an earlier turn counts no more."""
    sitting: Round | None = st.session_state.get(ROUND)
    st.session_state.pop(PROBLEM, None)
    if sitting is None or sitting.turn is None or sitting.turn.number != number:
        return
    if time.monotonic() - sitting.shown < FASTEST_SECONDS:
        st.session_state[PROBLEM] = (
            f"That was within {FASTEST_SECONDS} s of the texts' coming, too quick for a choice. "
            "It was not counted."
        )
        return
    try:
        sitting.votes.append(
            taste.cast(sitting.turn, choice, sitting.who, sitting.rows.pair, sitting.seed)
        )
    except PartwayError as error:
        st.session_state[PROBLEM] = str(error)


def _undo() -> None:
    sitting: Round | None = st.session_state.get(ROUND)
    st.session_state.pop(PROBLEM, None)
    if sitting is None or not sitting.votes:
        return
    try:
        taste.undo(sitting.votes[-1])
        sitting.votes.pop()
    except PartwayError as error:
        sitting.votes.pop()
        st.session_state[PROBLEM] = str(error)
