"""What a sweep would do before it is started: runs, items, λ, what is stored, how long at least.

Nothing is loaded and no network is asked, but for the part that is worked out when asked for
(`plan_detail.py`). The button starts a job, or adds it to the queue.
"""

import shlex
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.plan_detail import plan_detail
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.jobs.estimate import Estimate
    from core.jobs.forecast import Forecast, RunsAhead

_PROBLEM = "sweep_problem"
MOST_ROWS = 12
MOST_LAMS = 13
HASH_SHOWN = 12
ROW_PX = 35


def sweep_plan(plan: api.sweeping.SweepPlan, missing: str | None, busy: bool) -> None:
    """The plan in numbers and words, the same as a command, and the button."""
    if missing is not None:
        st.warning(plain(missing), icon=":material/cloud_off:")
        st.caption("Says what the pair needs, and fetches it:")
        st.code(f"python -m core pairs check {plan.pair} --download", language="bash")
        _command(plan)
        return
    with st.spinner("Looking at what is stored…", show_time=True):
        ahead = api.sweeping.forecast(plan)
    _numbers(ahead)
    known = api.sweeping.planning(plan, ahead).estimate
    _words(plan, ahead, told_below=known is not None and known.whole)
    typed = plan.icl_suite.startswith(api.sweeping.TYPED)
    with st.expander(f"Task by task: {len(ahead.rows):,} rows", expanded=typed):
        _table(plan, ahead)
    known = plan_detail(plan, ahead)
    _command(plan)
    _start(plan, ahead, known, busy)  # last, so that the jobs below it stand where the hand is


def start(plan: api.sweeping.SweepPlan) -> None:
    """Start a job; for callbacks: an error becomes a sentence on the next drawing."""
    try:
        api.sweeping.start(plan)
    except api.PartwayError as error:
        st.session_state[_PROBLEM] = str(error)


def problem() -> None:
    """Why the last start did not work, once."""
    if told := st.session_state.pop(_PROBLEM, None):
        st.error(plain(told), icon=":material/error:")


def _numbers(ahead: "Forecast") -> None:
    more = "+" if ahead.uncounted else ""
    unknown = any(row.stored is None for row in ahead.rows)
    facts = {
        "Runs in all": f"{ahead.runs:,}",
        "Stored already": f"{ahead.stored:,}{' or more' if unknown else ''}",
        "To be measured": f"{'up to ' if unknown else ''}{ahead.runs - ahead.stored:,}",
        "Items to compute": f"{ahead.items_left:,}{more}" if ahead.items_left or not more else "?",
    }
    with st.container(key="plan-row"):
        for column, (label, fact) in zip(st.columns(4), facts.items(), strict=True):
            column.metric(label, fact)


def _words(plan: api.sweeping.SweepPlan, ahead: "Forecast", told_below: bool) -> None:
    row = ahead.answers
    with st.container(key="facts-plan", gap="xxsmall"):
        st.markdown(
            f"{len(ahead.few_shot):,} few-shot tasks and the instructions of {plain(row.name)} at "
            f"{len(plan.grid)} λ, in the order "
            f"{_order(ahead.few_shot[0].lams)}: the curve's ends first, then what lies farthest "
            "from all that is measured."
        )
        if len(row.lams) > len(plan.grid):
            st.markdown("λ = 1 is answered as well: the others are compared with it.")
        if ahead.uncounted:
            st.markdown(
                f"Not counted before the run: {plain(_listed(ahead.uncounted))} (their data has to "
                "be looked up or read first)."
            )
        if told_below:
            return
        if plan.judges:
            st.markdown(
                f"Then {plain(', '.join(plan.judges))} is asked. How many questions that is "
                "depends on the answers: the same text twice is not asked about."
            )
        st.markdown(_time(ahead))


