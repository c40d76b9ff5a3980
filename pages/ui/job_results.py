"""What a job that does not run left behind: its few-shot numbers, and its log where it failed."""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.live_curve import live_curve
from pages.ui.sweep_plan import MOST_ROWS, ROW_PX


def job_results(job: api.JobState, plan: api.sweeping.SweepPlan) -> None:
    """A sweep's means, read when they are asked for."""
    if not job.begun:
        return
    box = st.expander("Few-shot results", key=f"results-{job.job_id}", on_change="rerun")
    if not box.open:
        return
    with box, frame.boundary():
        if job.status != "done":
            live_curve(job)
        found = api.sweeping.measured(plan)
        if not found:
            st.caption("No few-shot run of this sweep was measured to the end.")
            return
        st.dataframe(
            [
                {"Task": row.task, "Metric": row.metric, "Items": row.items}
                | {f"λ {lam}": _percent(row.by_lam.get(lam)) for lam in plan.grid}
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


def job_log(job: api.JobState) -> None:
    """The end of its log, where something went wrong."""
    if job.status not in ("failed", "interrupted"):
        return
    box = st.expander("Log", key=f"log-{job.job_id}", on_change="rerun")
    if box.open:
        with box, frame.boundary():
            st.code(api.queueing.log(job.job_id) or "The log is empty.", language=None)


def _percent(mean: float | None) -> float | None:
    return None if mean is None else round(100 * mean, 1)
