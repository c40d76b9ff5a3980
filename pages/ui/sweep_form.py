"""What to measure: λ, few-shot tasks, instructions, judges, limit. Gives a plan, or None.

Every choice stands in the URL. Not here: what the plan would do (`sweep_plan.py`).
"""

from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import api
from core.errors import InputError
from core.lam import Lam
from pages.ui import fields, link
from pages.ui.words import plain

GRID, ICL, PUT, INSTRUCTIONS = "grid", "icl", "put", "instructions"
JUDGES, SPEND, LIMIT = "judges", "spend", "limit"
WHOLE_GRID, REFINED = "0:1:0.1", "refine:0.02"
_BY = "icl_by"
_SUITE, _NAMES = "A suite", "Tasks by name"
_PUT = {
    "plain": "Plain text",
    "chat": "Chat template, one message",
    "chat-turns": "Chat template, examples as turns",
}
KEPT_SECONDS, KEPT_NAMES = 30.0, 8
_INDEXING = "Looking through lm-eval's task files; this takes a moment once…"


class Chosen(NamedTuple):
    """What the fields say; a part that could not be understood is None."""

    grid: tuple[Lam, ...] | None
    icl: str | None
    tasks: "tuple[api.sweeping.TaskOverview, ...]"
    instructions: str
    judges: tuple[str, ...] | None
    spend: str | None
    limit: int | None
    understood: bool

    def plan(self, pair: str) -> "api.sweeping.SweepPlan | None":
        """The plan, or None while a field is not right."""
        if self.grid is None or self.icl is None or self.judges is None or not self.understood:
            return None
        return api.sweeping.SweepPlan(
            pair,
            self.grid,
            self.icl,
            self.instructions,
            self.limit,
            judges=self.judges,
            spend=self.spend,
        )


def sweep_form(pair: str) -> Chosen:
    """All fields."""
    usual = api.sweeping.usual(pair)
    with st.container(key="sweep-row"):
        left, right = st.columns(2, gap="large")
    with right:  # first, because looking names up may take a while
        st.markdown("**λ, instructions and judges**")
        typed, below = _grid_field()
        limit, limit_right = _limit()
        instructions = _instructions(usual.instruction_suite)
        judges, spend, spend_right = _judges()
    with left:
        st.markdown("**Few-shot tasks**")
        icl, tasks = _few_shot(usual.icl_suite)
    with below:  # last: what is refined depends on every other choice
        grid = _grid(typed, pair, icl, instructions, limit if limit_right else None)
    return Chosen(grid, icl, tasks, instructions, judges, spend, limit, limit_right and spend_right)


def _grid_field() -> tuple[str, DeltaGenerator]:
    """What is typed, and a place below it for what is said about it."""
    typed = fields.value(GRID, WHOLE_GRID)
    with st.container(horizontal=True, vertical_alignment="bottom", key="grid-line"):
        fields.text(
            GRID,
            "λ grid",
            typed,
            width="stretch",
            help="Start:end:step and single numbers, such as 0:1:0.1,1.1,1.2. Or refine:STEP for "
            "finer steps around λ\\* of what is stored; refine:STEP:R where a win-rate point is "
            "worth R few-shot points, refine:STEP:few-shot or refine:STEP:win-rate for one side.",
        )
        st.button(
            "Refine",
            icon=":material/center_focus_strong:",
            help=f"Steps of {REFINED.partition(':')[2]} around the best λ that is stored",
            on_click=link.write,
            args=(GRID, REFINED),
        )
    return typed, st.container()


def _grid(
    typed: str, pair: str, icl: str | None, instructions: str, limit: int | None
) -> tuple[Lam, ...] | None:
    """The λ, or None after a sentence; what is refined is looked up in what is stored."""
    if icl is None and "refine" in typed.casefold():
        return None  # the tasks come first, and say so themselves
    asked = api.sweeping.Asked(pair, icl or "", instructions, limit)
    found = fields.understood(partial(api.sweeping.grid, asked=asked), typed)
    if found is None:
        return None
    for note in found.notes:
        st.caption(f":material/info: {plain(note)}")
    return found.lams


def _limit() -> tuple[int | None, bool]:
    typed = fields.value(LIMIT)
    fields.text(
        LIMIT,
        "Items a task, for a trial",
        typed,
        placeholder="all",
        help="The first so many items of every task and of the instructions. A trial's runs are "
        "runs of their own: a whole sweep does not go on from them.",
    )
    if not typed:
        return None, True
    found = fields.understood(_whole_number, typed)
    return found, found is not None


