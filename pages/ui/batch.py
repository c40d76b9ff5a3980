"""Batch: a list of prompts over λ as a job of the queue, and reading what came, row by row.

The job goes on when the page is closed; `?batch=ID` finds it again. Its answers are filmstrips,
so they are in the history too. Not here: the rows (`batch_reader.py`).
"""

import streamlit as st

from core import api
from core.errors import PartwayError
from core.lam import parse_grid
from pages.ui import choices, frame, link
from pages.ui.batch_reader import reader
from pages.ui.waiting import waiting
from pages.ui.words import plain

lists = api.batching
POLL_SECONDS = 1.0
BATCH, SUITE = "batch", "suite"
FROM, TEXT, FILE, GRID, MODE, TOKENS, TEMPERATURE, PROBLEM, GOING = (
    *("batch_from", "batch_text", "batch_file", "batch_grid", "batch_mode", "batch_tokens"),
    *("batch_temperature", "batch_problem", "batch_going"),
)
PASTE, UPLOAD, SHIPPED = "Write or paste", "Upload", "The list that ships"
MODES = {"chat": "Chat", "completion": "Plain text", "few-shot": "Few-shot"}
MOST_CHARACTERS = 2_000_000
_ENDINGS = {
    "done": "Done.",
    "cancelled": "Cancelled.",
    "failed": "Failed.",
    "interrupted": "Interrupted.",
    "paused": "Paused.",
}


def batch(pair: api.PairEntry) -> None:
    """The whole part."""
    known = {one.batch_id: one for one in lists.batches() if one.plan.pair == pair.name}
    measured = lists.suite(pair.name)
    labels = {one_id: _label(one) for one_id, one in known.items()}
    if measured:
        labels[SUITE] = f"Instructions that a sweep answered ({len(measured)})"
    with st.expander("Run a new list", expanded=not labels, icon=":material/playlist_add:"):
        _form(pair)
    if not labels:
        st.info("No list was run yet, and no sweep's answers are stored.", icon=":material/info:")
        return
    chosen = choices.seed(BATCH, list(labels))
    frame.complaints()
    choices.pick(BATCH, "Read the rows of", labels, chosen)
    if chosen == SUITE:
        reader(SUITE, measured)
        return
    state = known[chosen]
    _progress(state)
    if state.answered:
        reader(chosen, lists.rows(state))


def _label(state: "lists.BatchState") -> str:
    first = " ".join(state.plan.prompts[0].text.split())[:40]
    count = len(state.plan.prompts)
    return f"{state.created[:16].replace('T', ' ')} · {count} prompts · {first}"


def _form(pair: api.PairEntry) -> None:
    state = st.session_state
    for key, value in ((FROM, PASTE), (GRID, "0:1:0.1"), (MODE, "chat"), (TOKENS, 80)):
        state[key] = state.get(key, value)
    state[TEMPERATURE], state[TEXT] = state.get(TEMPERATURE, 0.0), state.get(TEXT, "")
    source = st.segmented_control("Prompts", [PASTE, UPLOAD, SHIPPED], key=FROM, required=True)
    if source == PASTE:
        st.text_area(
            "One prompt a line, or a JSON object a line",
            key=TEXT,
            height=140,
            max_chars=MOST_CHARACTERS,
        )
    elif source == UPLOAD:
        st.file_uploader(
            "Lines of text, JSON lines or CSV with a column named prompt",
            type=["txt", "jsonl", "csv"],
            key=FILE,
            max_upload_size=20,
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key="batch-row"):
        st.text_input("λ, 1 to 11 of them", key=GRID, width=200)
        st.segmented_control(
            "Sent as", list(MODES), key=MODE, format_func=MODES.__getitem__, required=True
        )
        st.number_input("At most tokens", 1, 4096, key=TOKENS, step=20, width=150)
        st.number_input("Temperature", 0.0, 5.0, key=TEMPERATURE, step=0.1, format="%g", width=150)
        st.button(
            "Run",
            type="primary",
            icon=":material/play_arrow:",
            key="batch_run",
            on_click=_start,
            args=(pair.name,),
        )
    if told := state.get(PROBLEM):
        st.error(plain(told), icon=":material/error:")


