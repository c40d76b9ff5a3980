"""The items of the open task at the chosen λ: what was asked, what was said, what was right.

Beside the heat map, in a room of fixed height; it follows λ. Model text and prompts are shown
as text, never as markdown or HTML. Prompts are read only when they are opened.
"""

import streamlit as st
from streamlit.elements.lib.column_config_utils import ColumnConfigMappingInput

from core import api
from core.lam import Lam
from pages.ui import choices, task_map
from pages.ui.charts import CONFIG
from pages.ui.words import plain

FORMS = {"MC": "answer text", "FMC": "option letter", "G": "written answer"}
_PICKED, _FILTER, _CLICK = "item_picked", "item_filter", "item_click"
_SHOW = {"all": "All", "wrong": "Wrong", "right": "Right"}
_LIST_PX, _ROW_PX, _HEAD_PX = 178, 35, 38
_HINT = (
    "Click a cell of the map, or a task in the table below: what was asked, what was said and "
    "what was right appears here, item by item, at that λ."
)


def items_panel(
    line: api.TradeOff, rows: tuple[api.heat.HeatRow, ...], lam: Lam, room: int
) -> None:
    """The open task's items, or how to open one."""
    st.html(task_map.marks(rows, lam) or "<style></style>")
    task = choices.open_task()
    row = next((row for row in rows if row.task == task), None)
    key = "items-hint" if row is None else "items-card"
    with st.container(border=True, key=key, height=room, gap="xsmall"):
        if row is None:
            st.caption(_HINT)
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(row.name)}** at λ = {lam}")
            st.button("Close", on_click=choices.close_items, type="tertiary", key="close_items")
        point = line.at(lam)
        score = next((one for one in point.tasks if one.task == task), None) if point else None
        if score is None:
            apart = api.showing.apart_words(line, lam)
            st.info(
                plain(
                    f"{row.name} {f'was {apart}' if apart else 'has not been measured'} at "
                    f"λ = {lam}."
                )
            )
            return
        _task(line, score, lam)


def _task(line: api.TradeOff, score: api.TaskScore, lam: Lam) -> None:
    found = api.items(score.run_id, score.metric)
    if not found:
        st.caption("This run has no items.")
        return
    right = sum(item.correct for item in found)
    st.markdown(
        f"**{right} of {len(found)} right** ({100 * right / len(found):.1f} %); against λ = 1 "
        + plain(api.numbers(score.difference))
    )
    form = FORMS.get(score.form, score.form)
    st.caption(plain(f"{score.category} · {form} · {score.shots}-shot · {score.metric}"))
    if score.outcomes is not None:
        st.caption(plain(f"Written answers: {api.outcome_words.in_words(score.outcomes)}."))
    st.page_link(
        "pages/items.py",
        label="Which of its items flip along λ",
        query_params={"pair": line.pair, "lam": str(lam), "task": score.task},
    )
    shown = _list(found)
    picked = st.session_state.get(_PICKED)
    item = next((one for one in shown if one.item == picked), next(iter(shown), None))
    if item is not None:
        _item(item, score)
    _outcomes_over_lam(line, score.task)


def _outcomes_over_lam(line: api.TradeOff, task: str) -> None:
    """Of a task whose answers are written: what became of them at each λ."""
    over_lam = api.outcome_words.counts_over_lam(line, task)
    if over_lam:
        figure, words = api.outcomes_figure(over_lam)
        st.caption("What became of the written answers over λ (%)")
        st.plotly_chart(figure, key="outcomes", alt=words, config=CONFIG)


def _list(found: tuple[api.ItemRow, ...]) -> list[api.ItemRow]:
    """The items to choose from; returns those that the filter shows."""
    st.session_state.setdefault(_FILTER, "all")
    st.segmented_control(
        "Show", list(_SHOW), format_func=_SHOW.__getitem__, key=_FILTER, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    wanted = st.session_state[_FILTER]
    shown = [one for one in found if wanted == "all" or one.correct == (wanted == "right")]
    if not shown:
        with st.container(height=_LIST_PX, border=False):
            st.caption("None of them.")
        return shown
    st.dataframe(
        [_listed(one) for one in shown],
        hide_index=True,
        height=_LIST_PX,
        column_config=_columns([one.item for one in shown]),
        alt="The items: right or wrong, target, and what was said",
    )
    return shown


def _listed(item: api.ItemRow) -> dict[str, str]:
    return {
        "": "✓" if item.correct else "✗",
        "Item": item.item,
        "Target": item.target.strip(),
        "Said": item.prediction.strip(),
    }


def _columns(names: list[str]) -> ColumnConfigMappingInput:
    def pick() -> None:
        clicked = st.session_state[_CLICK]
        if clicked is not None:
            st.session_state[_PICKED] = names[clicked["row"]]

    text = st.column_config.TextColumn
    return {
        "": text(width=32, help="✓ right, ✗ wrong"),
        "Item": st.column_config.ButtonColumn(
            type="tertiary", on_click=pick, key=_CLICK, help="Click to read it below.",
            alignment="left",
        ),
        "Target": text(),
        "Said": text(help="The choice taken, or the text written."),
    }  # fmt: skip


def _item(item: api.ItemRow, score: api.TaskScore) -> None:
    said = "right" if item.correct else "wrong"
    said = api.outcome_words.WORDS[item.outcome] if item.outcome else said
    cut = f" · {item.cut} cut off" if item.cut else ""
    st.markdown(f"**{plain(item.item)}** · {said} · {item.tokens:,} tokens{cut}")
    if item.choices:
        choices_table(item, score.metric)
    else:
        st.text(f"Written: {(item.output or item.prediction).strip()}")
        st.text(f"Target: {item.target.strip()}")
    prompt = st.expander("The prompt, as it was scored", on_change="rerun", key="item_prompt")
    with prompt:
        if prompt.open:
            st.code(api.item_prompt(score.run_id, item.prompt), language=None, wrap_lines=True)


def choices_table(item: api.ItemRow, metric: str) -> None:
    """Each choice with its log-likelihood, raw and by length, and what it was."""
    per_byte = metric.startswith("acc_bytes")
    length = "per byte" if per_byte else "per character"
    number = st.column_config.NumberColumn(format="%.3f", width=92)
    st.dataframe(
        [
            {
                "Choice": choice.text.strip(),
                "Log-likelihood": choice.logprob,
                length: choice.per_byte if per_byte else choice.per_char,
                "": " · ".join(_roles(choice)),
            }
            for choice in item.choices
        ],
        hide_index=True,
        height=_HEAD_PX + _ROW_PX * len(item.choices),
        column_config={"Log-likelihood": number, length: number},
        alt="The choices with their log-likelihoods",
    )
    by = length if metric.startswith(("acc_norm", "acc_bytes")) else "log-likelihood"
    st.caption(f"The largest {by} is taken ({plain(metric)}).")


def _roles(choice: api.Choice) -> list[str]:
    roles = (("taken", choice.predicted), ("target", choice.right))
    return [name for name, held in roles if held]
