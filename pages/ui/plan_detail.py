"""Tokens, time, memory, disk and judges of a plan: worked out when asked for, shown as it comes.

The working out is a process of its own (`core/jobs/planner.py`); this looks at it every second
while it runs, and the page is drawn anew when it ends. What was worked out is kept, so a reload
shows it. Not here: runs and λ, which files tell at once (`sweep_plan.py`).
"""

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import api
from pages.ui import frame
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.jobs.estimate import Estimate, StageEstimate
    from core.jobs.forecast import Forecast
    from core.jobs.planning import Planning

POLL_SECONDS = 1.0
_PROBLEM = "planning_problem"
_ABOUT = (
    "Counts the very prompts in the pair's tokenizer, asks the engine how it would hold the pair, "
    "and tries its speed for a few seconds. That loads the pair; nothing it computes is kept."
)


def plan_detail(plan: api.sweeping.SweepPlan, ahead: "Forecast") -> "Estimate | None":
    """The block; returns what is known of the plan."""
    planning = api.sweeping.planning(plan, ahead)
    working = planning.status == "working"
    # Room for all of it from the moment it is asked for, so that the button below stays put.
    known = planning.estimate
    full = working or (known is not None and any(stage.items for stage in known.stages))
    key = "plan-detail-asked" if full else "plan-detail"
    with st.container(border=True, key=key, gap="small"):
        st.fragment(_block, run_every=POLL_SECONDS if working else None)(plan, ahead, working)
    return planning.estimate


def _block(plan: api.sweeping.SweepPlan, ahead: "Forecast", working: bool) -> None:
    with frame.boundary():
        planning = api.sweeping.planning(plan, ahead)
        if (planning.status == "working") != working:
            st.rerun()  # the button below depends on what came of it
        _head(plan, ahead, planning)
        if planning.estimate is not None and planning.estimate.stages:
            _table(planning.estimate)
            _notes(planning.estimate)


def _head(plan: api.sweeping.SweepPlan, ahead: "Forecast", planning: "Planning") -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="plan-head"):
        if planning.status == "working":
            share = planning.done / planning.total if planning.total else 0.0
            told = f"{plain(planning.message)}… {planning.seconds:.0f} s"
            st.progress(min(share, 1.0), told, width="stretch")
            st.button("Stop", icon=":material/close:", on_click=_stop, args=(planning.key,))
            return
        estimate = planning.estimate
        st.markdown(_headline(estimate, planning.status), width="stretch")
        st.button(
            "Work it out" if estimate is None else "Work it out again",
            icon=":material/calculate:",
            on_click=_begin,
            args=(plan, ahead),
            help=_ABOUT,
        )
    if planning.status == "absent":
        st.caption(_ABOUT)
    if told := st.session_state.pop(_PROBLEM, None):
        st.error(plain(told), icon=":material/error:")
    if planning.status == "failed":
        st.error(plain(planning.message), icon=":material/error:")


def _headline(estimate: "Estimate | None", status: str) -> str:
    if estimate is None or status == "failed":
        return "**Tokens, time, memory and cost**: not worked out yet"
    when = estimate.made.replace("T", " ").removesuffix("+00:00")
    return f"**{api.sweeping.plan_headline(estimate)}** · worked out {when} UTC"


def _table(estimate: "Estimate") -> None:
    st.dataframe(
        [_row(stage) for stage in estimate.stages],
        hide_index=True,
        placeholder="?",
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in _NUMBERS
        },
        alt="Runs, items, tokens and time of each stage that are not stored yet",
    )


_TIME_PX = 130
_NUMBERS = ("Runs", "Items", "Stored items", "Tokens read", "Computed")


def _row(stage: "StageEstimate") -> dict[str, Any]:
    name, written, took = api.sweeping.stage_words(stage)
    return {
        "Stage": name,
        "Items": stage.items,
        "Time": took,
        "Tokens read": stage.read,
        "Computed": stage.computed,
        "Tokens written": written,
        "Stored items": stage.stored,
        "Runs": stage.runs,
    }


def _notes(estimate: "Estimate") -> None:
    with st.container(key="facts-estimate", gap="xxsmall"):
        for note in api.sweeping.plan_notes(estimate):
            st.markdown(plain(note))


def _begin(plan: api.sweeping.SweepPlan, ahead: "Forecast") -> None:
    try:
        api.sweeping.plan_now(plan, ahead)
    except api.PartwayError as error:
        st.session_state[_PROBLEM] = str(error)


def _stop(key: str) -> None:
    api.sweeping.stop_planning(key)
