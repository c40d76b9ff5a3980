"""Everything a page asks about blind tasting: rows, turns, votes, what follows, exports.

    rows = api.tasting.rows(pair, "suite")
    api.tasting.cast(turn, "1", who, rows.pair, taste)

A part of the pages' door (`core.api`): settings come from the environment, importing it is
cheap. Not here: drawing.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.lam import INSTRUCT, Lam
from core.pairs.registry import find_pair
from core.reports.answer_rows import Row, strip_rows, suite_rows
from core.reports.parents import parents_here
from core.reports.tasting_order import Order, Taste, Turn, Voted, turns
from core.settings import PUBLISHED, read_settings
from core.spec import PairIdentity
from core.store.environment import now
from core.store.filmstrips import FilmstripStore, Wanted
from core.store.runs import RunStore
from core.store.votes import Choice, Vote, VoteStore, checked_who, new_vote_id

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.reports.judging_points import Judged, JudgeLine
    from core.reports.preference import JudgeAgreement, Preference

__all__ = ["Choice", "Order", "Row", "Taste", "Turn", "Vote", "checked_who"]
MOST_STRIPS = 500
CSV_COLUMNS = (
    *("vote", "at", "who", "pair", "prompt", "kind", "lambda_first", "lambda_second", "choice"),
    *("better", "seed", "turn", "text_first", "text_second"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What can be tasted of one pair."""

    pair: PairIdentity
    rows: tuple[Row, ...]
    suite: str | None = None  # whose instructions they are; None: filmstrips

    @property
    def lams(self) -> tuple[Lam, ...]:
        """Every λ that has said anything, ascending."""
        return tuple(sorted({one.lam for row in self.rows for one in row.said}))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Preference pairs as JSON lines, and how many votes could not become one."""

    jsonl: str
    count: int
    without_preference: int  # "the same" and "both bad"
    texts_gone: int  # their texts were deleted, or written anew


def identity(pair_name: str) -> PairIdentity | None:
    """The pair's parents by content, as they are on this machine; None where they are not.

    Raises:
        NotKnown: no such pair.
    """
    settings = read_settings()
    return parents_here(find_pair(pair_name, settings), settings, quick=True).identity


def suite(pair_name: str, content: PairIdentity | None) -> Rows | None:
    """The instructions that the pair's sweep answered, or None where there is none."""
    found = suite_rows(_runs(), pair_name, content)
    return None if found is None else Rows(found.pair, found.rows, found.suite)


def filmstrips(pair: PairIdentity) -> Rows:
    """The newest filmstrips in which this pair gave different answers at two λ or more."""
    shelf = _shelf()
    heads = [head for head in shelf.search(Wanted(pair=pair.name)).heads if head.differs]
    rows = strip_rows((shelf.read(head.strip_id) for head in heads[:MOST_STRIPS]), pair)
    return Rows(pair, tuple(row for row in rows if len(row.said) > 1))


def order(rows: Rows, taste: Taste, who: str) -> Order:
    """The turns of this seed that the person has not voted on.

    Raises:
        InputError: fewer than two λ, or no seed.
    """
    cast = VoteStore(read_settings().results).standing(rows.pair)
    voted: Voted = frozenset(
        (vote.prompt, frozenset((vote.first, vote.second))) for vote in cast if vote.who == who
    )
    return turns(rows.rows, taste, voted)


def cast(turn: Turn, choice: Choice, who: str, pair: PairIdentity, seed: int) -> Vote:
    """Keep a vote; it is on the disk when this returns.

    Raises:
        InputError: no such choice.  StoreError: it cannot be written.
    """
    first, second = turn.row.at(turn.first), turn.row.at(turn.second)
    assert first is not None and second is not None  # the turn was drawn from the row
    vote = Vote(
        vote_id=new_vote_id(),
        at=now(),
        who=who,
        pair=pair,
        prompt=turn.row.key,
        kind=turn.row.kind,
        first=turn.first,
        second=turn.second,
        first_text=first.text_hash,
        second_text=second.text_hash,
        choice=choice,
        seed=seed,
        turn=turn.number,
    )
    VoteStore(read_settings().results).cast(vote)
    return vote


