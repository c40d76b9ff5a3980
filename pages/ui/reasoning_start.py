"""Start a study from the page, and see those that run or ran."""

import streamlit as st

from core import api
from core.api import reasoning
from core.errors import PartwayError
from core.lam import parse_grid
from pages.ui import fields
from pages.ui.job_ways import job_ways, told_error
from pages.ui.sweep_plan import duration
from pages.ui.waiting import waiting
from pages.ui.words import plain

_SAID = "study_said"
_SECONDS = 2.0
_SHOWN = 5


def studies(pair: api.PairEntry) -> None:
    """A form, the same as a command, and the last studies."""
    st.subheader("Measure more", anchor=False)
    _form(pair)
    _list()


def _form(pair: api.PairEntry) -> None:
    benchmarks = {one.name: (one, where) for one, where in reasoning.known_benchmarks()}
    protocols = {one.name: one for one in reasoning.known_protocols()}
    with st.expander("Start a study"), st.form("study", border=False):
        with st.container(key="study-row"):
            columns = st.columns(3, gap="medium")
        bench = columns[0].selectbox(
            "Benchmark", list(benchmarks), format_func=lambda name: benchmarks[name][0].title,
            index=list(benchmarks).index(fields.first_of(list(benchmarks), pair.usual.benchmark)),
        )  # fmt: skip
        chosen = columns[1].multiselect("Protocols", list(protocols), ["symmetric"])
        styles = columns[2].multiselect("Asked how", list(reasoning.STYLES), ["few-shot-cot"])
        with st.container(key="study-numbers-row"):
            columns = st.columns(3, gap="medium")
        grid = columns[0].text_input("λ", "0,0.5,1", help="start:end:step and numbers, with commas")
        n = columns[1].number_input("Answers for a problem", 1, 200, 8)
        limit = columns[2].number_input("Problems (0: all)", 0, 100_000, 32)
        st.caption(plain(" · ".join(f"{one.title}: {where}" for one, where in benchmarks.values())))
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            _start(pair, bench, (grid, int(n), int(limit)), tuple(chosen), tuple(styles))
        if said := st.session_state.get(_SAID):
            st.error(plain(said), icon=":material/error:")
    st.code(
        f"python -m core reasoning run --pair {pair.name} --grid 0,0.5,1 --style few-shot-cot "
        "--protocol symmetric --n 8 --limit 32",
        language="bash",
        wrap_lines=True,
    )


def _start(
    pair: api.PairEntry,
    bench: str,
    asked: tuple[str, int, int],
    protocols: tuple[str, ...],
    styles: tuple[str, ...],
) -> None:
    grid, n, limit = asked
    st.session_state[_SAID] = None
    try:
        plan = reasoning.ReasoningPlan(
            pair=pair.name,
            grid=parse_grid(grid),
            benchmark=bench,
            styles=styles,
            protocols=protocols,
            n=n,
            limit=limit or None,
        )
        reasoning.start(plan)
    except PartwayError as error:
        st.session_state[_SAID] = str(error)


@st.fragment(run_every=_SECONDS)
def _list() -> None:
    """The last studies; looked at again while the page is open."""
    told_error()
    for job in reasoning.jobs()[:_SHOWN]:
        with st.container(border=True, key=f"study-{job.job_id}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                grid = api.sweeping.grid_text(job.plan)
                words = f"**{plain(job.plan.pair)}** · λ {grid} · {job.status}"
                st.markdown(words, width="stretch")
                job_ways(job)
            st.caption(plain(api.queueing.asked(job)))
            _told(job)


def _told(job: api.JobState) -> None:
    """Its bar while it runs, and what it says."""
    said = waiting(job) or job.message
    if job.at_work and job.total:
        left = "" if job.eta_seconds is None else f" · about {duration(job.eta_seconds)} left"
        amount = api.queueing.amount(job)
        st.progress(min(1.0, job.done / job.total), plain(f"{amount}{left} · {said}"))
    elif said:
        st.caption(plain(said))
