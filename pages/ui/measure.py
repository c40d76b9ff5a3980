"""Measure the chosen λ: a button, then progress, time left and a way out.

The work runs in a process of its own and goes on when the page is closed; coming back finds
it again. Each λ that it finishes is drawn at once. The slot has a fixed height, so that
nothing below it moves.
"""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain

POLL_SECONDS = 1.0
_JOB, _ENDED, _DRAWN, _FIRST = "job_id", "job_ended", "job_drawn", "job_of_empty_page"
_STAGES = {
    "loading": "loading",
    "icl": "few-shot tasks",
    "generations": "writing answers",
    "judging": "judging",
}


def find_job(pair: api.PairEntry) -> None:
    """Pick up a job that an earlier visit left running; once a page, not once a move of λ."""
    if _JOB not in st.session_state:
        job = api.active_job(pair.name)
        if job is not None:
            st.session_state[_JOB] = job.job_id
    if _JOB in st.session_state:
        st.session_state[_DRAWN] = api.judged(pair.name)


def began_empty(pair: api.PairEntry) -> bool:
    """True while the job runs that this page's empty state showed: its box then stays above
    the first results, so that nothing moves under the pointer.
    """
    known: str | None = st.session_state.get(_JOB)
    if known is None or st.session_state.get(_FIRST) != known:
        return False
    job = api.job(known)
    return job.active and job.plan.pair == pair.name


def measure_slot(pair: api.PairEntry, line: api.TradeOff | None, lam: Lam) -> None:
    """What can be done about this λ now."""
    job = _live_job(pair)
    with st.container(key="measure", gap="xsmall", vertical_alignment="bottom"):
        if job is not None and began_empty(pair):
            st.caption("Measuring: the bar is at the top of the page.")
            return
        if job is not None:
            st.fragment(_progress, run_every=POLL_SECONDS)(job.job_id)
            return
        _last_ending()
        point = line.at(lam) if line else None
        if point is not None and _whole(point):
            st.caption(f":material/check: λ = {lam} is measured, n = {point.icl.n:,} items")
            return
        if line is not None and line.apart(lam) is not None:
            st.caption(f":material/call_split: λ = {lam} is measured, apart from this curve")
            return
        st.button(
            f"Measure λ = {lam} now",
            icon=":material/play_arrow:",
            type="primary",
            on_click=start,
            args=(pair.name, (lam,), line),
            width="stretch",
        )


def start(pair_name: str, lams: tuple[Lam, ...], line: api.TradeOff | None = None) -> None:
    """Start a job like the line's, where there is one; for callbacks."""
    st.session_state.pop(_ENDED, None)
    try:
        st.session_state[_JOB] = api.start_measuring(pair_name, lams, line)
    except api.PartwayError as error:
        st.session_state[_ENDED] = str(error)


def progress(pair: api.PairEntry) -> bool:
    """Draw the pair's running job on a page without results, if there is one."""
    job = _live_job(pair)
    if job is not None:
        st.session_state[_FIRST] = job.job_id
        st.fragment(_progress, run_every=POLL_SECONDS)(job.job_id)
    else:
        _last_ending()
    return job is not None


def _whole(point: api.Point) -> bool:
    return None not in (point.icl.value, point.win_rate.value, point.pass_rate.value)


def _live_job(pair: api.PairEntry) -> api.JobState | None:
    known: str | None = st.session_state.get(_JOB)
    if known is None:
        return None
    job = api.job(known)
    if not job.active:  # ended since the page was drawn: its numbers are there now
        _end(job)
        st.rerun()
    return job if job.plan.pair == pair.name else None


def _progress(job_id: str) -> None:
    job = api.job(job_id)
    if not job.active:
        _end(job)
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    st.progress(min(share, 1.0), _told(job))
    st.button("Cancel", icon=":material/close:", on_click=_cancel, args=(job_id,), key="cancel")
    finished = api.judged(job.plan.pair)
    if finished != st.session_state.setdefault(_DRAWN, finished):
        st.session_state[_DRAWN] = finished
        st.rerun()


def _end(job: api.JobState) -> None:
    st.session_state.pop(_JOB, None)
    st.session_state[_ENDED] = _ending(job)


def _cancel(job_id: str) -> None:
    api.cancel(job_id)


def _told(job: api.JobState) -> str:
    if job.status == "queued":
        return "Waiting: another job is running. The Evaluate page shows the queue."
    if job.status == "starting" or not job.total:
        return "Measuring: starting the engine…"
    left = "" if job.eta_seconds is None else f" · about {_duration(job.eta_seconds)} left"
    stage = _STAGES.get(job.stage, job.stage)
    return f"Measuring, {stage}: {job.done:,} of {job.total:,} items{left}"


def _ending(job: api.JobState) -> str | None:
    if job.status == "done":
        return None
    if job.status == "cancelled":
        return "Cancelled. What was measured is kept; measuring again goes on from there."
    return job.message or f"The measurement ended as {job.status}. Try again."


def _last_ending() -> None:
    told: str | None = st.session_state.get(_ENDED)
    if told:
        st.warning(plain(told), icon=":material/info:")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
