"""Which items are listed: category, task, text, order, and the six groups with their counts."""

import streamlit as st

from core import api
from pages.ui import flip_choices as chosen
from pages.ui import link
from pages.ui.words import plain

_SORTS: dict[str, str] = {
    "task": "As asked, task by task",
    "flip": "First flip at the lowest λ",
    "-flip": "First flip at the highest λ",
    "flips": "Most flips",
    "-flips": "Fewest flips",
    "margin": "Closest choice at λ",
    "-margin": "Clearest choice at λ",
}
_ALL = ""


def filters(ledger: api.flips.Ledger, asked: api.flips.Asked) -> None:
    """One row of choices; each stands in the URL."""
    few_shot = ledger.of == "few-shot"
    with st.container(key="flip-filters-row"):
        places = iter(st.columns(4 if few_shot else 3, gap="small"))
    if few_shot:
        with next(places):
            _list(chosen.CATEGORY, "Category", _categories(ledger), asked.category)
    with next(places):
        label = "Task" if few_shot else "Kind"
        _list(chosen.task_name(ledger.of), label, _tasks(ledger, asked), asked.task)
    with next(places):
        _text(asked.find)
    with next(places):
        sign = chosen.BACKWARDS if asked.backwards else ""
        _list(chosen.SORT, "Order", _SORTS, f"{sign}{asked.sort}")


def gaps_only(ledger: api.flips.Ledger, asked: api.flips.Asked) -> None:
    """A box, where there are gaps at all."""
    key = "flip_gaps"
    if not ledger.strings.gaps.any():
        return
    st.session_state[key] = asked.gaps

    def changed() -> None:
        link.write(chosen.GAPS, "only" if st.session_state[key] else "")

    st.checkbox("Only items that lack an answer at some λ", key=key, on_change=changed)


def groups(view: api.flips.View, asked: api.flips.Asked) -> None:
    """The six groups; a click lists one, a second click all."""
    sizes = api.flips.group_sizes(view)
    words = api.flips.WORDS
    key = "flip_groups"
    st.session_state[key] = asked.group
    st.pills(
        "Groups of items by their string along λ; click one to list it",
        list(api.flips.GROUPS),
        format_func=lambda group: f"{words[group].name} · {sizes[group]:,}",
        key=key,
        on_change=chosen.chosen,
        args=(chosen.GROUP, key),
        help="\n".join(f"* **{one.name}** {one.pattern}: {one.meaning}" for one in words.values()),
    )


def _categories(ledger: api.flips.Ledger) -> dict[str, str]:
    names = dict.fromkeys(task.category for task in ledger.tasks)
    return {_ALL: "All categories", **{name: name for name in names}}


def _tasks(ledger: api.flips.Ledger, asked: api.flips.Asked) -> dict[str, str]:
    """Those of the category, by their names for reading."""
    reading = api.reading_names([task.name for task in ledger.tasks])
    among = [task for task in ledger.tasks if asked.category in (None, task.category)]
    known = {task.name: reading[task.name] for task in among}
    if asked.task is not None and asked.task not in known:  # a link may ask for both
        known[asked.task] = f"{reading.get(asked.task, asked.task)} (another category)"
    every = "All tasks" if ledger.of == "few-shot" else "All kinds"
    return {_ALL: every, **known}


def _list(name: str, label: str, labels: dict[str, str], value: str | None) -> None:
    key = f"flip_{name}"
    st.session_state[key] = value or _ALL

    def changed() -> None:
        link.write(name, st.session_state[key])
        if name == chosen.CATEGORY:
            link.write(chosen.task_name("few-shot"), "")

    st.selectbox(label, list(labels), format_func=labels.__getitem__, key=key, on_change=changed)


def _text(value: str) -> None:
    key = "flip_find"
    st.session_state[key] = value
    st.text_input(
        "Text",
        key=key,
        placeholder="asked, target, said",
        on_change=chosen.chosen,
        args=(chosen.FIND, key),
        help=plain(
            "Looked for in each prompt's own part (not in the examples that all prompts of a task "
            "share), its choices, its target, and what was said at every λ. Case does not count."
        ),
    )
