"""A job's estimate against what it took, read when it is asked for."""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.words import plain


def account_box(job_id: str) -> None:
    """An expander on the job's card; closed it costs nothing."""
    box = st.expander("Estimate and actual", key=f"account-{job_id}", on_change="rerun")
    if not box.open:
        return
    with box, frame.boundary():
        rows, told = api.sweeping.account(job_id)
        if not rows:
            st.caption("Nothing was computed, or the job is of an older kind that kept no account.")
            return
        st.dataframe(
            [
                {
                    "Stage": row.stage,
                    "What": row.what,
                    "Expected": row.expected,
                    "Actual": row.actual,
                    "": row.verdict,
                }
                for row in rows
            ],
            hide_index=True,
            alt="What was expected of each stage and what it took",
        )
        st.caption(plain(told))