def _time(ahead: "Forecast") -> str:
    """What earlier runs of these tasks took, and what nobody knows yet."""
    if ahead.nothing_left:
        return "Everything is stored: starting would compute nothing."
    if not any(row.missing for row in ahead.rows):
        return f"Only {ahead.unjudged} sets of verdicts are missing; the checks take moments."
    timed = [row for row in ahead.few_shot if row.missing and row.seconds_left is not None]
    seconds = sum(row.seconds_left or 0.0 for row in timed)
    if not timed:
        return (
            "How long it takes is not known: none of these runs was timed with this pair. The job "
            "tells the time left from its first items on."
        )
    rest = [row.name for row in ahead.rows if row.missing and row.seconds_left is None]
    untimed = f" {plain(_listed(rest))}: not timed before." if rest else ""
    return (
        f"About {duration(seconds)} for {len(timed)} few-shot tasks at the speed of this pair's "
        f"stored runs (their median), which may have been made on another machine.{untimed}"
    )


def _start(
    plan: api.sweeping.SweepPlan, ahead: "Forecast", known: "Estimate | None", busy: bool
) -> None:
    problems = known.problems if known else ()
    for told in problems:
        st.error(plain(told), icon=":material/error:")
    done = ahead.nothing_left and (not plan.judges or _all_judged(known))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Add to the queue" if busy else "Start measuring",
            key="start-sweep",
            type="primary",
            icon=":material/add:" if busy else ":material/play_arrow:",
            on_click=start,
            args=(plan,),
            disabled=done or bool(problems),
        )
        if problems:
            st.caption("It would not run as it is; work the plan out again once that is mended.")
        elif done:
            st.caption("Everything is stored already; there is nothing to start.")
        elif busy:
            st.caption("A job is running: this one waits for its turn, below.")
        else:
            st.caption(f"{plain(api.sweeping.where())} This page may be closed meanwhile.")


def _all_judged(known: "Estimate | None") -> bool:
    """Known to be so: what judges would be asked is found out with the rest."""
    return known is not None and known.whole and not any(one.calls[1] for one in known.judges)


def _table(plan: api.sweeping.SweepPlan, ahead: "Forecast") -> None:
    rows = [_row(row) for row in ahead.rows]
    st.dataframe(
        rows,
        hide_index=True,
        height=38 + ROW_PX * min(len(rows), MOST_ROWS),
        placeholder="?",
        alt="Every task of the plan: form, shots, items, stored λ and where its data comes from",
    )
    st.caption(
        "MC: the answer's text is scored · FMC: the option's letter · G: the answer is written · "
        "? is found out when the run begins. A run that was begun goes on after its last batch."
    )
    if any(row.unknown and row.about for row in ahead.rows):
        st.caption("A run looks up the commit of an unpinned data set and keeps it. To do so now:")
        suite = shlex.quote(plan.icl_suite)
        st.code(f"python -m core icl pin --suite {suite}", language="bash", wrap_lines=True)


def _row(row: "RunsAhead") -> dict[str, Any]:
    about = row.about
    stored = None if row.stored is None else f"{len(row.stored)} of {len(row.lams)} λ"
    return {
        "Task": row.name,
        "Form": "chat" if about is None else about.form,
        "Shots": 0 if about is None else about.shots,
        "Items": row.items,
        "Stored": stored,
        "Data from": _data(row),
        "Commit": _commit(row),
        "Metric": "judged" if about is None else about.metric,
        "Category": "Instructions" if about is None else about.category,
    }


def _data(row: "RunsAhead") -> str:
    if row.about is None:
        return row.unknown or "this machine"
    return row.about.data_set or row.about.data


def _commit(row: "RunsAhead") -> str:
    about = row.about
    if about is None or about.data_set is None:
        return "none needed"
    if about.commit is not None:
        return about.commit[:HASH_SHOWN]
    return "not pinned yet" if row.unknown else about.data


def _command(plan: api.sweeping.SweepPlan) -> None:
    st.caption("The same from a terminal:")
    st.code(api.sweeping.command(plan), language="bash", wrap_lines=True)


def _order(lams: tuple[Lam, ...]) -> str:
    shown = ", ".join(map(str, lams[:MOST_LAMS]))
    return shown if len(lams) <= MOST_LAMS else f"{shown} and so on"


def _listed(names: "tuple[str, ...] | list[str]") -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def duration(seconds: float) -> str:
    """In the largest unit that keeps two digits."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
