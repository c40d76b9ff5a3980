"""The engine on the System page: what it does now, what it holds, and two ways to end that.

Redrawn every two seconds. Starting, stopping and unloading happen only when asked for.
"""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.strip import at_work
from pages.ui.words import plain

POLL_SECONDS = 2.0
_PROBLEM = "engine_problem"
_HEADINGS = {
    "absent": "not started",
    "starting": "starting…",
    "ready": "ready",
    "busy": "busy",
    "failed": "failed",
}


@st.fragment(run_every=POLL_SECONDS)
def engine_panel() -> None:
    """The engine's process and the pairs in its memory, as they are now."""
    with frame.boundary():
        state = api.engine_state()
        st.subheader(f"Engine: {_HEADINGS[state.status]}", anchor=False)
        if state.died:
            st.warning(plain(state.message), icon=":material/restart_alt:")
        if told := st.session_state.pop(_PROBLEM, None):
            st.error(plain(told), icon=":material/error:")
        st.table(_facts(state), hide_header=True, border="horizontal")
        with st.container(horizontal=True):
            absent = state.status == "absent"
            st.button(
                "Start the engine", on_click=_try, args=(api.open_engine,), disabled=not absent
            )
            st.button(
                "Stop the engine", on_click=_try, args=(api.stop_engine,), disabled=not state.pid
            )
        st.subheader("In its memory", anchor=False)
        _pairs(state)


def _facts(state: api.EngineState) -> dict[str, str]:
    facts = {
        "Address": (state.url or "none").removeprefix("http://"),  # not a page to be opened
        "Process": str(state.pid or "none"),
        "Device": state.device or "not known before it runs",
    }
    host = state.host
    if host is not None:
        facts["Weights"] = host.dtype or "none loaded"
        facts["At work"] = _at_work(host)
        facts["Unfinished"] = f"{host.interactive} from people, {host.batch} from batches"
        facts["Speed"] = _speed(host)
        facts["Last answer"] = host.form or "none yet"
    if state.message and not state.died:  # else it stands above in a box of its own
        facts["Says"] = state.message
    return {name: plain(fact) for name, fact in facts.items()}


def _at_work(host: api.HostStatus) -> str:
    """What is done at once, the same told once: requests at one λ are written together."""
    counted = Counter(map(at_work, host.at_work))
    told = [f"{work} ({api.in_requests(n)})" if n > 1 else work for work, n in counted.items()]
    return "; ".join(told) or "nothing"


def _speed(host: api.HostStatus) -> str:
    if host.tokens_per_second is None:
        return "nothing written lately"
    return f"{host.tokens_per_second:.1f} tokens/s over the last seconds"


def _pairs(state: api.EngineState) -> None:
    """One row a loaded pair, with its way out of memory."""
    host = state.host
    if host is None or not host.pairs:
        st.caption("No pair is loaded.")
        return
    st.caption(f"{api.as_size(host.resident_bytes)} on {plain(state.device or 'the device')}.")
    for loaded in host.pairs:
        _pair(loaded, leases=host.leases.get(loaded.identity.name, 0))


def _pair(loaded: api.LoadedPair, leases: int) -> None:
    name = loaded.identity.name
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"loaded-{name}"
    ):
        st.markdown(f"**{plain(name)}**", width="content")
        st.caption(plain(_described(loaded, leases)), width="stretch", help=_memory(loaded))
        st.button(
            "Unload",
            key=f"unload-{name}",
            icon=":material/eject:",
            on_click=_try,
            args=(lambda: api.unload(name),),
            disabled=leases > 0,
        )


def _described(loaded: api.LoadedPair, leases: int) -> str:
    millions = loaded.parameters / 1e6
    use = f"in use by {api.in_requests(leases)}" if leases else "idle"
    exact = "endpoints exact ✓" if loaded.endpoints_exact else "endpoints not exact"
    return (
        f"{millions:,.1f} M parameters in {loaded.dtype}, {api.as_size(loaded.weights_bytes)} "
        f"a model · {_taken(loaded)} · {exact} · {use}"
    )


def _taken(loaded: api.LoadedPair) -> str:
    """What was planned and what was taken, short enough for the row."""
    use = loaded.memory
    if use is None:
        return "weights held elsewhere"
    if use.used_device is None:
        return f"planned {api.as_size(use.planned_device)}, taken not measured"
    return f"planned {api.as_size(use.planned_device)}, taken {api.as_size(use.used_device)}"


def _memory(loaded: api.LoadedPair) -> str | None:
    """Both in full, with how it was measured."""
    return None if loaded.memory is None else plain(api.memory_words(loaded.memory))


def _try(act: Callable[[], object]) -> None:
    """For callbacks: an error becomes a sentence on the next drawing."""
    try:
        act()
    except api.PartwayError as error:
        st.session_state[_PROBLEM] = str(error)
