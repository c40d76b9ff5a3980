"""The presenter's view of the Trade-off page: a sentence, the plane, the dial, and answers.

`?present=1` opens it, Esc or the button leaves it; ← and → go to the next measured λ. It draws
what the page draws (the same sentence, the same figure), larger and without what only a
researcher reads. Stored results alone: no engine is asked.
"""

import streamlit as st

from core import api
from core.api import comparing
from core.figures.colour import colour
from core.lam import Lam
from pages.ui import charts, choices, frame, guard, lam_control, link, tasks, weight
from pages.ui.words import plain

PRESENT, PROMPT = "present", "prompt"
PLANE_PX = 515
_PICK = "prompt_pick"
# Without sidebar and header; as high as the window, so that nothing has to be scrolled to.
_STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"],
[data-testid="stExpandSidebarButton"], [data-testid="stHeader"] { display: none !important; }
[data-testid="stMainBlockContainer"] { padding: 1.1rem 2rem 0.6rem !important; max-width: none; }
</style>"""
_ENDS = {"stop": "", "length": "cut at the length limit", "cancelled": "stopped"}


def on() -> bool:
    """Whether the address, or the person, asks for it."""
    asked = link.asked(PRESENT)
    value = (link.taken(PRESENT) or "") if asked is None else asked
    link.note(PRESENT, "1" if value == "1" else "")
    return value == "1"


def present(pair: api.PairEntry) -> None:
    """The whole view."""
    st.html(_STYLE)
    references = api.references(pair.name)
    choices.seed(choices.AXIS, list(api.AXES))
    choices.seed(choices.VIEW, list(api.VIEWS))
    weight.seed()
    line = _line(pair.name, list(references)) if references else None
    lam_control.seed(line)
    if line is None:
        _top(pair.name)
        st.markdown(
            f"**{plain(pair.name)}** has no stored results yet, so there is nothing to show."
        )
        return
    _follow(line, api.reporting.stored_answers(line))


def _line(pair: str, references: list[str]) -> api.TradeOff | None:
    reference = choices.seed(choices.REFERENCE, references)
    whole = guard.read(pair, reference)
    counted = tasks.seed(whole) if whole else None
    return guard.read(pair, reference, counted) if counted else whole


@st.fragment(key=lam_control.FOLLOWS)
def _follow(line: api.TradeOff, strips: tuple[api.side_by_side.Filmstrip, ...]) -> None:
    """Everything that follows λ."""
    with frame.boundary():
        lam, axis = lam_control.current(), choices.axis()
        _top(f"{line.pair}, λ = {lam}")
        for complaint in link.complaints():
            st.warning(plain(complaint), icon=":material/link_off:")
        said = api.sentence(line, lam, axis)
        with st.container(key="present-said"):
            st.markdown(
                "".join(f"**{plain(p.text)}**" if p.strong else plain(p.text) for p in said.parts)
            )
        with st.container(key="present-row"):
            left, right = st.columns([3, 2], gap="medium")
        with left:
            joint = comparing.compared(line, axis)
            look = api.Look(lam, axis, choices.view())
            charts.plane(line, look, joint.together, weight.current(), (), PLANE_PX)
        with right:
            _answers(line, lam, strips)
        _dial(line, lam)


def _top(words: str) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="present-top",
    ):  # fmt: skip
        st.markdown(f"**{plain(words)}**", width="content")
        if st.button(
            "Leave", icon=":material/close_fullscreen:", key="present_leave", shortcut="Esc"
        ):
            link.write(PRESENT, "")
            st.rerun()  # the whole page: this may stand in the part that follows λ


def _dial(line: api.TradeOff, lam: Lam) -> None:
    """The slider between two buttons that the arrow keys press."""
    stops = lam_control.measured(line)
    at = stops.index(lam.thousandths)
    with st.container(key="present-dial"):
        before, dial, after = st.columns([1, 10, 1], gap="medium", vertical_alignment="center")
    with before:
        _step("Lower λ", "Left", stops[at - 1] if at else None)
    with dial:
        lam_control.slider(line, measured_only=True)
    with after:
        _step("Higher λ", "Right", stops[at + 1] if at + 1 < len(stops) else None)


def _step(words: str, key: str, to: int | None) -> None:
    st.button(
        words,
        key=f"present_{key}",
        shortcut=key,
        disabled=to is None,
        on_click=lam_control.choose,
        args=(to,),
        width="stretch",
    )


def _answers(line: api.TradeOff, lam: Lam, strips: tuple[api.side_by_side.Filmstrip, ...]) -> None:
    """One prompt, answered at the base, at the chosen λ and by the instruct model."""
    with st.container(key="present-answers", gap="small"):
        if not strips:
            st.markdown("No answers of this pair are kept. **Side by side** asks for some.")
            return
        # Whole at a glance first: one question, with no instructions or turns before it.
        known = sorted(strips, key=lambda one: len(one.asked.messages))
        strip = _picked({one.strip_id: one for one in known})
        with st.container(key="present-asked"):
            for turn in strip.asked.messages[:-1]:
                st.caption(plain(f"{turn.role}: {turn.content}"))
            st.text(strip.asked.messages[-1].content)
        for at, name in ((Lam(0), "Base"), (lam, "Chosen"), (Lam(1000), "Instruct")):
            _answer(line, strip, at, name)


def _picked(known: "dict[str, api.side_by_side.Filmstrip]") -> api.side_by_side.Filmstrip:
    asked = link.asked(PROMPT)
    chosen = asked or link.taken(PROMPT) or next(iter(known))
    if chosen not in known:
        link.complain(PROMPT, f"There is no stored prompt {chosen[:40]!r} here; another is shown.")
        chosen = next(iter(known))
    elif asked is not None:
        link.withdraw(PROMPT)
    link.note(PROMPT, chosen)
    st.session_state[_PICK] = chosen
    st.selectbox(
        "Prompt",
        list(known),
        format_func=lambda one: f"{known[one].kind}: {known[one].asked.title[:60]}",
        key=_PICK,
        on_change=lambda: link.write(PROMPT, st.session_state[_PICK]),
        label_visibility="collapsed",
    )
    return known[chosen]


def _answer(line: api.TradeOff, strip: api.side_by_side.Filmstrip, lam: Lam, name: str) -> None:
    """What is stored at exactly this λ; else that nothing is."""
    found = strip.answer_of(f"{line.pair}@{lam}")
    with st.container(key=f"present-say-{name.lower()}", gap="xxsmall"):
        st.html(f'<div class="partway-bar" style="background:{colour(lam)}"></div>')
        ended = "" if found is None else _ENDS.get(found.finish, "failed")
        st.markdown(f"**{name}, λ = {lam}**" + (f" · {ended}" if ended else ""))
        if found is None:
            st.caption(f"No answer to this prompt is stored at λ = {lam}.")
        else:
            st.text(found.text or "(it ended at once: no text)")
