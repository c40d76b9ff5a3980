"""The ways on with a job, as buttons: pause, resume, cancel, retry, another place in the queue.

The same button stays at the same place. Not here: what the job says (`job_card.py`).
"""

from collections.abc import Callable

import streamlit as st

from core import api
from pages.ui.words import plain

_PROBLEM = "job_problem"
_PAUSE = "Stops at the next flushed batch and gives the engine free."
_RETRY = "Waits for its turn again; what is there is kept and not computed again."
Act = Callable[[str], None]


def job_ways(job: api.JobState, place: tuple[int, int] | None = None) -> None:
    """What can be done with it now; `place` is its place among so many that wait."""
    if place is not None:
        _moves(job, place)
    stopping = job.status == "cancelling"
    if job.status in ("pausing", "paused"):
        _button(job, "Resume", ":material/resume:", api.queueing.resume)
    elif job.under_way:
        if job.kind.no_pause is None:
            _button(job, "Pause", ":material/pause:", api.queueing.pause, _PAUSE, stopping)
    elif job.status != "done":
        _button(job, "Retry", ":material/replay:", api.queueing.retry, _RETRY)
    if not job.ended:
        told = f"Ends it. {job.kind.kept}."
        _button(job, "Cancel", ":material/close:", api.queueing.cancel, told, stopping)


def told_error() -> None:
    """Why the last click did not work, once."""
    if told := st.session_state.pop(_PROBLEM, None):
        st.error(plain(told), icon=":material/error:")


def _moves(job: api.JobState, place: tuple[int, int]) -> None:
    at, among = place
    kinds: tuple[tuple[api.queueing.Move, str, str, bool], ...] = (
        ("next", ":material/vertical_align_top:", "Run next", at == 1),
        ("raise", ":material/arrow_upward:", "One place up", at == 1),
        ("lower", ":material/arrow_downward:", "One place down", at == among),
    )
    for where, icon, told, disabled in kinds:
        st.button(
            "",
            icon=icon,
            key=f"{where}-{job.job_id}",
            on_click=_do,
            args=(lambda job_id, where=where: api.queueing.move(job_id, where), job.job_id),
            disabled=disabled,
            help=told,
            type="tertiary",
        )


def _button(
    job: api.JobState, label: str, icon: str, act: Act, told: str | None = None, off: bool = False
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"{label.lower()}-{job.job_id}",
        on_click=_do,
        args=(act, job.job_id),
        help=told,
        disabled=off,
    )


def _do(act: Act, job_id: str) -> None:
    try:
        act(job_id)
    except api.PartwayError as error:
        st.session_state[_PROBLEM] = str(error)
