"""Outcomes of written answers: shares of all items, told apart without colour."""

import pytest

from core.figures.outcomes import LOOKS, outcomes
from core.lam import BASE, INSTRUCT
from core.reports.outcome_words import WORDS, CountsAt, counts_over_lam, in_words
from core.reports.outcomes import OutcomeCounts
from tests.made_trade_off import made_trade_off

OVER_LAM = (
    CountsAt(BASE, OutcomeCounts(60, 5, 10, 0, 25, 0)),
    CountsAt(INSTRUCT, OutcomeCounts(10, 50, 0, 0, 40, 0)),
)


def test_every_bar_is_all_of_its_items() -> None:
    figure = outcomes(OVER_LAM)
    assert [sum(bar.y[at] for bar in figure.data) for at in range(2)] == pytest.approx([100, 100])
    assert {bar.name for bar in figure.data} == {
        WORDS["right"], WORDS["chatter"], WORDS["out_of_tokens"], WORDS["wrong"],
    }  # fmt: skip


def test_no_two_outcomes_look_the_same_without_colour_of_their_own() -> None:
    assert set(LOOKS) == set(WORDS) and len(set(LOOKS.values())) == len(LOOKS)
    plain = [outcome for outcome, (_, hatching) in LOOKS.items() if not hatching]
    assert plain == ["right", "wrong"]  # the two ends of every bar


def test_words_name_what_occurs() -> None:
    assert in_words(OVER_LAM[1].counts) == "10 right, 50 right at first, then chatter, 40 wrong"


def test_a_task_of_choices_has_none() -> None:
    line = made_trade_off()
    assert counts_over_lam(line, line.points[0].tasks[0].task) == ()
