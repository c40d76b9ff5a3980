"""One item, opened: its flips in words and drawn, what was said along λ, its prompt.

Prompts, choices and answers are shown as text in code blocks, never as markdown or HTML.
"""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui import flip_choices, lam_control
from pages.ui.charts import CONFIG
from pages.ui.items import choices_table
from pages.ui.ledger_list import HEIGHT_PX, SIGNS, step
from pages.ui.words import plain

MOST_LINES, MOST_CHARACTERS, TALL_PX = 12, 900, 240
_SLIDER, _PROMPT = "flip_item_lam", "flip_prompt"


def ledger_item(ledger: api.flips.Ledger, view: api.flips.View, row: int | None) -> None:
    """The panel beside the list; its height is kept."""
    with st.container(border=True, height=HEIGHT_PX, key="flip-item", gap="small"):
        if row is None:
            st.caption("Nothing is open.")
            return
        item, lam = api.flips.open_item(ledger, row), flip_choices.lam(ledger)
        _head(ledger, view, row, item)
        with st.container(key="flip-words"):
            st.markdown(plain(api.flips.flip_words(item)))
        _asked(ledger, row)
        if item.target is not None and not item.choices:
            st.text(f"Target: {item.target.strip()}")
        if item.choices:
            figure, words = api.flips.choices_figure(item, lam)
            st.plotly_chart(figure, key="flip-curve", alt=words, config=CONFIG)
        if len(ledger.lams) > 1:
            _dial(ledger, lam)
        st.markdown(plain(api.flips.margin_words(item, lam)))
        _answers(ledger, row, item, lam)
        _whole_prompt(ledger, row)


def verbatim(text: str) -> None:
    """Text as it is stored: a code block drops one line end at either side, so it gets two."""
    many = text.count("\n") > MOST_LINES or len(text) > MOST_CHARACTERS
    st.code(f"\n{text}\n", language=None, wrap_lines=True, height=TALL_PX if many else "content")


def _head(
    ledger: api.flips.Ledger, view: api.flips.View, row: int, item: api.flips.OpenItem
) -> None:
    rows = view.rows.tolist()
    at = rows.index(row) if row in rows else None
    with st.container(horizontal=True, vertical_alignment="center", key="flip-head"):
        st.markdown(f"**{plain(item.item)}**")
        for label, key, by in (("Previous", "k", -1), ("Next", "j", 1)):
            st.button(
                label,
                key=f"flip_{label}",
                shortcut=key,
                type="tertiary",
                on_click=step,
                args=(ledger, view, row, by),
                disabled=at is not None and not 0 <= at + by < len(rows),
            )
    group = api.flips.WORDS[item.group].name.lower()
    place = f"{at + 1:,} of {len(rows):,}" if at is not None else "not among the listed items"
    passage = f" · shared passage or template: {item.cluster}" if item.cluster else ""
    st.caption(plain(f"{item.task.name} · {item.task.category} · {group} · {place}{passage}"))


def _dial(ledger: api.flips.Ledger, lam: Lam) -> None:
    st.session_state[_SLIDER] = lam

    def moved() -> None:
        lam_control.choose(st.session_state[_SLIDER].thousandths)

    st.select_slider(
        "λ (arrow keys move it)", ledger.lams, format_func=str, key=_SLIDER, on_change=moved
    )


def _answers(ledger: api.flips.Ledger, row: int, item: api.flips.OpenItem, lam: Lam) -> None:
    if item.choices:
        here = api.flips.at_lam(ledger, row, lam)
        if here is not None:
            choices_table(here, item.task.metric)
        st.table([_taken(run) for run in item.runs], border="horizontal")
        return
    if item.checks:
        ends = f"λ = {item.lams[0]} … {item.lams[-1]}"
        st.caption(f"What the instruction demands of the answer: a sign for each of {ends}")
        verbatim("\n".join(_check(check) for check in item.checks))
    st.caption("What was written along λ; neighbours that wrote the same stand together")
    for run in item.runs:
        _said(run, item, lam)


def _taken(run: api.flips.SaidRun) -> dict[str, str]:
    text = "" if run.text is None else plain(" ".join(run.text.split()))
    return {"λ": _range(run.lams), "Taken": text, "": SIGNS[run.mark][1]}


def _said(run: api.flips.SaidRun, item: api.flips.OpenItem, lam: Lam) -> None:
    words = f"λ = {_range(run.lams)} · {SIGNS[run.mark][1]} "
    words += api.flips.mark_words(run.mark, item.task)
    st.markdown(f"**{plain(words)}**" if lam in run.lams else plain(words))
    if run.text is not None:
        verbatim(run.text)


def _check(check: api.flips.CheckLine) -> str:
    signs = {None: "·", True: "✓", False: "✗"}
    return f"{''.join(signs[one] for one in check.passed)}  {check.text}"


def _range(lams: tuple[Lam, ...]) -> str:
    return str(lams[0]) if len(lams) == 1 else f"{lams[0]} … {lams[-1]}"


def _asked(ledger: api.flips.Ledger, row: int) -> None:
    """The end of the prompt: what is asked, behind the examples."""
    end = api.flips.end_of_prompt(ledger, row)
    if end is None:
        st.caption("Its prompt is not stored here (the results' folder prompts/ is missing).")
    else:
        verbatim(end)


def _whole_prompt(ledger: api.flips.Ledger, row: int) -> None:
    opened = st.expander("The whole prompt, as it was asked", on_change="rerun", key=_PROMPT)
    with opened:
        if opened.open:
            whole = api.flips.prompt_of(ledger, row)
            verbatim("It is not stored here." if whole is None else whole)
