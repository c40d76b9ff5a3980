"""Blind tasting from the draw to the exports, on made-up rows and simulated people."""

import csv
import io
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.protocol import Message
from core.errors import InputError
from core.lam import INSTRUCT, Lam, parse_grid
from core.reports import tasting
from core.reports.answer_rows import Row, Said, strip_rows
from core.reports.preference import in_words, people_and_judge, preference
from core.reports.row_filter import RowFilter, filter_rows
from core.reports.tasting_order import Taste, turns
from core.store.votes import Vote
from tests.store.test_filmstrips import BOMB, PAIR, asked, strip
from tests.store.test_votes import vote

LAMS = parse_grid("0,0.5,1")


def row(number: int, texts: str = "abc") -> Row:
    said = tuple(Said(lam, text, 3, "stop") for lam, text in zip(LAMS, texts, strict=True))
    return Row(f"suite/{number}", "made", (Message("user", f"Prompt {number}"),), said)


ROWS = tuple(row(number) for number in range(20))


@pytest.fixture(autouse=True)
def own_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path))


def test_a_seed_is_an_order_and_every_pair_comes_once() -> None:
    taste = Taste(LAMS, 7, only_against=None)
    found = turns(ROWS, taste)
    assert found == turns(ROWS, taste) != turns(ROWS, replace(taste, seed=8))
    seen = [(turn.row.key, frozenset((turn.first, turn.second))) for turn in found.turns]
    assert len(seen) == len(set(seen)) == 60
    against_one = turns(ROWS, replace(taste, only_against=INSTRUCT)).turns
    assert len(against_one) == 40 and all(INSTRUCT in (t.first, t.second) for t in against_one)


def test_the_panes_do_not_give_the_lam_away() -> None:
    """Over many draws a λ stands left as often as right."""
    many = turns([row(n) for n in range(400)], Taste(LAMS, 1)).turns
    left = Counter(turn.first == INSTRUCT for turn in many)
    assert abs(left[True] - left[False]) < 4 * len(many) ** 0.5


def test_equal_texts_and_what_was_voted_on_are_left_out_and_counted() -> None:
    rows = (row(0, "aab"), row(1, "abc"))
    everything = turns(rows, Taste(LAMS, 7, None))
    assert (len(everything.turns), everything.same) == (5, 1)
    first = everything.turns[0]
    one = tasting.cast(first, "2", "Ada", PAIR, 7)
    assert (one.first, one.second, one.seed, one.turn) == (first.first, first.second, 7, 0)
    rest = tasting.order(tasting.Rows(PAIR, rows), Taste(LAMS, 7, None), "Ada")
    assert rest.turns == everything.turns[1:] and rest.voted == 1
    assert tasting.order(tasting.Rows(PAIR, rows), Taste(LAMS, 7, None), "Bo").voted == 0
    tasting.undo(one)
    assert tasting.order(tasting.Rows(PAIR, rows), Taste(LAMS, 7, None), "Ada") == everything


def test_what_cannot_be_tasted_is_refused() -> None:
    with pytest.raises(InputError, match="1 λ cannot be compared"):
        Taste(LAMS[:1], 0)
    with pytest.raises(InputError, match="The seed -1"):
        Taste(LAMS, -1)


def people(strengths: dict[str, float], count: int, seed: int) -> list[Vote]:
    """People who prefer by these strengths; a tenth says "same", a tenth "both bad"."""
    dice, found = random.Random(seed), []
    for at in range(count):
        one, other = dice.sample(sorted(strengths), 2)
        chance = 1 / (1 + 2.718281828 ** (strengths[other] - strengths[one]))
        kind = dice.random()
        choice = (
            "x" if kind < 0.1 else "0" if kind < 0.2 else "1" if dice.random() < chance else "2"
        )
        sides = {"first": Lam.parse(one), "second": Lam.parse(other)}
        found.append(replace(vote(choice), **sides, prompt=f"suite/{at}"))  # type: ignore[arg-type]
    return found


def test_the_preference_over_lam_is_what_people_have_in_mind() -> None:
    cast = people({"0": -2.0, "0.5": -0.2, "1": 0.0}, 500, seed=4)
    found = preference(cast, INSTRUCT)
    base, middle, one = found.points
    assert found.votes == 500 and found.decided == 500 - found.both_bad
    assert 25 < found.both_bad < 85
    assert base.chance.value is not None and base.chance.value < 0.35
    assert middle.chance.interval is not None
    assert middle.chance.interval.low < 0.45 < middle.chance.interval.high
    assert one.chance.value == 0.5
    assert in_words(found) == "People prefer λ = 1 to λ = 0. Not settled by these votes: λ = 0.5."
    assert sum(p.wins for p in found.points) == sum(p.losses for p in found.points)
    assert sum(p.both_bad for p in found.points) == 2 * found.both_bad


def test_both_bad_changes_no_chance() -> None:
    cast = people({"0": -1.0, "1": 0.0}, 200, seed=2)
    without = [one for one in cast if one.choice != "x"]
    left, right = preference(cast, INSTRUCT), preference(without, INSTRUCT)
    assert [p.chance for p in left.points] == [p.chance for p in right.points]


