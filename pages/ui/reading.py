"""Read: one prompt, its columns streaming side by side, and why an answer changes.

The answers are written by threads of this process (`core/jobs/filming.py`); the page only looks,
ten times a second while something may still come. A reload finds them again by the address.
"""

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui import (
    film_few_shot,
    film_form,
    film_state,
    film_turns,
    film_view,
    frame,
    history,
    strip_files,
)
from pages.ui.loading import loading_told
from pages.ui.token_heat import why_it_changed
from pages.ui.words import plain

side = api.side_by_side
POLL_SECONDS = 0.1
REFERENCE, WHY, DONE = "film_reference", "film_why", "film_done"


def reading(pair: api.PairEntry) -> None:
    """The whole part."""
    followed = film_state.follow_link()
    film_form.seed(pair)
    film = film_state.shown()
    if followed and film is not None:
        film_form.fill(film.scene, pair.name)
        _look_afresh()
    elif film is None and not film_state.trouble():
        _open_kept(pair)
    _read(pair)


def _open_kept(pair: api.PairEntry) -> None:
    """Answers that are kept to the very prompt in the form: the page is alive without an engine."""
    heads = history.kept.search(history.kept.Wanted(pair=pair.name)).heads
    same = [
        one for one in heads if one.complete and (one.mode, one.title) == film_form.prompt_now()
    ]
    if same:
        film_state.show(side.read(max(same, key=lambda one: len(one.columns)).strip_id))


@st.fragment(key="film-read")
def _read(pair: api.PairEntry) -> None:
    with frame.boundary():
        film = film_state.shown()
        live = film is not None and film.live
        film_form.form(pair, film_form.Buttons(live, lambda: _ask(pair), _stop))
        if told := film_state.trouble():
            st.warning(plain(told), icon=":material/link_off:")
        if film is None:
            _nothing_yet(pair)
            history.latest(pair.name)
            return
        st.fragment(_growing, run_every=POLL_SECONDS if film.live else None)(film)
        if film.live:
            return
        _go_on(film)
        row = st.session_state.get(WHY)
        if row is not None and row < len(film.look()):
            why_it_changed(film, row)
        if film.strip_id and not film.live and not film.unkept:
            strip_files.below(film.strip_id)
        if isinstance(film, side.Still):
            history.latest(pair.name)


def _ask(pair: api.PairEntry) -> None:
    try:
        scene = film_form.scene_now(pair)
        film_form.refuse_overflow(scene)
    except PartwayError as error:
        film_form.problem(error)
    else:
        film_form.problem(None)
        _look_afresh()
        film_state.put(side.begin(scene, api.open_engine))


def _stop() -> None:
    film = film_state.shown()
    if isinstance(film, side.Film):
        film.stop()


def _look_afresh() -> None:
    for key in (REFERENCE, WHY, DONE):
        st.session_state.pop(key, None)


def _nothing_yet(pair: api.PairEntry) -> None:
    if (missing := api.not_here(pair)) is not None:
        st.warning(plain(missing), icon=":material/cloud_off:")
        st.caption("Says what the pair needs, and fetches it:")
        st.code(f"python -m core pairs check {pair.name} --download", language="bash")
        return
    with st.container(border=True):
        st.markdown(
            "**Nothing asked yet.** Choose a prompt above and press Generate: every column "
            "answers it at the same time, from the same bytes and the same seed. The engine "
            "starts when it is first needed."
        )


def _growing(film: film_state.Shown) -> None:
    """Redrawn while the columns grow; the last time it wakes what is around it."""
    with frame.boundary():
        if film is not film_state.shown():  # a button of this very part has begun another one
            st.rerun()
        takes = film.look()
        live = film.live
        with st.container(key="film-told"):
            st.caption(plain(_told(film, takes)))
            if film.problem and not live:
                _trouble(film, takes)
            elif film.unkept:
                st.warning(plain(f"These answers could not be kept: {film.unkept}"))
        aids = film_view.Aids(
            st.session_state.get(REFERENCE, film_view.NEIGHBOUR),
            checks=_checks(film.scene),
            target=film_few_shot.target(film.scene.messages[-1].content),
        )
        said = [side.parting.Said(take.text, take.open) for take in takes]
        words = side.parting.in_words(said, film_view.names_of(film, takes))
        why, compare = film_view.draw(film, takes, aids, words)
        if compare is not None:
            same = st.session_state.get(REFERENCE) == compare
            st.session_state[REFERENCE] = film_view.NEIGHBOUR if same else compare
            st.rerun()
        if why is not None:
            st.session_state[WHY] = why
            st.rerun()
        _exact_prompt(film)
        if not live:
            film_state.address_of(film)
            if st.session_state.get(DONE) is not film:
                st.session_state[DONE] = film
                st.rerun()


