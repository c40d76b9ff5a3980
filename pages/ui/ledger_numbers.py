"""The signs, the numbers behind the groups, and the listed items as files."""

from functools import partial

import streamlit as st

from core import api
from pages.ui.ledger_list import SIGNS
from pages.ui.words import plain

_ROW_PX, _HEAD_PX = 35, 38


def legend(ledger: api.flips.Ledger) -> None:
    """Only the signs that occur, and the keys."""
    marks = [api.flips.MARKS[number] for number in ledger.seen]
    task = ledger.tasks[0]
    signs = " · ".join(f"{SIGNS[one][1]} {api.flips.mark_words(one, task)}" for one in marks)
    st.caption(plain(f"{signs}. Keys: j and k, or ↑ ↓ in the list, open items; ← → move λ."))


def numbers(ledger: api.flips.Ledger, view: api.flips.View) -> None:
    """Right items by group and λ; their sums are the accuracies."""
    for note in api.flips.notes(ledger, view):
        st.caption(f":material/info: {plain(note)}")
    opened = st.expander(
        "The numbers, and how the groups are defined", on_change="rerun", key="flip_numbers"
    )
    if not opened.open:
        return
    with opened:
        for one in api.flips.WORDS.values():
            st.markdown(f"* **{one.name}** {one.pattern}: {one.meaning}.")
        st.markdown(
            "A string is read from the lowest λ to the highest; “gained” and “lost” are said of λ "
            "falling from instruct towards base. A λ without an answer is left out of the string, "
            "so an item that has one λ alone is always or never right. Each item is in exactly "
            "one group. Below, how many of each group are right at each λ: a column's sum over "
            "its items is that λ's accuracy."
        )
        rows = _rows(ledger, view)
        st.dataframe(
            rows,
            hide_index=True,
            height=_HEAD_PX + _ROW_PX * len(rows),
            placeholder="–",
            alt="Right items by group and λ",
        )
        st.caption(
            "“Pooled” counts every item once. “Mean over tasks” is the headline of the Trade-off "
            "page; it is absent where a task has no item."
        )


def downloads(ledger: api.flips.Ledger, view: api.flips.View) -> None:
    """The listed items; a file is made when it is asked for."""
    flips, rows = api.flips, view.rows
    name = f"{ledger.pair}_{ledger.of}_items"
    with st.container(horizontal=True, vertical_alignment="center", key="flip-files"):
        st.caption(f"The {len(rows):,} listed items:", width="content")
        for label, make, ending, kind in (
            ("CSV, a row an item", flips.items_csv, ".csv", "text/csv"),
            ("CSV, a row an answer", flips.answers_csv, "_over_lambda.csv", "text/csv"),
            (
                "Parquet, a row an answer",
                flips.answers_parquet,
                "_over_lambda.parquet",
                "application/vnd.apache.parquet",
            ),
        ):
            st.download_button(
                label,
                partial(make, ledger, rows),
                f"{name}{ending}",
                kind,
                key=f"flip_file_{label}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                disabled=not len(rows),
            )


def _rows(ledger: api.flips.Ledger, view: api.flips.View) -> list[dict[str, str | float | None]]:
    table, lams = view.table, ledger.lams
    rows: list[dict[str, str | float | None]] = [
        {
            "": api.flips.WORDS[group].name,
            "Items": int(table.sizes[at]),
            **{str(lam): int(table.right[at, column]) for column, lam in enumerate(lams)},
        }
        for at, group in enumerate(api.flips.GROUPS)
    ]
    right, there = table.right.sum(axis=0).tolist(), table.there.sum(axis=0).tolist()
    sums = (("Right, all groups", right), ("of items there", there))
    rows += [
        {"": name, "Items": None, **{str(lam): n for lam, n in zip(lams, of, strict=True)}}
        for name, of in sums
    ]
    shares = [table.accuracy(column) for column in range(len(lams))]
    for name, of in (("Pooled, %", shares), ("Mean over tasks, %", list(view.macro))):
        values = {str(lam): _rounded(one) for lam, one in zip(lams, of, strict=True)}
        rows.append({"": name, "Items": None, **values})
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
