"""Votes: on the disk at once, never rewritten, and safe from other tabs and from being killed."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, NotKnown
from core.lam import BASE, INSTRUCT
from core.settings import ROOT
from core.store.votes import ANONYMOUS, Vote, VoteStore, checked_who, new_vote_id
from tests.store.test_filmstrips import BOMB, PAIR


def vote(choice: str = "1", who: str = "Ada") -> Vote:
    return Vote(
        vote_id=new_vote_id(),
        at="2026-01-01T00:00:00",
        who=who,
        pair=PAIR,
        prompt="suite/item",
        kind="question",
        first=BASE,
        second=INSTRUCT,
        first_text="a" * 64,
        second_text="b" * 64,
        choice=choice,  # type: ignore[arg-type]
        seed=7,
        turn=0,
    )


def path_of(store: VoteStore) -> Path:
    (path,) = (store.results / "votes").glob("*.jsonl")
    return path


def test_an_undo_appends_and_rewrites_nothing(tmp_path: Path) -> None:
    store, one, two = VoteStore(tmp_path), vote(), vote("x", BOMB)
    store.cast(one)
    store.cast(two)
    before = path_of(store).read_bytes()
    store.undo(one.vote_id, PAIR)
    after = path_of(store).read_bytes()
    assert after.startswith(before) and after.count(b"\n") == 3
    assert store.standing(PAIR) == (two,) and store.taken_back(PAIR) == 1
    for gone in (one.vote_id, "../x"):
        with pytest.raises(NotKnown):
            store.undo(gone, PAIR)
    assert VoteStore(tmp_path / "nothing").standing(PAIR) == ()
    assert store.standing(replace(PAIR, name="another name")) == (two,)  # the content decides
    assert store.standing(replace(PAIR, base="0")) == ()


def test_a_choice_that_is_none_and_a_long_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no choice"):
        VoteStore(tmp_path).cast(vote("3"))
    with pytest.raises(InputError, match="61 characters"):
        checked_who("x" * 61)
    assert checked_who(" \n ") == ANONYMOUS and checked_who(" A\n B ") == "A B"


def test_two_tabs_lose_nothing_of_each_other(tmp_path: Path) -> None:
    def cast(who: str) -> None:
        for _ in range(25):
            VoteStore(tmp_path).cast(vote(who=who))

    tabs = [threading.Thread(target=cast, args=(who,)) for who in "ABCD"]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    cast_votes = VoteStore(tmp_path).standing(PAIR)
    assert sorted(one.who for one in cast_votes) == sorted("ABCD" * 25)


def test_a_process_killed_in_the_middle_of_a_line_loses_that_line_alone(tmp_path: Path) -> None:
    store = VoteStore(tmp_path)
    store.cast(vote())
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "import core.store.votes as votes; from pathlib import Path\n"
        "from tests.store.test_votes import vote\n"
        "def half(path, rows):\n"
        "    with open(path, 'ab') as target: target.write(b'{\"vote\": \"tor')\n"
        "    os._exit(9)\n"
        "votes.append_lines = half; votes.VoteStore(Path(sys.argv[1])).cast(vote())"
    )
    command = [sys.executable, "-c", script, str(tmp_path), str(ROOT)]
    assert subprocess.run(command, check=False).returncode == 9
    assert len(store.standing(PAIR)) == 1
    store.cast(last := vote("2"))
    assert store.standing(PAIR)[-1] == last and len(store.standing(PAIR)) == 2