def _go_on(film: film_state.Shown) -> None:
    """In a chat, one column's answer may become the next turn of the conversation."""
    takes = film.look()
    rows = [row for row, take in enumerate(takes) if take.text]
    if film.scene.mode != "chat" or not rows:
        return
    names = film_view.names_of(film, takes)
    with st.expander("Go on with this conversation"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            row = st.selectbox(
                "Take the answer of", rows, format_func=names.__getitem__, key="go_on", width=220
            )
            st.button(
                "as the next turn, and write on",
                on_click=film_turns.go_on,
                args=(film.scene.messages, takes[row].text),
            )
        st.text(takes[row].text)


def _told(film: film_state.Shown, takes: tuple[side.Take, ...]) -> str:
    """Where it is: stage or result, speed, form and why."""
    if isinstance(film, side.Still):
        kept = film.strip
        when = kept.created[:16].replace("T", " ") + " UTC" if kept.created else "some time ago"
        return f"Kept {when} · {_settings(film)} · {_forms(takes)}"
    seconds = film.seconds()
    if film.live and film.stage != "writing":
        stage = film.stage[0].upper() + film.stage[1:]
        more = loading_told() if film.stage.startswith("loading") else ""
        return f"{stage}… {seconds:.0f} s{more}"
    tokens = sum(take.tokens for take in takes)
    first = [take.first for take in takes if take.first is not None]
    began = f", first words after {min(first):.1f} s" if first else ""
    state = "Writing…" if film.live else "Ended:" if film.problem else "Done:"
    counts = f"{state} {tokens:,} tokens in {seconds:.1f} s{began}"
    return f"{counts} · {_settings(film)} · {_forms(takes)}"


def _settings(film: film_state.Shown) -> str:
    decoding = film.scene.decoding
    if decoding.greedy:
        return "greedy"
    return f"temperature {decoding.temperature}, top-p {decoding.top_p}, seed {decoding.seed}"


def _forms(takes: tuple[side.Take, ...]) -> str:
    """Which form wrote which columns, and why; said once where it is one."""
    told = dict.fromkeys(
        (take.place.pair, take.form, take.why) for take in takes if take.form is not None
    )
    several = len(told) > 1
    return " ".join(
        f"{f'{pair}: ' if several else ''}{form}, {why[:1].lower()}{why[1:]}"
        for pair, form, why in told
    )


def _trouble(film: film_state.Shown, takes: tuple[side.Take, ...]) -> None:
    """What went wrong, what was kept, and the way on."""
    some = any(take.tokens for take in takes)
    kept = " What had come is kept below." if some else ""
    st.error(plain(f"{film.problem}{kept}"), icon=":material/error:")
    unfinished = [take for take in takes if take.state not in ("ended", "cut")]
    with st.container(horizontal=True):
        if some and len(unfinished) < len(takes):
            st.button(
                f"Ask the {len(unfinished)} unfinished again",
                on_click=_again,
                args=(film, takes),
                key="film_go_on",
            )
        st.button("Ask all again", on_click=_again, args=(film, ()), key="film_again")


def _again(film: film_state.Shown, done: tuple[side.Take, ...]) -> None:
    """The same scene: prompt and seed are the same, so each column begins as it did."""
    _look_afresh()
    film_state.put(side.begin(film.scene, api.open_engine, done))


@st.cache_data(max_entries=64, show_spinner=False)
def _checks_of(text: str, system: str | None) -> object:
    return side.checks(text, system)


def _checks(scene: side.Scene) -> object:
    """The checks of the instruction that this prompt is, in a chat of one turn."""
    own = [turn for turn in scene.messages if turn.role != "system"]
    system = next((turn.content for turn in scene.messages if turn.role == "system"), None)
    if scene.mode != "chat" or len(own) != 1:
        return None
    return _checks_of(own[0].content, system)


def _exact_prompt(film: film_state.Shown) -> None:
    """The bytes that were encoded, to be opened and copied."""
    with st.expander("The exact text that the models were given"):
        if not film.prompts:
            st.caption("It is shown here once the engine has rendered it.")
            return
        texts = set(film.prompts.values())
        if len(texts) == 1:
            (text,) = texts
            st.caption(f"{len(text.encode()):,} bytes in UTF-8, the very same for every column.")
            st.code(text, language=None, wrap_lines=True)
            return
        st.caption("The pairs have chat templates of their own, so their texts differ.")
        for pair, text in film.prompts.items():
            st.markdown(f"**{plain(pair)}**: {len(text.encode()):,} bytes in UTF-8")
            st.code(text, language=None, wrap_lines=True)
