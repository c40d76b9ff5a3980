"""What votes say: which λ was behind each pane, the preference over λ, people against judges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core import api
from core.lam import INSTRUCT
from core.spec import PairIdentity
from pages.ui.words import plain

if TYPE_CHECKING:
    from core.reports.judging_points import Judged
    from core.reports.preference import Preference
    from core.stats.span import Span

taste = api.tasting
EVERYBODY, OPEN, WHOSE = "everybody", "taste_results", "taste_whose"
MOST_CHARACTERS = 90
TO = "\u00a0to\u00a0"  # an interval stays on one line
CONFIG = {"displayModeBar": False, "responsive": True}
_CHOSEN = {"1": "1", "2": "2", "0": "the same", "x": "both bad"}
Sources = dict[str, taste.Rows]


def expander(pair: api.PairEntry, identity: PairIdentity, sources: Sources) -> None:
    """Results that a person must open: whoever sees them first votes less blindly."""
    count = len(taste.votes(identity))
    box = st.expander(
        f"What people chose so far ({count} votes)", key=OPEN, on_change="rerun", expanded=False
    )
    with box:
        if box.open:
            results(pair, identity, sources)


def revealed(votes: Sequence[taste.Vote], rows: taste.Rows) -> None:
    """This sitting's votes with their λ, the newest first."""
    texts = {row.key: " ".join(row.text.split()) for row in rows.rows}
    st.subheader("Your votes, revealed", anchor=False)
    st.dataframe(
        [
            {
                "Prompt": texts.get(vote.prompt, vote.prompt)[:MOST_CHARACTERS],
                "1 was": f"λ = {vote.first}",
                "2 was": f"λ = {vote.second}",
                "You chose": _chosen(vote),
            }
            for vote in reversed(votes)
        ],
        hide_index=True,
        height="content" if len(votes) < 8 else 320,
    )


def _chosen(vote: taste.Vote) -> str:
    lam = {"1": vote.first, "2": vote.second}.get(vote.choice)
    return _CHOSEN[vote.choice] if lam is None else f"{vote.choice}: λ = {lam}"


def results(pair: api.PairEntry, identity: PairIdentity, sources: Sources) -> None:
    """The fit in words, figure and table; agreement with judges; files."""
    everyone = taste.votes(identity)
    st.subheader("What people prefer", anchor=False)
    if not everyone:
        st.caption("Nobody has voted on this pair yet.")
        return
    votes = _whose(everyone)
    found = taste.preference(votes, INSTRUCT)
    judged = _judged(pair)
    line = judged.judges[0] if judged is not None and judged.judges else None
    figure, words = taste.figure(found, line)
    st.markdown(f"**{plain(taste.in_words(found))}**")
    st.caption(plain(_counts(found)))
    with st.container(border=True, key="preference-card"):
        st.plotly_chart(figure, key="preference", alt=words, config=CONFIG)
    st.table(_table(found), border="horizontal")
    st.caption(
        f"95 % intervals, prompts drawn again {found.resamples:,} times: each λ by itself, and all "
        "of them at once, which is what the sentence goes by. Bradley–Terry over λ: a draw is half "
        "a win for each; “both bad” is counted and stays out of the fit. The dashed line is the "
        "judge's win rate against λ = 1, another question put to another reader."
    )
    if judged is not None:
        _agreement(votes, judged)
    _files(votes, sources)


def _whose(everyone: Sequence[taste.Vote]) -> Sequence[taste.Vote]:
    people = list(dict.fromkeys(vote.who for vote in everyone))
    if len(people) == 1:
        return everyone
    if st.session_state.get(WHOSE) not in (EVERYBODY, *people):
        st.session_state[WHOSE] = EVERYBODY
    who = st.selectbox("Votes of", [EVERYBODY, *people], key=WHOSE, width=260)
    return [vote for vote in everyone if who in (EVERYBODY, vote.who)]


def _judged(pair: api.PairEntry) -> "Judged | None":
    reference = f"lam:{INSTRUCT}"
    return api.verdicts(pair.name, reference) if reference in api.references(pair.name) else None


def _counts(found: "Preference") -> str:
    who = "person" if len(found.people) == 1 else "people"
    return (
        f"{found.votes} votes of {len(found.people)} {who} on {found.prompts} prompts; "
        f"{found.both_bad} of them say that both are bad."
    )


def _table(found: "Preference") -> list[dict[str, str]]:
    rows = []
    for point in found.points:
        chance = point.chance
        value = "–" if chance.value is None else f"{100 * chance.value:.0f} %"
        if point.lam == INSTRUCT:
            value, reason = "50 %", "by definition"
        else:
            reason = chance.reason or ""
        rows.append(
            {
                "λ": str(point.lam),
                "Beats λ = 1": value,
                "95 %": _percent(chance.interval),
                "all λ at once": _percent(chance.together),
                "Votes": str(chance.games),
                "Won": str(point.wins),
                "Same": str(point.draws),
                "Lost": str(point.losses),
                "Both bad": str(point.both_bad),
                "Why not": reason,
            }
        )
    return rows


def _percent(span: "Span | None") -> str:
    return "–" if span is None else f"{100 * span.low:.0f}{TO}{100 * span.high:.0f}"


def _agreement(votes: Sequence[taste.Vote], judged: "Judged") -> None:
    st.markdown("**People and judges about the same two texts**")
    rows = []
    for one in taste.agreements(votes, judged):
        found = one.agreement
        span = found.interval
        rows.append(
            {
                "Judge": plain(one.judge),
                "Votes compared": str(found.n),
                "Agree": "–" if found.share is None else f"{100 * found.share:.0f} %",
                "Cohen's κ": "–" if found.kappa is None else f"{found.kappa:.2f}",
                "95 %": "–" if span is None else f"{span.low:.2f}{TO}{span.high:.2f}",
                "Not compared": str(one.unjudged),
                "Both bad": str(one.both_bad),
                "Why not": found.reason or "",
            }
        )
    st.table(rows, border="horizontal")


def _files(votes: Sequence[taste.Vote], sources: Sources) -> None:
    rows = [row for source in sources.values() for row in source.rows]
    pairs = taste.preference_pairs(votes, rows)
    with st.container(horizontal=True, key="taste-files"):
        st.download_button(
            f"Preference pairs, JSONL ({pairs.count})",
            pairs.jsonl,
            "preferences.jsonl",
            "application/jsonl",
            on_click="ignore",
            icon=":material/download:",
            disabled=not pairs.count,
        )
        st.download_button(
            f"Votes, CSV ({len(votes)})",
            taste.votes_csv(votes),
            "votes.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
    st.caption(
        f"A pair is prompt, chosen, rejected. {pairs.without_preference} votes prefer neither; of "
        f"{pairs.texts_gone} the texts are no longer kept as they were read."
    )
