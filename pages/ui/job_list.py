"""The queue and what became of earlier jobs, looked at every second while anything runs or waits.

Jobs lie on the disk, so a reload or another tab finds them again. Whoever looks goes on with a
queue whose worker died. Not here: one job (`job_card.py`); starting from a form.
"""

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.job_card import job_card
from pages.ui.job_ways import told_error
from pages.ui.words import plain

POLL_SECONDS = 1.0
MOST = 8
_SEEN = "jobs_seen"


def job_list() -> None:
    """Jobs at work, waiting, and the newest others."""
    st.subheader("Jobs", anchor=False)
    look = api.queueing.look(MOST)
    if not look.jobs and not look.troubles:
        st.caption(
            "No job was started yet. Sweeps, studies of reasoning, lists of prompts and exports, "
            "started on any page or with `--background`, are listed here and run one after another."
        )
        return
    st.session_state[_SEEN] = _ended(look)
    live = look.at_work or look.waiting
    st.fragment(_jobs, run_every=POLL_SECONDS if live else None)()
    st.caption(
        "One job runs at a time, whatever its kind: they share the machine. A worker that ends "
        "starts the next one; if it died, with its machine perhaps, the queue goes on when this "
        "page is opened, or with `python -m core jobs resume`. Finished runs can be read on the "
        "Trade-off page at once. It shows the pair's fullest measurement: a trial, or other tasks, "
        "appear there only while nothing fuller is stored."
    )


def _jobs() -> None:
    with frame.boundary():
        look = api.queueing.look(MOST)
        if _ended(look) != st.session_state[_SEEN]:
            st.rerun()  # what is stored has changed, so the plan above has too
        told_error()
        for trouble in look.troubles:
            st.warning(plain(trouble), icon=":material/pause_circle:")
        for job in look.at_work:
            job_card(job)
        for place, job in enumerate(look.waiting, 1):
            job_card(job, (place, len(look.waiting)))
        for job in look.others:
            job_card(job)


def _ended(look: api.queueing.Look) -> frozenset[str]:
    """The jobs that neither run nor wait: when these change, the page is drawn anew."""
    return frozenset(f"{job.job_id} {job.status}" for job in look.others)
