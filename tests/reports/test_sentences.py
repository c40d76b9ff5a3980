"""The sentence claims what a paired interval allows, and nothing about an unmeasured λ."""

import re
from dataclasses import replace

import pytest

from core.lam import Lam
from core.reports.points import Interval, Measure
from core.reports.sentences import numbers, points_text, reading, sentence, verdict
from tests.made_trade_off import made_trade_off, without


def difference(value: float, low: float, high: float) -> Measure:
    return Measure(value, 100, Interval(low, high, "made"))


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (difference(3.0, 0.1, 6.0), "better"),
        (difference(-3.0, -6.0, -0.1), "worse"),
        (difference(3.0, -0.1, 6.0), "no difference shown"),
        (difference(3.0, 0.0, 6.0), "no difference shown"),
        (Measure(0.0, 100, reason="all 100 items are the same as at λ=1"), "no difference shown"),
        (Measure(None, 0, reason="λ=1 is not measured yet"), "not compared"),
    ],
)
def test_the_verdict_is_the_interval(measure: Measure, said: str) -> None:
    assert verdict(measure) == said


def test_a_measured_lambda_is_told_with_size_interval_and_n() -> None:
    said = sentence(made_trade_off(), Lam(800))
    assert said.text == (
        "Against the instruct model, λ = 0.8 is 13.0 points better at few-shot tasks "
        "and shows no difference at following instructions."
    )
    assert "+13.0 points (95 % interval +10.4 to +15.6, 1,200 paired items)" in said.detail
    assert "200 paired instructions" in said.detail


def test_worse_is_said_as_plainly_as_better() -> None:
    assert "44.5 points worse at following instructions" in sentence(made_trade_off(), Lam(0)).text


def test_the_side_chooses_what_following_is() -> None:
    assert "Pass rate" in sentence(made_trade_off(), Lam(500), "pass_rate").detail
    assert "Win rate" in sentence(made_trade_off(), Lam(500), "win_rate").detail


def test_an_unmeasured_lambda_gets_no_number_but_its_neighbours() -> None:
    said = sentence(made_trade_off(), Lam(750))
    assert "has not been measured" in said.text
    assert "λ = 0.7 and λ = 0.8" in said.detail
    assert not re.search(r"points|%", said.text + said.detail)


def test_the_instruct_model_is_not_compared_with_itself() -> None:
    said = sentence(made_trade_off(), Lam(1000))
    assert "instruct model itself" in said.text and "better" not in said.text


def test_without_instruct_nothing_is_compared_and_the_reason_is_given() -> None:
    line = without(made_trade_off(), Lam(1000))
    absent = Measure(None, 0, reason="λ=1 is not measured yet")
    point = line.points[0]
    point = replace(point, icl_difference=absent, win_rate_difference=absent)
    said = sentence(replace(line, points=(point,)), point.lam)
    assert "not compared" in said.text and "λ=1 is not measured yet" in said.detail


@pytest.mark.parametrize(
    ("value", "text"), [(8.54, "+8.5"), (-0.6, "−0.6"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_signs_are_read_as_written(value: float, text: str) -> None:
    assert points_text(value) == text


def test_absent_values_carry_their_reason() -> None:
    assert "not measured yet" in reading(Measure(None, 0, reason="not measured yet"))
    assert "50 by definition" in reading(Measure(50.0, 9, reason="50 by definition"))
    assert "no items" in numbers(Measure(None, 0, reason="no items"))
