"""What people said in blind tastings: appended to a file a pair, never rewritten.

    votes = VoteStore(settings.results)
    votes.cast(vote) · votes.undo(vote.vote_id, pair) · votes.standing(pair)

results/votes/<id of the pair's content>.jsonl: a line is a vote, or takes one back. A line is
on the disk when `cast` returns; two tabs, or a process that was killed in the middle of a
line, lose nothing of each other. Not here: what follows from the votes (`core/reports`).
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from core.canon import content_id
from core.errors import InputError, NotKnown
from core.lam import Lam
from core.spec import PairIdentity
from core.store.environment import now
from core.store.files import append_lines, drop_torn_line, read_lines
from core.store.lock import waiting_lock

VOTES = "votes"
Choice = Literal["1", "2", "0", "x"]  # the first, the second, the same, both bad
MOST_WHO_CHARACTERS = 60
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Vote:
    """One choice between two texts, whose λ the voter did not see."""

    vote_id: str
    at: str  # UTC
    who: str
    pair: PairIdentity
    prompt: str  # id of the filmstrip, or suite/item
    kind: str
    first: Lam  # as shown: first is the left pane
    second: Lam
    first_text: str  # sha256 of what was read
    second_text: str
    choice: Choice
    seed: int  # of the order
    turn: int  # place in that order

    @property
    def outcome(self) -> float | None:
        """1 where the first is better, 0 the second, ½ the same; None: both bad."""
        return {"1": 1.0, "2": 0.0, "0": 0.5, "x": None}[self.choice]


def new_vote_id() -> str:
    """Random, so that two people in one second differ."""
    return secrets.token_hex(8)


def checked_who(text: str) -> str:
    """A person's name for themselves, on one line; empty is anonymous.

    Raises:
        InputError: too long.
    """
    who = " ".join(text.split())
    if len(who) > MOST_WHO_CHARACTERS:
        raise InputError(f"The name has {len(who)} characters. Give at most {MOST_WHO_CHARACTERS}.")
    return who or ANONYMOUS


@dataclass(frozen=True, slots=True)
class VoteStore:
    """Votes under `results`."""

    results: Path

    def cast(self, vote: Vote) -> None:
        """Append the vote; it is on the disk when this returns.

        Raises:
            InputError: no such choice.  StoreError: it cannot be written.
        """
        if vote.choice not in get_args(Choice):
            raise InputError(f"{vote.choice!r:.20} is no choice. Choose 1, 2, 0 or x.")
        self._append(vote.pair, _row(vote))

    def undo(self, vote_id: str, pair: PairIdentity) -> None:
        """Append that the vote is taken back.

        Raises:
            NotKnown: there is no such vote, or it was taken back.
        """
        if vote_id not in {vote.vote_id for vote in self.standing(pair)}:
            raise NotKnown(f"There is no vote {vote_id[:40]!r} to take back. Vote again instead.")
        self._append(pair, {"undo": vote_id, "at": now()})

    def standing(self, pair: PairIdentity) -> tuple[Vote, ...]:
        """The votes on this pair that were not taken back, the oldest first."""
        path = self._path(pair)
        if not path.is_file():
            return ()
        told = path.stat()
        return _standing_once(str(path), told.st_mtime_ns, told.st_size)

    def taken_back(self, pair: PairIdentity) -> int:
        """How many votes were taken back."""
        return sum("undo" in row for row in read_lines(self._path(pair)))

    def _append(self, pair: PairIdentity, row: dict[str, Any]) -> None:
        with self._alone(pair) as path:
            drop_torn_line(path)  # else this line would end the torn one and both were lost
            append_lines(path, [row])

    @contextmanager
    def _alone(self, pair: PairIdentity) -> Iterator[Path]:
        path = self._path(pair)
        with waiting_lock(path.with_suffix(".lock")):
            yield path

    def _path(self, pair: PairIdentity) -> Path:
        return self.results / VOTES / f"{content_id([pair.base, pair.instruct])}.jsonl"


def _row(vote: Vote) -> dict[str, Any]:
    row = {**asdict(vote), "first": str(vote.first), "second": str(vote.second)}
    return {"vote": row.pop("vote_id"), **row}


def _vote(row: Mapping[str, Any]) -> Vote:
    content = {**row, "vote_id": row["vote"], "pair": PairIdentity(**row["pair"])}
    del content["vote"]
    for side in ("first", "second"):
        content[side] = Lam.parse(row[side])
    return Vote(**content)


@lru_cache(64)
def _standing_once(path: str, stamp: int, size: int) -> tuple[Vote, ...]:
    rows = read_lines(Path(path))
    undone = {row["undo"] for row in rows if "undo" in row}
    return tuple(_vote(row) for row in rows if "vote" in row and row["vote"] not in undone)
