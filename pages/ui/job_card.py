"""One job of any kind: how far it is, what it is at, and where what it made is read.

While a sweep runs its few-shot curve is drawn from what is flushed; the card's height is the same
before the first item, so that nothing below it moves. Not here: the buttons (`job_ways.py`).
"""

import streamlit as st

from core import api
from pages.ui.account import account_box
from pages.ui.job_results import job_log, job_results
from pages.ui.job_ways import job_ways
from pages.ui.live_curve import live_curve
from pages.ui.sweep_plan import duration
from pages.ui.words import plain

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
_READ = {
    "sweep": ("pages/trade_off.py", "See the trade-off"),
    "reasoning": ("pages/reasoning.py", "See the study"),
    "batch": ("pages/side_by_side.py", "Read the answers"),
    "export": ("pages/share.py", "See the export"),
}


def job_card(job: api.JobState, place: tuple[int, int] | None = None) -> None:
    """The card; `place` is its place among so many that wait."""
    icon, said = _SAID[job.status]
    if place is not None:
        said = "next" if place[0] == 1 else f"waiting, {place[0]} of {place[1]}"
        said += ", goes on where it was interrupted" if job.status == "interrupted" else ""
    with st.container(border=True, key=f"job-{job.job_id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            title = f"{icon} **{plain(job.plan.pair)}** · {job.kind.title} · {said}"
            st.markdown(title, width="stretch")
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", width="content"
            ):
                job_ways(job, place)
                if job.ended:
                    _link(job)
        st.caption(plain(_asked(job)))
        for note in job.notes:
            st.caption(plain(note))
        if job.at_work:
            _at_work(job)
            return
        if job.message:
            st.caption(plain(job.message))
        if place is not None:
            return
        if isinstance(job.plan, api.sweeping.SweepPlan):
            job_results(job, job.plan)
            if job.begun:
                account_box(job.job_id)
        job_log(job)


def _at_work(job: api.JobState) -> None:
    share = job.done / job.total if job.total else 0.0
    st.progress(min(share, 1.0), plain(_progress(job)))
    if isinstance(job.plan, api.sweeping.SweepPlan):  # the only kind of several stages
        st.caption(plain(_stages(job, job.plan)))
        live_curve(job)


def _link(job: api.JobState) -> None:
    """Where what it made is read."""
    page, label = _READ[job.kind.name]
    parameters = {"pair": job.plan.pair}
    if isinstance(job.plan, api.batching.BatchPlan):
        parameters |= {"part": "Batch", "batch": job.plan.batch_id}
    elif isinstance(job.plan, api.sharing.Export):
        parameters |= {"export": job.job_id}
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=parameters)


def _asked(job: api.JobState) -> str:
    when = job.created.replace("T", " ").removesuffix("+00:00")
    return f"λ {api.sweeping.grid_text(job.plan)} · {api.queueing.asked(job)} · {when} UTC"


def _progress(job: api.JobState) -> str:
    if not job.total:
        return job.message or "Starting…"
    left = "" if job.eta_seconds is None else f" · about {duration(job.eta_seconds)} left"
    return f"{api.queueing.amount(job)}{left} · {job.message}"


def _stages(job: api.JobState, plan: api.sweeping.SweepPlan) -> str:
    """Each kind of work by itself."""
    told = [_stage(stage) for stage in job.stages if stage.total]
    if plan.judges and not any(stage.name == "judging" for stage in job.stages):
        told.append("judges: counted once the answers are there")
    return " · ".join(told) or "The stages are counted when the pair is loaded."


def _stage(stage: api.queueing.Stage) -> str:
    name = _STAGES.get(stage.name, stage.name)
    if stage.done >= stage.total:
        return f"{name}: {stage.total:,}, done"
    left = "" if stage.eta_seconds is None else f", about {duration(stage.eta_seconds)} left"
    return f"{name}: {stage.done:,} of {stage.total:,}{left}"