def _start(pair_name: str) -> None:
    state = st.session_state
    state.pop(PROBLEM, None)
    try:
        found = _prompts()
        decoding = api.Decoding(int(state[TOKENS]), temperature=f"{state[TEMPERATURE]:g}")
        plan = lists.BatchPlan(pair_name, parse_grid(state[GRID]), found, decoding)
        batch_id = lists.start(plan)
    except PartwayError as error:
        state[PROBLEM] = str(error)
        return
    link.write(BATCH, batch_id)


def _prompts() -> "tuple[lists.ListedPrompt, ...]":
    state = st.session_state
    if state[FROM] == SHIPPED:
        return lists.shipped_prompts()
    if state[FROM] == UPLOAD:
        file = state.get(FILE)
        text = "" if file is None else lists.decode_upload(file.getvalue(), file.name)
        form = "lines" if file is None else lists.form_of(file.name)
        return lists.read_prompt_list(text, form, state[MODE]).prompts
    text = str(state[TEXT])
    form = "jsonl" if text.lstrip().startswith("{") else "lines"
    return lists.read_prompt_list(text, form, state[MODE]).prompts


def _progress(state: "lists.BatchState") -> None:
    job = state.job
    if state.under_way:
        st.fragment(_running, run_every=POLL_SECONDS)(state.batch_id, state.answered)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="batch-ended"):
        count = f"{state.answered} of {len(state.plan.prompts)} prompts answered."
        words = count
        if job is not None:
            words = f"{_ENDINGS[job.status]} {count}"
            words += f" {job.message}" if job.status != "done" else ""
        st.caption(plain(words))
        if state.answered < len(state.plan.prompts):
            st.button(
                "Go on",
                icon=":material/play_arrow:",
                key="batch_on",
                on_click=_go_on,
                args=(state.plan,),
            )
        _forget(state.batch_id)


def _forget(batch_id: str) -> None:
    """Asked twice before it is done."""
    if st.session_state.get(GOING) != batch_id:
        st.button(
            "Forget", icon=":material/delete:", key="batch_del", on_click=_ask, args=(batch_id,)
        )
        return
    st.markdown("**Forget this list?** Its filmstrips stay in the history.")
    st.button("Forget it", type="primary", key="batch_yes", on_click=_delete, args=(batch_id,))
    st.button("Keep it", key="batch_no", on_click=_ask, args=("",))


def _running(batch_id: str, seen: int) -> None:
    state = lists.state(batch_id)
    job = state.job
    if job is None or not state.under_way or (state.answered and not seen):
        st.rerun()
    total = job.total or state.plan.answers
    share = job.done / total
    left = "" if job.eta_seconds is None else f" · about {round(job.eta_seconds)} s left"
    words = waiting(job) or job.message or "Starting…"
    st.progress(min(share, 1.0), plain(f"{words} · {job.done:,} of {total:,} answers{left}"))
    with st.container(horizontal=True):
        st.button(
            "Cancel",
            icon=":material/close:",
            key="batch_cancel",
            on_click=_cancel,
            args=(batch_id,),
        )
        more = f"Show the {state.answered} that are answered"
        if st.button(more, key="batch_more", disabled=state.answered <= seen):
            st.rerun()


def _cancel(batch_id: str) -> None:
    lists.cancel(batch_id)


def _ask(batch_id: str) -> None:
    st.session_state[GOING] = batch_id


def _delete(batch_id: str) -> None:
    st.session_state.pop(GOING, None)
    try:
        lists.delete(batch_id)
    except PartwayError as error:
        st.session_state[PROBLEM] = str(error)
    link.write(BATCH, "")


def _go_on(plan: "lists.BatchPlan") -> None:
    try:
        lists.start(plan)
    except PartwayError as error:
        st.session_state[PROBLEM] = str(error)
