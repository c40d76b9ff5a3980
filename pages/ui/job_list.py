"""Jobs, running and ended: how far they are, what they are at, a way out, a way on.

They lie on the disk, so a reload or another tab finds them again. Looked at every second while
one runs; the page is drawn anew when one ends. Not here: starting from a form.
"""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.account import account_box
from pages.ui.sweep_plan import MOST_ROWS, ROW_PX, duration, start
from pages.ui.words import plain

POLL_SECONDS = 1.0
MOST = 8
_ACTIVE = "jobs_active"
_SAID = {
    "starting": (":material/hourglass_top:", "starting"),
    "running": (":material/play_circle:", "running"),
    "done": (":material/check_circle:", "done"),
    "cancelled": (":material/cancel:", "cancelled"),
    "failed": (":material/error:", "failed"),
    "interrupted": (":material/help:", "interrupted"),
}


def job_list(jobs: tuple[api.JobState, ...]) -> None:
    """The newest jobs; polled only while one of them runs."""
    st.subheader("Jobs", anchor=False)
    if not jobs:
        st.caption(
            "No job was started yet. Those started here, on the Trade-off page or with "
            "`sweep --background` are listed here."
        )
        return
    active = [job.job_id for job in jobs if job.active]
    st.session_state[_ACTIVE] = active
    st.fragment(_jobs, run_every=POLL_SECONDS if active else None)()
    st.caption(
        "Finished runs can be read on the Trade-off page at once. It shows the pair's fullest "
        "measurement: a trial, or other tasks, appear there only while nothing fuller is stored."
    )


def _jobs() -> None:
    with frame.boundary():
        jobs = api.sweeping.jobs(MOST)
        if [job.job_id for job in jobs if job.active] != st.session_state[_ACTIVE]:
            st.rerun()  # what is stored has changed, so the plan above has too
        busy = {job.plan.pair for job in jobs if job.active}
        for job in jobs:
            _job(job, job.plan.pair in busy)


def _job(job: api.JobState, busy: bool) -> None:
    icon, said = _SAID[job.status]
    with st.container(border=True, key=f"job-{job.job_id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{icon} **{plain(job.plan.pair)}** · {said}", width="stretch")
            _ways(job, busy)
        st.caption(plain(_asked(job)))
        if job.active:
            share = job.done / job.total if job.total else 0.0
            st.progress(min(share, 1.0), plain(_progress(job)))
            return
        if job.message:
            st.caption(plain(job.message))
        _results(job)
        account_box(job.job_id)


def _results(job: api.JobState) -> None:
    """The few-shot numbers, read when they are asked for."""
    box = st.expander("Few-shot results", key=f"results-{job.job_id}", on_change="rerun")
    if not box.open:
        return
    with box, frame.boundary():
        found = api.sweeping.measured(job.plan)
        if not found:
            st.caption("No few-shot run of this sweep was measured to the end.")
            return
        st.dataframe(
            [
                {"Task": row.task, "Metric": row.metric, "Items": row.items}
                | {f"λ {lam}": _percent(row.by_lam.get(lam)) for lam in job.plan.grid}
                for row in found
            ],
            hide_index=True,
            height=38 + ROW_PX * min(len(found), MOST_ROWS),
            placeholder="–",
            alt="Every task's mean at each measured λ, in percent",
        )
        st.caption(
            "Means over the items in percent, – where a λ is not measured; no intervals, so read "
            "it as where to look. `python -m core icl export` writes every item."
        )


def _percent(mean: float | None) -> float | None:
    return None if mean is None else round(100 * mean, 1)


def _ways(job: api.JobState, busy: bool) -> None:
    """Cancel what runs, go on with what did not end, read what did."""
    if job.active:
        st.button(
            "Cancel",
            icon=":material/close:",
            key=f"cancel-{job.job_id}",
            on_click=_cancel,
            args=(job.job_id,),
        )
        return
    if job.status != "done":
        st.button(
            "Go on",
            icon=":material/resume:",
            key=f"again-{job.job_id}",
            on_click=start,
            args=(job.plan,),
            disabled=busy,
            help="Starts the same sweep; what was measured is kept and not computed again.",
        )
    st.page_link(
        "pages/trade_off.py",
        label="See the trade-off",
        icon=":material/arrow_forward:",
        query_params={"pair": job.plan.pair},
    )


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


def _cancel(job_id: str) -> None:
    api.cancel(job_id)