def test_no_votes_is_no_number() -> None:
    (alone,) = preference([], INSTRUCT).points
    assert in_words(preference([], INSTRUCT)) == "No two λ were compared."
    few = preference([vote("1"), vote("2")], INSTRUCT)
    assert in_words(few) == "Without a value: λ = 0."
    assert (alone.lam, alone.chance.value, alone.chance.games) == (INSTRUCT, 0.5, 0)


def test_people_and_the_judge_are_held_against_each_other_vote_by_vote() -> None:
    from core.api import verdicts

    judged = verdicts("tinyworld", "lam:1")
    assert judged is not None
    line = judged.judges[0]
    point = line.at(Lam.parse("0.7"))
    assert point is not None
    decided = [one for one in point.compared if one.verdict in ("win", "loss", "draw")]
    cast = [
        replace(
            vote({"win": "1", "loss": "2", "draw": "0"}[one.verdict]),
            first=Lam.parse("0.7"),
            prompt=f"{judged.suite}/{one.item}",
        )
        for one in decided
    ]
    echo = people_and_judge(cast, line, judged.suite)
    assert (echo.agreement.share, echo.agreement.kappa, echo.unjudged) == (1.0, 1.0, 0)
    turned = [replace(one, first=one.second, second=one.first) for one in cast]
    other = people_and_judge(turned, line, judged.suite)
    draws = sum(one.verdict == "draw" for one in decided)
    assert other.agreement.agreed == draws
    elsewhere = [replace(cast[0], prompt="other/1"), replace(cast[0], choice="x")]
    assert people_and_judge(elsewhere, line, judged.suite).unjudged == 1


def test_exports_say_who_chose_what_and_count_what_they_leave_out() -> None:
    rows = (row(0, "abc"), Row("s/1", "k", (Message("system", "S"), *row(1).turns), row(1).said))
    cast = []
    for turn, choice in zip(turns(rows, Taste(LAMS, 3)).turns, "12x0", strict=True):
        cast.append(tasting.cast(turn, choice, BOMB[:30], PAIR, 3))  # type: ignore[arg-type]
    pairs = tasting.preference_pairs(tasting.votes(PAIR), rows)
    assert (pairs.count, pairs.without_preference, pairs.texts_gone) == (2, 2, 0)
    first = json.loads(pairs.jsonl.split("\n")[0])
    one = cast[0]
    assert first["chosen"] == next(r for r in rows if r.key == one.prompt).at(one.first).text  # type: ignore[union-attr]
    assert first["lambda_chosen"] == str(one.first) and first["who"] == BOMB[:30]
    changed = tasting.preference_pairs(cast, (row(0, "xyz"),))
    assert changed.count == 0 and changed.texts_gone == 2
    table = list(csv.DictReader(io.StringIO(tasting.votes_csv(cast), newline="")))
    assert [line["choice"] for line in table] == list("12x0")
    assert table[2]["better"] == "both bad" and table[0]["better"] == table[0]["lambda_first"]


def test_rows_come_from_filmstrips_of_this_pair_alone() -> None:
    kept = strip(asked())
    assert [said.lam for said in strip_rows([kept], PAIR)[0].said] == list(LAMS)
    assert strip_rows([kept], replace(PAIR, base="0")) == ()
    assert strip_rows([strip(asked(), finish="failed")], PAIR) == ()


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (RowFilter(), [0, 1, 2]),
        (RowFilter(differs=True), [0, 2]),
        (RowFilter(pattern="^B"), [0]),
        (RowFilter(pattern="prompt [01]"), [0, 1]),
        (RowFilter(pattern="b", lam=Lam(0)), []),
        (RowFilter(badge="cut"), [2]),
        (RowFilter(badge="empty", lam=INSTRUCT), [2]),
        (RowFilter(fewest=4), []),
        (RowFilter(most=2), []),
        (RowFilter(kind="other"), []),
    ],
)
def test_a_filter_keeps_what_is_wanted(wanted: RowFilter, kept: list[int]) -> None:
    odd = row(2, "dd ")
    cut = replace(odd, said=(replace(odd.said[0], finish="length"), *odd.said[1:]))
    rows = (row(0, "abc"), row(1, "ddd"), cut)
    assert [rows.index(one) for one in filter_rows(rows, wanted)] == kept


@pytest.mark.parametrize("pattern", ["(", "[a", "a" * 1001, "(?P<x", "*"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match=r"is no pattern|1,001 characters"):
        filter_rows(ROWS, RowFilter(pattern=pattern))


def test_a_pattern_that_never_ends_is_stopped_and_told() -> None:
    bad = replace(ROWS[0], said=(replace(ROWS[0].said[0], text="a" * 40 + "!"),))
    with pytest.raises(InputError, match="takes longer than 1 s"):
        filter_rows([bad] * 50, RowFilter(pattern="^(a|aa|a?a)+(x|y)$"))
