"""The few-shot curve of a job that is not done, from what is flushed, with what it means in words.

Of the same height from the first look on, so that nothing below it moves.
"""

import streamlit as st

from core import api
from pages.ui.charts import CONFIG


def live_curve(job: api.JobState) -> None:
    """Drawn anew at every look; intervals shrink as items come."""
    points = api.queueing.curve(job)
    figure, words = api.queueing.curve_figure(job, points)
    st.plotly_chart(figure, key=f"live-{job.job_id}", alt=words, config=CONFIG)
    whole = sum(point.whole for point in points)
    st.caption(
        f"{whole} of {len(job.plan.grid)} λ have items of every task; hollow points only of some. "
        "95 % intervals from the items so far, which come in their tasks' own order."
    )