def _whole_number(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or int(typed) < 1:
        raise InputError(
            f"{typed[:40]!r} is no number of items. Give a whole number from 1, or nothing."
        )
    return int(typed)


def _instructions(usual: str) -> str:
    suites = {suite.name: suite.title for suite in api.sweeping.instruction_suites()}
    default = fields.first_of(list(suites), usual)
    return fields.choice(INSTRUCTIONS, "Instruction suite", suites, default)


def _judges() -> tuple[tuple[str, ...] | None, str | None, bool]:
    typed = fields.value(JUDGES)
    fields.text(
        JUDGES,
        "Judges beside the checks",
        typed,
        placeholder="none: the instructions' own checks judge",
        help="With commas: longest, first, local:PAIR@λ, local:/folder, reward:/folder or "
        "openai:MODEL. They are asked once everything is answered.",
    )
    judges = fields.understood(api.sweeping.judge_names, typed)
    if not judges or not any(name.startswith("openai:") for name in judges):
        return judges, None, True
    dollars = fields.value(SPEND)
    fields.text(SPEND, "Dollars that judges may cost", dollars, placeholder="no limit")
    if not dollars:
        return judges, None, True
    found = fields.understood(api.sweeping.dollars, dollars)
    return judges, found, found is not None


def _few_shot(usual: str) -> "tuple[str | None, tuple[api.sweeping.TaskOverview, ...]]":
    suites = {suite.name: suite for suite in api.sweeping.few_shot_suites()}
    default = fields.first_of(list(suites), usual)
    chosen = fields.value(ICL, default)
    typed = chosen.startswith(api.sweeping.TYPED)
    _suite_or_names(typed, default)
    if typed:
        name = _typed(chosen)
    else:
        titles = {one: f"{one} · {suite.title}" for one, suite in suites.items()}
        name = fields.choice(ICL, "Suite", titles, default)
        st.caption(plain(suites[name].description))
    put = fields.choice(PUT, "How a task is put", _PUT, api.sweeping.PROMPTS[0])
    tasks = () if name is None else _looked_up(name)
    if name is None or not tasks:
        return None, ()
    if typed:
        _expanded(name, len(tasks))
    return api.sweeping.put(name, put), tasks


def _suite_or_names(typed: bool, default: str) -> None:
    st.session_state[_BY] = _NAMES if typed else _SUITE

    def changed() -> None:
        by_name = st.session_state[_BY] == _NAMES
        link.write(ICL, api.sweeping.TYPED if by_name else "")

    st.segmented_control(
        "Few-shot tasks",
        [_SUITE, _NAMES],
        required=True,
        key=_BY,
        on_change=changed,
        label_visibility="collapsed",
    )


def _typed(chosen: str) -> str | None:
    """The typed suite's name as it stands in the URL; None while nothing is typed."""
    names, _, shots = chosen.removeprefix(api.sweeping.TYPED).partition("@")
    st.session_state["names_field"], st.session_state["shots_field"] = names, shots

    def changed() -> None:
        parts = (st.session_state["names_field"] or "").split(",")
        listed = ",".join(part.strip() for part in parts if part.strip())
        shots = (st.session_state["shots_field"] or "").strip()
        link.write(ICL, api.sweeping.TYPED + listed + (f"@{shots}" if shots else ""))

    st.text_input(
        "lm-eval's tasks, groups, tags or patterns",
        key="names_field",
        on_change=changed,
        placeholder="arc_easy, mmlu_stem, blimp_*",
        help="With commas. A group, a tag or a pattern stands for all its tasks.",
    )
    st.text_input(
        "Examples before each item (shots)",
        key="shots_field",
        on_change=changed,
        placeholder="as each task says",
    )
    if not names:
        st.caption("Type a name to see which tasks it stands for.")
        return None
    return chosen


def _looked_up(name: str) -> "tuple[api.sweeping.TaskOverview, ...]":
    """The tasks, or none after a sentence; the first look-up says that it takes a while."""
    by_name = name.startswith(api.sweeping.TYPED)
    indexing = by_name and not api.task_names_known()
    with st.spinner(_INDEXING if indexing else "Reading task files…", show_time=True):
        return fields.understood(_tasks, name) or ()


@st.cache_data(ttl=KEPT_SECONDS, max_entries=KEPT_NAMES, show_spinner=False)
def _tasks(name: str) -> "tuple[api.sweeping.TaskOverview, ...]":
    """Kept for a moment: a pattern may stand for two thousand files, and every field redraws."""
    return api.sweeping.suite_tasks(name)


def _expanded(name: str, found: int) -> None:
    """What each group stands for, where one does."""
    parts = api.sweeping.expansions(name)
    told = [f"{plain(part)}: {count:,} tasks" for part, count in parts.items() if count > 1]
    one = "1 task" if found == 1 else f"{found:,} tasks"
    st.caption(f":material/check: {one} in all" + (f" ({'; '.join(told)})" if told else "") + ".")
