"""Both outputs of one instruction side by side, with what every judge said of them and why.

Outputs and rationales are models' text: shown as text, never as markdown or HTML.
"""

from typing import TYPE_CHECKING

import streamlit as st

from core.lam import Lam
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.reports.judging_points import Compared, Judged, JudgedPoint, JudgeLine, Text
    from core.reports.two_judges import TwoJudges

_SHOW, _KIND, _ITEM = "reader_show", "reader_kind", "reader_item"
_EVERY = "every kind"
_LINE = 70  # characters of an instruction in the list
_SHOWN = ("all", "wins", "draws", "losses", "missing", "disagreed", "flipped")
_VERDICTS = {"wins": "win", "draws": "draw", "losses": "loss", "missing": "missing"}


def pair_reader(
    judged: "Judged", line: "JudgeLine", point: "JudgedPoint", split: "TwoJudges | None"
) -> None:
    """A filter, a list, and the pair that is chosen from it."""
    st.subheader(f"Read the pairs at λ = {point.lam}", anchor=False)
    found = _filtered(point, split)
    if not found:
        st.info("No pair is like that here. Choose another filter.")
        return
    item = _choose(found)
    chosen = next(one for one in found if one.item == item)
    with st.container(border=True, key="pair-card"):
        st.caption("Asked")
        st.text(chosen.instruction)
        with st.container(key="pair-row"):
            left, right = st.columns(2, gap="medium")
        with left:
            _text(f"Reference: {judged.reference_label}", chosen.theirs)
        with right:
            _text(f"λ = {point.lam}", chosen.ours)
        _said(judged, point.lam, chosen)


def _filtered(point: "JudgedPoint", split: "TwoJudges | None") -> "list[Compared]":
    with st.container(key="filter-row"):
        left, right = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with left:
        show = st.segmented_control(
            "Show",
            _SHOWN,
            default="all",
            required=True,
            key=_SHOW,
            help="Disagreed: the two judges above say different things. Flipped: the winner "
            "changes when the order of the two outputs is turned round.",
        )
    kinds = [_EVERY, *dict.fromkeys(one.kind for one in point.compared)]
    if st.session_state.get(_KIND) not in kinds:
        st.session_state[_KIND] = _EVERY
    with right:
        kind = st.selectbox("Kind", kinds, key=_KIND)
    listed = [one for one in point.compared if kind in (_EVERY, one.kind)]
    if show == "disagreed":
        places = {item: at for at, item in enumerate(split.disagreements if split else ())}
        return sorted((o for o in listed if o.item in places), key=lambda one: places[one.item])
    if show == "flipped":
        return [one for one in listed if one.flipped]
    wanted = _VERDICTS.get(show or "all")
    return [one for one in listed if wanted is None or one.verdict == wanted]


def _choose(found: "list[Compared]") -> str:
    """The list, and buttons to the one before and behind."""
    items = [one.item for one in found]
    if st.session_state.get(_ITEM) not in items:
        st.session_state[_ITEM] = items[0]
    at = items.index(st.session_state[_ITEM])
    labels = {one.item: _label(one) for one in found}
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        st.selectbox(
            f"Pair {at + 1} of {len(items)}", items, format_func=labels.__getitem__, key=_ITEM
        )
        st.button("Previous", on_click=_go, args=(items, at - 1), disabled=at == 0)
        st.button("Next", on_click=_go, args=(items, at + 1), disabled=at == len(items) - 1)
    return items[at]


def _go(items: list[str], at: int) -> None:
    st.session_state[_ITEM] = items[at]


def _label(one: "Compared") -> str:
    asked = " ".join(one.instruction.split())
    short = asked if len(asked) <= _LINE else f"{asked[: _LINE - 1]}…"
    return f"{one.verdict} · {one.item} · {short}"


def _text(title: str, text: "Text | None") -> None:
    st.markdown(f"**{plain(title)}**")
    if text is None:
        st.caption("Its outputs are not stored here.")
        return
    facts = [f"{len(text.text):,} characters"]
    if text.tokens is not None:
        facts.append(f"{text.tokens:,} tokens")
    if text.cut:
        facts.append("cut: it ran out of tokens")
    with st.container(border=True, key=f"text-{'ours' if title.startswith('λ') else 'theirs'}"):
        st.text(text.text if text.text.strip() else "(empty)")
    st.caption(" · ".join(facts))


def _said(judged: "Judged", lam: Lam, chosen: "Compared") -> None:
    """A row a judge; what a judge gives as its reasons stands below."""
    rows, reasons = [], []
    for line in judged.judges:
        point = line.at(lam)
        one = next((o for o in point.compared if o.item == chosen.item), None) if point else None
        if one is not None:
            rows.append(_row(line, one))
            reasons += [(line.name, one)]
    st.table(rows, border="horizontal")
    for name, one in reasons:
        _reasons(name, one)


def _row(line: "JudgeLine", one: "Compared") -> dict[str, str]:
    record = one.record
    preference = record.preference
    return {
        "Judge": plain(line.name),
        "Says": plain(one.verdict if not record.identical else "draw: the same text twice"),
        "P(λ is better)": "–" if preference is None else f"{preference - 1:.2f}",
        "Reference first": _shown(record.reference_first, turned=False),
        "λ first": _shown(record.candidate_first, turned=True),
        "Why missing": plain(record.reason or ""),
    }


def _shown(value: float | None, turned: bool) -> str:
    """The same probability in one order; a dash where the judge sees none or gave none."""
    if value is None:
        return "–"
    return f"{2 - value if turned else value - 1:.2f}"


def _reasons(name: str, one: "Compared") -> None:
    record = one.record
    if record.rationale:
        st.caption(f"{plain(name)} gives its reasons:")
        st.text(record.rationale)
    if record.detail:
        st.caption(f"{plain(name)}: what the instruction demands of λ's answer. The answer …")
        marks = [
            f"{'✓' if passed else '✗'} {plain(text)}" for text, passed in record.detail.items()
        ]
        st.markdown("  \n".join(marks))
