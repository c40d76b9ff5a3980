"""Ask one prompt at the chosen λ, beside base and instruct, and read the answers.

Model text is shown as text, never as markdown or HTML. Presets are prompts that were
measured; the exact text that the model was given can be opened.
"""

import streamlit as st

from core import api
from core.figures.colour import colour
from core.lam import BASE, INSTRUCT
from pages.ui import lam_control
from pages.ui.answers import Answer, Answers, Question
from pages.ui.words import plain

LENGTHS = (40, 80, 160, 320)
POLL_SECONDS = 0.08
_TEXT, _FORM, _PRESET, _LENGTH = "prompt_text", "prompt_form", "prompt_preset", "prompt_length"
_SYSTEM, _ANSWERS, _BEGUN = "prompt_system", "prompt_answers", "prompt_begun"
_CHAT, _PLAIN = "Chat", "Plain text"
_ANSWER_PX, _BADGES_PX = 210, 32
_BADGES: dict[str, tuple[str, str]] = {
    "waiting": ("waiting", ":material/hourglass_empty:"),
    "writing": ("writing", ":material/edit:"),
    "ended": ("ended", ":material/check:"),
    "cut": ("cut at the length limit", ":material/content_cut:"),
    "stopped": ("stopped", ":material/stop:"),
    "failed": ("failed", ":material/error:"),
}


@st.fragment(key="ask")
def prompt_box(pair: api.PairEntry, presets: tuple[api.Preset, ...]) -> None:
    """The whole box; typing and choosing redraw only this."""
    st.subheader("Read what they say", anchor=False)
    st.caption(
        "One prompt at the chosen λ, between the base and the instruct model: all at once or one "
        "after the other, whichever is quicker here. Greedy: the same prompt gives the same "
        "answer. The engine starts when you first ask."
    )
    _seed(pair, presets)
    _form(pair, presets)
    answers: Answers | None = st.session_state.get(_ANSWERS)
    if answers is None or answers.question.pair != pair.name:
        with st.container(key="told"):
            st.caption("Nothing asked yet.")
        _columns(tuple(Answer(lam) for lam in _lams()), asked=False)
        return
    every = POLL_SECONDS if answers.live else None
    st.fragment(_growing, run_every=every)(answers)


def _form(pair: api.PairEntry, presets: tuple[api.Preset, ...]) -> None:
    titles = {f"{one.group} · {one.title}": one for one in presets}
    st.selectbox(
        "Begin with",
        list(titles),
        key=_PRESET,
        index=None,
        placeholder="Choose a prompt, or write your own below",
        on_change=lambda: _take(titles.get(st.session_state[_PRESET])),
    )
    st.text_area("Prompt", key=_TEXT, height=120)
    answers: Answers | None = st.session_state.get(_ANSWERS)
    live = answers is not None and answers.live
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Sent as", [_CHAT, _PLAIN], key=_FORM, required=True)
        st.selectbox("At most", LENGTHS, key=_LENGTH, format_func="{} tokens".format, width=150)
        # Never disabled: a button that is loses the keyboard's focus to the top of the page.
        st.button(
            "Generate",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_ask,
            args=(pair.name,),
        )
        st.button("Stop", icon=":material/stop:", on_click=_stop, disabled=not live)


def _seed(pair: api.PairEntry, presets: tuple[api.Preset, ...]) -> None:
    st.session_state.setdefault(_FORM, _CHAT)
    st.session_state.setdefault(_LENGTH, LENGTHS[1])
    begun_of, begun_with = st.session_state.get(_BEGUN, (pair.name, ""))
    untouched = begun_with == st.session_state.get(_TEXT)
    if _TEXT not in st.session_state or (untouched and begun_of != pair.name):
        _take(presets[0] if presets else None)
        st.session_state[_BEGUN] = pair.name, st.session_state[_TEXT]


def _take(preset: api.Preset | None) -> None:
    """Put a preset into the box; None leaves what is there."""
    if preset is None:
        st.session_state.setdefault(_TEXT, "")
        return
    st.session_state[_TEXT] = preset.text
    st.session_state[_FORM] = _CHAT if preset.chat else _PLAIN
    st.session_state[_SYSTEM] = preset.system


def _lams() -> tuple[api.Lam, ...]:
    return tuple(sorted({BASE, INSTRUCT, lam_control.current()}))


def _ask(pair_name: str) -> None:
    text = str(st.session_state[_TEXT])
    if not text.strip():
        return
    _stop()
    st.session_state[_ANSWERS] = Answers(
        Question(
            pair=pair_name,
            lams=_lams(),
            text=text,
            chat=st.session_state[_FORM] == _CHAT,
            system=st.session_state.get(_SYSTEM),
            decoding=api.Decoding(max_new_tokens=st.session_state[_LENGTH]),
        )
    )


def _stop() -> None:
    answers: Answers | None = st.session_state.get(_ANSWERS)
    if answers is not None:
        answers.stop()


def _growing(answers: Answers) -> None:
    """Redrawn while the answers grow; the last time it wakes the whole page."""
    shown = answers.look()
    if answers.notice:
        st.warning(plain(answers.notice), icon=":material/restart_alt:")
    if answers.problem:
        st.error(plain(answers.problem), icon=":material/error:")
    else:
        with st.container(key="told"):
            st.caption(plain(answers.told()))
    _columns(shown, asked=True)
    _exact_prompt(answers)
    if not answers.live and st.session_state.get("answers_seen") is not answers:
        st.session_state["answers_seen"] = answers
        st.rerun()


def _columns(answers: tuple[Answer, ...], asked: bool) -> None:
    with st.container(key="answers-row"):
        columns = st.columns(len(answers))
    for column, answer in zip(columns, answers, strict=True):
        with column, st.container(border=True, key=f"answer-{answer.lam.thousandths}"):
            st.html(f'<div class="partway-bar" style="background:{colour(answer.lam)}"></div>')
            st.markdown(f"**{_name(answer.lam)}**")
            with st.container(height=_ANSWER_PX, border=False):
                st.text(answer.text)
            with st.container(horizontal=True, gap="small", height=_BADGES_PX, border=False):
                if asked:
                    _badges(answer)


def _badges(answer: Answer) -> None:
    words, icon = _BADGES[answer.state]
    st.badge(words, icon=icon, color="gray")
    if answer.tokens:
        st.badge(f"{answer.tokens} tokens · {answer.seconds:.1f} s", color="gray")


def _name(lam: api.Lam) -> str:
    return f"λ = {lam}" + (" · base" if lam.is_base else " · instruct" if lam.is_instruct else "")


def _exact_prompt(answers: Answers) -> None:
    with st.expander("The exact text that the model was given"):
        if answers.prompt is None:
            st.caption("It is shown here once the engine has rendered it.")
            return
        st.caption(f"{len(answers.prompt.encode())} bytes in UTF-8, the same for every λ.")
        st.code(answers.prompt, language=None, wrap_lines=True)
