"""From log-probabilities or a letter to a number about the slots."""

import math

import pytest

from core.judges.letters import NO_LETTER, from_logprobs, from_text, from_tokens


def test_two_probabilities_become_alpaca_evals_number() -> None:
    reading = from_tokens([("m", math.log(0.6)), (" M", math.log(0.2)), ("The", math.log(0.2))])
    assert reading.shown == pytest.approx(2 - 0.6 / 0.8)
    assert reading.mass == pytest.approx(0.8)


def test_spellings_with_spaces_are_added_up_and_case_is_kept() -> None:
    tokens = [("m", math.log(0.3)), (" m", math.log(0.3)), ("M", math.log(0.2)), ("mm", -0.1)]
    assert from_tokens(tokens).shown == pytest.approx(2 - 0.6 / 0.8)


def test_one_that_was_not_returned_has_probability_zero() -> None:
    assert from_tokens([("M", -0.001), ("I", -7.0)]).shown == 2.0
    assert from_tokens([("m", -0.001)]).shown == 1.0
    none = from_tokens([("I", -0.001)])
    assert (none.shown, none.mass, none.reason) == (None, 0.0, NO_LETTER)


def test_tiny_probabilities_keep_their_ratio() -> None:
    reading = from_logprobs(-900.0, -900.0 + math.log(3))
    assert reading.shown == pytest.approx(2 - 0.25)


@pytest.mark.parametrize("text", ["m", " m\n", "**m**", "'m'.", "m\nIt names a river."])
def test_a_letter_is_read(text: str) -> None:
    assert from_text(text).shown == 1.0
    assert from_text(text.replace("m", "M", 1)).shown == 2.0


def test_reasons_may_stand_before_or_behind_the_letter() -> None:
    before, behind = from_text("It is right.\n\nM"), from_text("M\nIt is right.")
    assert (before.shown, before.rationale) == (behind.shown, behind.rationale)
    assert before.rationale == "It is right."


@pytest.mark.parametrize("text", ["", "The first answer is better.", "m or M", "more", "Output m"])
def test_prose_is_no_verdict(text: str) -> None:
    reading = from_text(text)
    assert reading.shown is None
    assert reading.reason is not None
