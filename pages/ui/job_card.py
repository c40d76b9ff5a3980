"""One job: how far it is, what it is at, and the ways on: pause, resume, cancel, retry, move.

While it runs its few-shot curve is drawn from what is flushed; the card's height is the same
before the first item, so that nothing below it moves.
"""

from collections.abc import Callable

import streamlit as st

from core import api
from pages.ui.account import account_box
from pages.ui.job_results import job_results
from pages.ui.live_curve import live_curve
from pages.ui.sweep_plan import duration
from pages.ui.words import plain

_PROBLEM = "job_problem"
_SAID = {
    "queued": (":material/schedule:", "waiting"),
    "starting": (":material/hourglass_top:", "starting"),
    "running": (":material/play_circle:", "running"),
    "pausing": (":material/hourglass_bottom:", "pausing after this batch"),
    "cancelling": (":material/hourglass_bottom:", "ending"),
    "paused": (":material/pause_circle:", "paused"),
    "done": (":material/check_circle:", "done"),
    "cancelled": (":material/cancel:", "cancelled"),
    "failed": (":material/error:", "failed"),
    "interrupted": (":material/help:", "interrupted"),
}
_STAGES = {"icl": "few-shot", "generations": "answers", "judging": "judges"}
Act = Callable[[str], None]


def job_card(job: api.JobState, place: tuple[int, int] | None = None) -> None:
    """The card; `place` is its place among so many that wait."""
    icon, said = _SAID[job.status]
    if place is not None:
        said = "next" if place[0] == 1 else f"waiting, {place[0]} of {place[1]}"
        said += ", goes on where it was interrupted" if job.status == "interrupted" else ""
    with st.container(border=True, key=f"job-{job.job_id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{icon} **{plain(job.plan.pair)}** · {said}", width="stretch")
            _ways(job, place)
        st.caption(plain(_asked(job)))
        for note in job.notes:
            st.caption(plain(note))
        if job.at_work:
            _at_work(job)
            return
        if job.message:
            st.caption(plain(job.message))
        if place is None:
            job_results(job)
            if job.begun:
                account_box(job.job_id)


def told_error() -> None:
    """Why the last click did not work, once."""
    if told := st.session_state.pop(_PROBLEM, None):
        st.error(plain(told), icon=":material/error:")


def _at_work(job: api.JobState) -> None:
    share = job.done / job.total if job.total else 0.0
    st.progress(min(share, 1.0), plain(_progress(job)))
    st.caption(plain(_stages(job)))
    live_curve(job)


def _ways(job: api.JobState, place: tuple[int, int] | None) -> None:
    """What can be done with it now; the same button stays at the same place."""
    if place is not None:
        _moves(job, place)
    if job.status in ("pausing", "paused"):
        _button(job, "Resume", ":material/resume:", api.queueing.resume)
    elif job.active or place is not None:
        stopping = job.status == "cancelling"
        _button(job, "Pause", ":material/pause:", api.queueing.pause, _PAUSE, stopping)
    elif job.status != "done":
        _button(job, "Retry", ":material/replay:", api.queueing.retry, _RETRY)
    if not job.ended:
        stopping = job.status == "cancelling"
        _button(job, "Cancel", ":material/close:", api.queueing.cancel, _CANCEL, stopping)
    else:
        st.page_link(
            "pages/trade_off.py",
            label="See the trade-off",
            icon=":material/arrow_forward:",
            query_params={"pair": job.plan.pair},
        )


_PAUSE = "Stops at the next flushed batch and gives the engine free."
_RETRY = "Waits for its turn again; what was measured is kept and not computed again."
_CANCEL = "Ends it; what was measured is kept."


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


def _asked(job: api.JobState) -> str:
    plan = job.plan
    parts = [f"λ {api.sweeping.grid_text(plan)}", plan.icl_suite, plan.instruction_suite]
    parts += [f"first {plan.limit} items"] if plan.limit is not None else []
    parts += [f"judges {', '.join(plan.judges)}"] if plan.judges else []
    when = job.created.replace("T", " ").removesuffix("+00:00")
    return " · ".join([*parts, f"{when} UTC"])


def _progress(job: api.JobState) -> str:
    if not job.total:
        return job.message or "Starting the engine…"
    left = "" if job.eta_seconds is None else f" · about {duration(job.eta_seconds)} left"
    return f"{job.done:,} of {job.total:,} items{left} · {job.message}"


def _stages(job: api.JobState) -> str:
    """Each kind of work by itself."""
    told = [_stage(stage) for stage in job.stages if stage.total]
    if job.plan.judges and not any(stage.name == "judging" for stage in job.stages):
        told.append("judges: counted once the answers are there")
    return " · ".join(told) or "The stages are counted when the pair is loaded."


def _stage(stage: api.queueing.Stage) -> str:
    name = _STAGES.get(stage.name, stage.name)
    if stage.done >= stage.total:
        return f"{name}: {stage.total:,}, done"
    left = "" if stage.eta_seconds is None else f", about {duration(stage.eta_seconds)} left"
    return f"{name}: {stage.done:,} of {stage.total:,}{left}"