def undo(vote: Vote) -> None:
    """Take a vote back, by a line of its own.

    Raises:
        NotKnown: it was taken back already.
    """
    VoteStore(read_settings().results).undo(vote.vote_id, vote.pair)


def votes(pair: PairIdentity, who: str | None = None) -> tuple[Vote, ...]:
    """Standing votes on the pair, the oldest first; of one person where asked."""
    cast = VoteStore(read_settings().results).standing(pair)
    return tuple(vote for vote in cast if who is None or vote.who == who)


def preference(cast: Sequence[Vote], against: Lam = INSTRUCT) -> "Preference":
    """The fit over λ (about a second with hundreds of votes)."""
    from core.reports.preference import preference

    return preference(cast, against)


def in_words(found: "Preference") -> str:
    """What the votes allow to say."""
    from core.reports.preference import in_words

    return in_words(found)


def agreements(cast: Sequence[Vote], judged: "Judged") -> "tuple[JudgeAgreement, ...]":
    """People against every judge of the pair's stored outputs."""
    from core.reports.preference import people_and_judge

    return tuple(people_and_judge(cast, line, judged.suite) for line in judged.judges)


def figure(found: "Preference", line: "JudgeLine | None") -> "tuple[go.Figure, str]":
    """People's preference over λ with the judge's win rate behind it, and both in words."""
    from core.figures import preference

    return preference.preference_curve(found, line), preference.in_words(found, line)


def votes_csv(cast: Sequence[Vote]) -> str:
    """A row a vote."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for vote in cast:
        better = {"1": str(vote.first), "2": str(vote.second), "0": "same", "x": "both bad"}
        writer.writerow(
            [
                *(vote.vote_id, vote.at, vote.who, vote.pair.name, vote.prompt, vote.kind),
                *(str(vote.first), str(vote.second), vote.choice, better[vote.choice]),
                *(vote.seed, vote.turn, vote.first_text, vote.second_text),
            ]
        )
    return target.getvalue()


def preference_pairs(cast: Sequence[Vote], rows: Sequence[Row]) -> Pairs:
    """prompt, chosen, rejected: the format of TRL's preference data, with where it is from."""
    known = {row.key: row for row in rows}
    lines, undecided, gone = [], 0, 0
    for vote in cast:
        if vote.outcome not in (0.0, 1.0):
            undecided += 1
        elif (pair := _pair(vote, known)) is None:
            gone += 1
        else:
            lines.append(json.dumps(pair, ensure_ascii=False))
    return Pairs("".join(f"{line}\n" for line in lines), len(lines), undecided, gone)


def _pair(vote: Vote, rows: Mapping[str, Row]) -> dict[str, Any] | None:
    row = rows.get(vote.prompt)
    first, second = (row.at(vote.first), row.at(vote.second)) if row else (None, None)
    if row is None or first is None or second is None:
        return None
    if (first.text_hash, second.text_hash) != (vote.first_text, vote.second_text):
        return None
    chosen, rejected = (first, second) if vote.outcome else (second, first)
    system = next((turn.content for turn in row.turns if turn.role == "system"), None)
    return {
        "prompt": row.text,
        "chosen": chosen.text,
        "rejected": rejected.text,
        **({"system": system} if system else {}),
        "pair": vote.pair.name,
        "lambda_chosen": str(chosen.lam),
        "lambda_rejected": str(rejected.lam),
        "who": vote.who,
        "at": vote.at,
        "prompt_id": vote.prompt,
    }


def _shelf() -> FilmstripStore:
    return FilmstripStore(read_settings().results, (PUBLISHED,))


def _runs() -> RunStore:
    return RunStore(read_settings().results, (PUBLISHED,))
