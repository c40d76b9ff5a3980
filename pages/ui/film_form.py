"""The form of Read: prompt, columns and settings, and the scene that they make.

Session keys that begin with `ask_` are the form; `scene_now` reads them, `fill` writes them.
Bad input is one sentence below the form, and nothing is sent.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui import film_few_shot, film_turns, lam_control
from pages.ui.words import plain

side = api.side_by_side
TEXT, MODE, COLUMNS, LENGTH = "ask_text", "ask_mode", "ask_columns", "ask_length"
TEMPERATURE, TOP_P, SEED, STOPS = "ask_temperature", "ask_top_p", "ask_seed", "ask_stops"
KIND, PRESET, PICK, PROBLEM, SENT_TEXT = (
    *("ask_kind", "ask_preset", "ask_pick", "ask_problem"),
    "ask_sent_text",
)
MODES: dict[str, str] = {"chat": "Chat", "completion": "Plain text", "few-shot": "Few-shot"}
MOST_CHARACTERS = 200_000
LONGEST = 4096
DEFAULT_COLUMNS = "0:1:0.1"
_BEGUN = "ask_begun"  # the pair whose prompt the form began with, and that prompt


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def material(pair: str) -> tuple[tuple[api.Preset, ...], dict[str, str]]:
    """Presets to begin with, and measured few-shot tasks with the run that has their prompts."""
    names = api.references(pair)
    line = api.trade_off(pair, next(iter(names))) if names else None
    return api.presets(pair, line), side.few_shot(line)


def seed(pair: api.PairEntry) -> None:
    """Values of a fresh session."""
    state = st.session_state
    defaults: dict[str, Any] = {
        **{MODE: "chat", COLUMNS: DEFAULT_COLUMNS, LENGTH: 80, TEMPERATURE: 0.0, TOP_P: 1.0},
        **{SEED: 0, STOPS: "", KIND: side.OWN},
    }
    for key, value in defaults.items():
        state[key] = state.get(key, value)  # also keeps widgets' values between pages
    begun_of, begun_with = state.get(_BEGUN, (pair.name, ""))
    if TEXT not in state or (begun_of != pair.name and begun_with == state[TEXT]):
        state[TEXT] = ""
        presets = material(pair.name)[0]
        _take(next((one for one in presets if one.title == "list"), next(iter(presets), None)))
        state[_BEGUN] = pair.name, state[TEXT]
    state[TEXT] = state[TEXT]
    film_turns.seed()


@dataclass(frozen=True, slots=True)
class Buttons:
    """What Generate and Stop do; they run before the page is drawn again."""

    live: bool
    ask: Callable[[], None]
    stop: Callable[[], None]


def form(pair: api.PairEntry, buttons: Buttons) -> None:
    """Draw it."""
    presets, tasks = material(pair.name)
    with st.container(key="ask-top-row"):
        begin, mode = st.columns([3, 2], vertical_alignment="bottom")
    with begin:
        _preset_choice(presets)
    with mode:
        st.segmented_control(
            "Sent as", list(MODES), key=MODE, format_func=MODES.__getitem__, required=True
        )
    if st.session_state[MODE] == "few-shot":
        film_few_shot.choose(tasks, TEXT)
    with st.container(key="ask-text-row"):
        text, go = st.columns([5, 1], vertical_alignment="bottom")
    with text:
        st.text_area("Prompt", key=TEXT, height=72, max_chars=MOST_CHARACTERS)
    with go:
        _buttons(buttons)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="ask-row"):
        _columns(pair)
        st.number_input("At most tokens", 1, LONGEST, key=LENGTH, step=20, width=130)
        _sampling()
        if st.session_state[MODE] == "chat":
            film_turns.turns()
    with st.container(key="ask-notes"):
        _notes(pair, buttons.live)


def _buttons(buttons: Buttons) -> None:
    st.button(
        "Generate",
        type="primary",
        icon=":material/play_arrow:",
        disabled=buttons.live,
        key="ask_go",
        width="stretch",
        on_click=buttons.ask,
    )
    st.button(
        "Stop",
        icon=":material/stop:",
        disabled=not buttons.live,
        key="ask_stop",
        width="stretch",
        on_click=buttons.stop,
    )


def _columns(pair: api.PairEntry) -> None:
    st.text_input(
        "Columns: λ, start:end:step, pair@λ",
        key=COLUMNS,
        width=225,
        help="Up to 11, with commas between them. A bare λ belongs to the pair before it.",
    )
    st.pills(
        "Columns to take at a click",
        list(quick(pair)),
        key=PICK,
        on_change=_pick,
        args=(pair,),
        label_visibility="collapsed",
    )


def scene_now(pair: api.PairEntry) -> side.Scene:
    """What the form says now.

    Raises:
        PartwayError: a value cannot be used; the sentence names it.
    """
    state = st.session_state
    text = str(state[TEXT])
    if not text.strip():
        raise api.PartwayError("The prompt is empty. Write something for the models to answer.")
    own = (side.Message("user", text),)
    messages = (*film_turns.before(), *own) if state[MODE] == "chat" else own
    columns = side.columns(str(state[COLUMNS]), pair.name, api.pairs())
    kind = state[KIND] if text == state.get(SENT_TEXT) else side.OWN
    return side.Scene(state[MODE], messages, columns.places, decoding_now(), kind)


def prompt_now() -> tuple[str, str]:
    """How the prompt in the form would be sent, and its text."""
    return str(st.session_state[MODE]), str(st.session_state[TEXT])


def decoding_now() -> side.Decoding:
    """The sampling settings as exact texts."""
    state = st.session_state
    stops = [line for line in str(state[STOPS]).splitlines() if line]
    return side.Decoding(
        int(state[LENGTH]),
        temperature=f"{state[TEMPERATURE]:g}",
        top_p=f"{state[TOP_P]:g}",
        stop=tuple(line.replace("\\n", "\n").replace("\\t", "\t") for line in stops),
        seed=int(state[SEED]),
    )


def fill(scene: side.Scene, pair: str) -> None:
    """Put a question into the form; before its widgets are built."""
    state, decoding = st.session_state, scene.decoding
    *before, last = scene.messages
    state[MODE], state[TEXT] = scene.mode, last.content
    film_turns.put(tuple(before))
    state[COLUMNS] = side.as_text(scene.places, pair)
    state[LENGTH], state[SEED] = decoding.max_new_tokens, decoding.seed
    state[TEMPERATURE], state[TOP_P] = float(decoding.temperature), float(decoding.top_p)
    state[STOPS] = "\n".join(stop.replace("\n", "\\n") for stop in decoding.stop)
    state[KIND], state[SENT_TEXT] = scene.kind, last.content


def problem(error: PartwayError | None) -> None:
    """Keep a sentence about the form until the next try."""
    st.session_state[PROBLEM] = None if error is None else str(error)


def quick(pair: api.PairEntry) -> dict[str, str]:
    """Columns to take at a click."""
    lam = lam_control.current()
    near = sorted({max(-500, min(2000, lam.thousandths + step)) for step in range(-200, 201, 100)})
    pairs = ", ".join(f"{name}@{lam}" for name in list(api.pairs())[: side.MOST_COLUMNS])
    return {
        "Ends": "0, 1",
        "5": "0:1:0.25",
        "11": DEFAULT_COLUMNS,
        f"Around {lam}": ", ".join(str(api.Lam(at)) for at in near),
        f"Pairs at {lam}": pairs,
    }


def _pick(pair: api.PairEntry) -> None:
    chosen = quick(pair).get(st.session_state[PICK] or "")
    if chosen:
        st.session_state[COLUMNS] = chosen


def _preset_choice(presets: tuple[api.Preset, ...]) -> None:
    titles = {f"{one.group} · {one.title}": one for one in presets}
    st.selectbox(
        "Begin with",
        list(titles),
        key=PRESET,
        index=None,
        placeholder="A prompt of any kind that is measured, or write or paste your own below",
        on_change=lambda: _take(titles.get(st.session_state[PRESET] or "")),
    )


def _take(preset: api.Preset | None) -> None:
    """Put a preset into the form; None leaves what is there."""
    if preset is None:
        return
    state = st.session_state
    state[TEXT] = state[SENT_TEXT] = preset.text
    state[KIND] = f"{preset.group}: {preset.title}"
    examples = preset.group == "Few-shot"
    state[MODE] = "chat" if preset.chat else "few-shot" if examples else "completion"
    film_turns.put((side.Message("system", preset.system),) if preset.system else ())


def _sampling() -> None:
    decoding = decoding_now()
    with st.popover("Greedy" if decoding.greedy else f"T {decoding.temperature}"):
        st.slider(
            "Temperature (0 takes the most probable token)", 0.0, 2.0, step=0.1, key=TEMPERATURE
        )
        st.slider("Top-p", 0.05, 1.0, step=0.05, key=TOP_P, disabled=decoding.greedy)
        st.number_input("Seed", 0, 2**31 - 1, key=SEED, disabled=decoding.greedy)
        st.text_area("Stop at any of these (one a line, \\n is a new line)", key=STOPS, height=80)
        st.caption("Every column draws from a generator of this seed, so the dice are the same.")


def _notes(pair: api.PairEntry, live: bool) -> None:
    """One sentence on what cannot be used, else a line of counts."""
    if told := st.session_state.get(PROBLEM):
        st.error(plain(told), icon=":material/error:")
        return
    text = str(st.session_state[TEXT])
    try:
        columns = side.columns(str(st.session_state[COLUMNS]), pair.name, api.pairs())
    except PartwayError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    notes = [f"{len(columns.places)} columns · {len(text):,} characters"]
    if columns.repeated:
        notes.append(f"named twice and shown once: {', '.join(columns.repeated)}")
    notes += [*_control_characters(text), *([] if live else _rooms(pair))]
    st.caption(plain(" · ".join(notes)))


def _control_characters(text: str) -> list[str]:
    odd = sorted({one for one in text if unicodedata.category(one) == "Cc" and one not in "\n\t"})
    if not odd:
        return []
    named = ", ".join(f"U+{ord(one):04X}" for one in odd[:4])
    return [f"holds control characters ({named}), sent as they are"]


def _rooms(pair: api.PairEntry) -> list[str]:
    """How much of the context this takes, where an engine that runs can count it."""
    try:
        rooms = side.room(scene_now(pair))
    except PartwayError:  # said when it is asked, if it still holds then
        return []
    return [
        f"{room.pair}: {room.prompt:,} tokens and up to {room.longest:,} of an answer, "
        + (f"{room.over:,} too many for" if room.over else "of")
        + f" {room.context:,}"
        for room in rooms
    ]


def refuse_overflow(scene: side.Scene) -> None:
    """Say before sending that a prompt does not fit, where that can be counted.

    Raises:
        PartwayError: it does not fit.
    """
    for room in side.room(scene):
        if room.over:
            raise api.PartwayError(
                f"The prompt has {room.prompt:,} tokens and the answer may have {room.longest:,}: "
                f"{room.over:,} more than {room.pair}'s context of {room.context:,}. "
                "Shorten the prompt, or ask for fewer tokens. Nothing was sent."
            )
