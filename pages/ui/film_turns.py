"""What comes before the prompt in a chat: a system prompt and earlier turns.

A conversation can be pasted whole; an answer can become its next turn.
"""

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.words import plain

Message = api.side_by_side.Message
SYSTEM, TURNS, PASTED, TROUBLE = "ask_system", "ask_turns", "ask_pasted", "ask_paste_trouble"
TEXT = "ask_text"
_WHO = {"user": "User", "assistant": "Assistant", "system": "System"}


def seed() -> None:
    """Nothing before the prompt, unless the session knows better."""
    state = st.session_state
    state[SYSTEM] = state.get(SYSTEM) or ""
    state.setdefault(TURNS, [])


def put(messages: tuple[api.Message, ...]) -> None:
    """Replace system prompt and earlier turns."""
    state = st.session_state
    system = [one.content for one in messages if one.role == "system"]
    state[SYSTEM] = "\n".join(system)
    state[TURNS] = [(one.role, one.content) for one in messages if one.role != "system"]


def before() -> tuple[api.Message, ...]:
    """System prompt and earlier turns, in order."""
    state = st.session_state
    system = str(state.get(SYSTEM) or "")
    first = (Message("system", system),) if system.strip() else ()
    return (*first, *(Message(role, text) for role, text in state.get(TURNS, [])))


def go_on(messages: tuple[api.Message, ...], answer: str) -> None:
    """A question and its answer become what comes before; the box is free for the next turn."""
    put((*messages, Message("assistant", answer)))
    st.session_state[TEXT] = ""


def turns() -> None:
    """A panel to open, whose label says what is in it."""
    earlier = st.session_state[TURNS]
    parts = ["a system prompt"] if str(st.session_state[SYSTEM]).strip() else []
    parts += [f"{len(earlier)} earlier turns"] if earlier else []
    with st.popover(f"Conversation: {' and '.join(parts)}" if parts else "Conversation"):
        st.text_area("System prompt", key=SYSTEM, height=68)
        for number, (role, text) in enumerate(earlier):
            with st.container(horizontal=True, vertical_alignment="top"):
                st.markdown(f"**{_WHO[role]}**", width=90)
                st.text(text)
                st.button(
                    "Remove",
                    key=f"ask_drop_{number}",
                    type="tertiary",
                    on_click=_drop,
                    args=(number,),
                )
        st.text_area(
            "Paste a conversation",
            key=PASTED,
            height=68,
            placeholder='User: …  Assistant: …  or [{"role": "user", "content": "…"}]',
        )
        if told := st.session_state.get(TROUBLE):
            st.error(plain(told), icon=":material/error:")
        st.button("Take it over", on_click=_take_pasted)


def _drop(number: int) -> None:
    st.session_state[TURNS] = [
        turn for at, turn in enumerate(st.session_state[TURNS]) if at != number
    ]


def _take_pasted() -> None:
    """The last user's turn goes into the box, the others before it."""
    state = st.session_state
    try:
        messages = api.side_by_side.read_conversation(str(state[PASTED]))
    except PartwayError as error:
        state[TROUBLE] = str(error)
        return
    state[TROUBLE], state[PASTED] = None, ""
    last = messages[-1]
    if last.role == "user":
        state[TEXT] = last.content
        messages = messages[:-1]
    put(messages)
