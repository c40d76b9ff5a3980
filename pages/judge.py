"""Judge: who wins at each λ, who says so, and how far that can be believed.

Stored results alone: no engine, key or network. The control "longest" is computed here, so that
every judge has something to be held against.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui import choices, frame, lam_control, measure
from pages.ui.charts import fetch_early
from pages.ui.empty import empty
from pages.ui.equal_length import equal_length
from pages.ui.honesty import honesty_strip
from pages.ui.kinds_table import kinds_table
from pages.ui.pair_reader import pair_reader
from pages.ui.strip import strip
from pages.ui.two_judges import two_judges
from pages.ui.verdict_charts import verdict_charts
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.reports.judging_points import Judged, JudgedPoint, JudgeLine

JUDGE, OTHER, NONE = "judge", "other", "none"
pair = frame.open_page("Judge")
fetch_early()


@st.fragment(key="verdicts")
def explore(line: api.TradeOff, judged: "Judged", names: tuple[str, str]) -> None:
    """Everything that follows λ."""
    with frame.boundary():
        lam = lam_control.current()
        chosen, other = judged.judge(names[0]), judged.judge(names[1])
        assert chosen is not None  # the page's choice is one of these names
        point = chosen.at(lam)
        sentence(judged, chosen, point, lam)
        strip(pair, lam, replace(line, judge=chosen.name))
        with st.container(key="dial-row"):
            lam_control.slider(line)
        with st.container(key="honesty-room"):
            if point is not None and not point.by_definition:
                honesty_strip(point.honesty, "judge")
            else:
                st.caption("No verdicts stand behind a win rate here.")
        equal_length((judged.pair, judged.reference), chosen.name, lam)
        verdict_charts(judged, chosen, lam)
        split = two_judges(chosen, other, lam) if other is not None else None
        if point is None or point.by_definition:
            return
        pair_reader(judged, chosen, point, split)
        kinds_table(point, lam)


def sentence(judged: "Judged", line: "JudgeLine", point: "JudgedPoint | None", lam: Lam) -> None:
    """The claim in words, or why there is none."""
    with st.container(key="claim", gap="xxsmall"):
        if point is None:
            near = ", ".join(str(one.lam) for one in line.points) or "none"
            st.markdown(
                f"**λ = {lam} has no verdicts of {plain(line.name)}**, so nothing is claimed."
            )
            st.caption(f"It has judged λ = {near}.")
        elif point.by_definition:
            st.markdown(f"**λ = {lam} is the reference itself**: 50 by definition, not measured.")
            st.caption("Every other λ is compared with it.")
        else:
            wins, draws, losses, _ = point.counts
            st.markdown(
                f"**{plain(line.name)}** prefers λ = {lam} to {plain(judged.reference_label)} "
                f"**{wins:,} times**, the reference **{losses:,} times**, neither {draws:,} times."
            )
            st.caption(plain(f"Win rate {api.reading(point.rate)}."))


def how_to_judge() -> None:
    """Commands for more judges."""
    with st.expander("Ask another judge about these outputs"):
        st.markdown(
            "Stored outputs are judged without being made again, and every answer of a judge is "
            "kept: a second run asks nothing twice."
        )
        st.code(
            f"python -m core judge --pair {pair.name} --judge local:{pair.name}@1\n"
            f"python -m core judge --pair {pair.name} --judge local:/models/my-judge\n"
            f"python -m core judge --pair {pair.name} --judge reward:/models/my-reward\n"
            f"OPENAI_API_KEY=… python -m core judge --pair {pair.name} --judge openai:MODEL "
            "--spend 2",
            language="bash",
            wrap_lines=True,
        )


def seed(judged: "Judged") -> tuple[str, str]:
    """The judge, and the one beside it: the URL's where it can be used."""
    first = choices.seed(JUDGE, [line.name for line in judged.judges])
    # The length of an answer is what every judge is held against, unless another is chosen.
    return first, choices.seed(OTHER, [*sorted(_others(judged, first), key=_not_longest), NONE])


def pick(judged: "Judged", references: dict[str, str], names: tuple[str, str]) -> None:
    """Three lists to choose from; a choice stands in the URL."""
    with st.container(key="choices-row"):
        columns = st.columns(3, gap="medium")
    with columns[0]:
        choices.pick(JUDGE, "Judge", {line.name: line.name for line in judged.judges}, names[0])
    with columns[1]:
        choices.pick(choices.REFERENCE, "Outputs are compared with", references, judged.reference)
    with columns[2]:
        labels = {name: name for name in [*_others(judged, names[0]), NONE]}
        choices.pick(OTHER, "Second judge, beside it", labels, names[1])


def _others(judged: "Judged", first: str) -> list[str]:
    return [line.name for line in judged.judges if line.name != first]


def _not_longest(name: str) -> bool:
    return not name.startswith("longest")


with frame.boundary():
    st.title("Who wins, and who says so?", anchor=False)
    references = api.references(pair.name)
    line = judged = None
    if references:
        reference = choices.seed(choices.REFERENCE, list(references))
        line, judged = api.trade_off(pair.name, reference), api.verdicts(pair.name, reference)
    lam_control.seed(line)
    names = seed(judged) if judged is not None and judged.judges else None
    measure.find_job(pair)
    frame.complaints()
    if line is None or judged is None:
        empty(pair, api.not_here(pair), api.other_parents(pair.name), begun=False)
    elif names is None:
        st.info(
            "These outputs were not judged yet, and the reference's are not stored here. "
            "Ask a judge with the commands below.",
            icon=":material/info:",
        )
        how_to_judge()
    else:
        pick(judged, references, names)
        explore(line, judged, names)
        how_to_judge()
frame.close_page()
