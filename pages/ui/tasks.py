"""Which few-shot tasks count: categories and tasks by name, in the URL as `tasks`.

An empty choice means all of them. A name in the URL that means nothing here is told in a
sentence and left out.
"""

import streamlit as st

from core import api
from pages.ui import link

TASKS = "tasks"
_PICKED = "tasks_picked"
_MOST_LETTERS = 60  # of a bad name that is told


def seed(line: api.TradeOff) -> frozenset[str]:
    """The tasks to show, from the URL when it is new, else the session's; empty: all."""
    asked = link.asked(TASKS)
    names = _names(asked if asked is not None else link.taken(TASKS) or "")
    known = _known(line)
    bad = [name for name in names if name not in known]
    if asked is not None and bad:
        told = ", ".join(repr(name[:_MOST_LETTERS]) for name in bad[:3])
        listed = ", ".join(api.showing.categories(line))
        link.complain(
            TASKS, f"There is no task or category {told} here; the categories are {listed}."
        )
    elif asked is not None:
        link.withdraw(TASKS)
    kept = [name for name in names if name in known]
    link.note(TASKS, ",".join(kept))
    return api.showing.tasks_of(line, kept)


def picker(line: api.TradeOff) -> None:
    """Categories first, then tasks; choosing redraws the whole page. `line` has all tasks."""
    known = _known(line)
    st.session_state[_PICKED] = [n for n in _names(link.taken(TASKS) or "") if n in known]
    count = len(line.few_shot.overall.tasks)
    st.multiselect(
        "Few-shot tasks counted",
        list(known),
        format_func=known.__getitem__,
        key=_PICKED,
        on_change=lambda: link.write(TASKS, ",".join(st.session_state[_PICKED])),
        placeholder=f"All {count} tasks; choose categories or tasks",
        help="The mean, its intervals and every comparison are made again over these tasks alone.",
    )


def _known(line: api.TradeOff) -> dict[str, str]:
    """Name in the URL → words for choosing."""
    groups = api.showing.categories(line)
    names = api.reading_names([task for tasks in groups.values() for task in tasks])
    shown = {name: f"{name} ({_many(len(tasks))})" for name, tasks in groups.items()}
    return shown | {task: name for task, name in names.items() if task not in shown}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _many(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"
