"""Filmstrips: one question has one id and one file; nothing is lost, hidden or made a path."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.canon import text_hash
from core.engine.protocol import Message
from core.errors import InputError, NameRefused, NotKnown, StoreError
from core.lam import Lam
from core.settings import ROOT
from core.spec import Decoding, PairIdentity
from core.store.filmstrip import Asked, Column, ColumnAnswer, Filmstrip
from core.store.filmstrips import FilmstripStore, Wanted

PAIR = PairIdentity("made", text_hash("base"), text_hash("instruct"))
BOMB = "<script>alert(1)</script> $\\frac$ \u2028 \x00 \u202e ](javascript:x) \U0001f600"


def asked(text: str = "Name three rivers.", lams: str = "0 0.5 1", seed: int = 0) -> Asked:
    columns = tuple(Column(PAIR, Lam.parse(lam)) for lam in lams.split())
    return Asked("chat", (Message("user", text),), columns, Decoding(40, seed=seed))


def strip(question: Asked, said: str = "Rhine", finish: str = "stop", day: int = 1) -> Filmstrip:
    answers = tuple(
        ColumnAnswer(f"{said} {column.lam}", 3, finish)  # type: ignore[arg-type]
        for column in question.columns
    )
    return Filmstrip(question, answers, {"made": "the exact text"}, f"2026-01-{day:02d}T10:00:00")


@pytest.fixture
def shelf(tmp_path: Path) -> FilmstripStore:
    return FilmstripStore(tmp_path / "own", also=(tmp_path / "published",))


def test_the_id_is_what_was_asked_and_nothing_else() -> None:
    one = asked()
    renamed = replace(PAIR, name="other")
    same = replace(one, columns=tuple(replace(c, pair=renamed) for c in reversed(one.columns)))
    assert same.strip_id == one.strip_id
    others = [
        asked("Name three rivers!"),
        asked(lams="0 0.5 0.9"),
        asked(seed=1),
        replace(one, mode="completion"),
        replace(one, messages=(Message("system", "Be brief."), *one.messages)),
        replace(one, columns=(replace(one.columns[0], pair=replace(PAIR, base="x")),)),
    ]
    assert len({one.strip_id, *(other.strip_id for other in others)}) == len(others) + 1


def test_what_is_read_is_what_was_kept_whatever_the_text(shelf: FilmstripStore) -> None:
    kept = strip(asked(BOMB + "\n" * 50 + "x" * 100_000), said=BOMB)
    assert shelf.save(kept)
    assert shelf.read(kept.strip_id) == kept
    (head,) = shelf.heads().heads
    assert len(head.title) <= 160 and "\n" not in head.title


def test_the_same_again_is_not_kept_twice_and_a_stopped_one_replaces_nothing(
    shelf: FilmstripStore,
) -> None:
    whole = strip(asked())
    stopped = strip(asked(), "Rh", "cancelled")
    assert shelf.save(stopped) and shelf.save(whole)
    assert not shelf.save(replace(whole, created="2027-01-01T00:00:00"))
    assert not shelf.save(stopped)
    assert shelf.read(whole.strip_id) == whole
    assert shelf.save(strip(asked(), "Danube"))  # another machine may say something else
    assert len(shelf.heads().heads) == 1


def test_the_newest_is_first_and_published_ones_stay(shelf: FilmstripStore, tmp_path: Path) -> None:
    FilmstripStore(tmp_path / "published").save(old := strip(asked("Old"), day=1))
    shelf.save(new := strip(asked("New"), day=2))
    assert [head.title for head in shelf.heads().heads] == ["New", "Old"]
    with pytest.raises(StoreError, match="ships with the project"):
        shelf.delete(old.strip_id)
    shelf.delete(new.strip_id)
    assert [head.published for head in shelf.heads().heads] == [True]
    with pytest.raises(NotKnown):
        shelf.delete(new.strip_id)


def test_a_search_finds_in_questions_and_answers_and_by_day(shelf: FilmstripStore) -> None:
    shelf.save(strip(asked("Name a river."), "The RHINE", day=3))
    shelf.save(replace(strip(asked("Add 2 and 3."), "five", day=7), kind="word problem"))

    def titles(**wanted: str) -> list[str]:
        return [head.title for head in shelf.search(Wanted(**wanted)).heads]

    assert titles(text="rhine") == titles(text="A RIVER") == ["Name a river."]
    assert titles(since="2026-01-07") == titles(kind="word problem") == ["Add 2 and 3."]
    assert titles(until="2026-01-03", pair="made") == ["Name a river."]
    assert titles(pair="nobody") == titles(text="absent") == []


def test_a_broken_file_is_told_and_hides_no_other(shelf: FilmstripStore) -> None:
    good, bad = strip(asked("Good")), strip(asked("Bad"))
    shelf.save(good)
    shelf.save(bad)
    path = shelf.results / "generations" / f"strip-{bad.strip_id}.jsonl"
    path.write_text(path.read_text()[:40])
    listed = shelf.heads()
    assert [head.title for head in listed.heads] == ["Good"] and listed.broken == (path.name,)
    with pytest.raises(StoreError, match="no whole filmstrip"):
        shelf.read(bad.strip_id)
    assert shelf.save(bad) and shelf.read(bad.strip_id) == bad


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "a" * 20 + "/", "A" * 20, "0" * 19])
def test_no_id_becomes_another_path(shelf: FilmstripStore, name: str) -> None:
    for door in (shelf.read, shelf.has, shelf.delete):
        with pytest.raises(NameRefused):
            door(name)


def test_questions_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match=r"made@0\.5 is asked twice"):
        asked(lams="0 0.5 0.50")
    with pytest.raises(InputError, match="empty"):
        asked(" \n\t ")
    with pytest.raises(InputError, match="0 columns"):
        asked(lams="")
    with pytest.raises(InputError, match="12 columns"):
        asked(lams=" ".join(f"0.{n:02d}" for n in range(12)))


def test_a_killed_writer_leaves_the_former_file_whole(shelf: FilmstripStore) -> None:
    first = strip(asked(), "Rhine")
    shelf.save(first)
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[2]); os.replace = lambda *a: os._exit(9)\n"
        "from pathlib import Path; from tests.store.test_filmstrips import *\n"
        "FilmstripStore(Path(sys.argv[1])).save(strip(asked(), 'Danube'))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(shelf.results), str(ROOT)], env=os.environ, check=False
    )
    assert ended.returncode == 9
    assert shelf.read(first.strip_id) == first
    assert len(shelf.heads().heads) == 1
