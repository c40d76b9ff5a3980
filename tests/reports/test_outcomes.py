"""Six things that can become of a written answer, from their definitions."""

from dataclasses import replace

import pytest

from core.reports.outcomes import OutcomeCounts, count, goes_on, outcome
from core.store.records import IclRecord

BASE = IclRecord(
    item="i",
    task="t",
    prompt="h",
    choices=(),
    logprobs=(),
    prediction="Oslo",
    target="Paris | the city of Paris",
    correct=False,
    metrics={"exact_match": 0.0},
    tokens=9,
    finish="stop",
)


def written(**changes: object) -> IclRecord:
    return replace(BASE, **changes)  # type: ignore[arg-type]


CASES = {
    "right": written(prediction="Paris", correct=True),
    "wrong": BASE,
    "unparsable": written(prediction="[invalid]", output="I would rather not say."),
    "out_of_tokens": written(prediction="[invalid]", output="Let us think", finish="length"),
    "chatter": written(prediction="Paris is the capital of France"),
    "unknown": written(finish=None),
}


@pytest.mark.parametrize("name", CASES)
def test_each_outcome_from_its_definition(name: str) -> None:
    assert outcome(CASES[name]) == name


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # The metric's word is final: a right answer that was cut off is right.
        ({"correct": True, "finish": "length", "output": "Paris and then"}, "right"),
        # Begun rightly and cut off later: the chatter is what went wrong.
        ({"prediction": "Paris, which lies", "finish": "length"}, "chatter"),
        # What the filter took from the chatter is not what was answered first.
        (
            {"prediction": "7", "output": "Paris. There are 7 of them.", "target": "Paris"},
            "chatter",
        ),
        ({"prediction": "", "output": "   "}, "unparsable"),
        ({"prediction": "the city of Paris, in spring"}, "chatter"),
        ({"prediction": "Parisian"}, "wrong"),
        ({"prediction": "It is Paris."}, "wrong"),
        # Nothing follows, so it is the form that the metric refused.
        ({"prediction": "Paris."}, "wrong"),
        # An old record: how it ended is not known, but what it began with is.
        ({"prediction": "Paris is", "finish": None}, "chatter"),
        ({"prediction": "[invalid]", "finish": None}, "unknown"),
        ({"prediction": "Paris", "correct": True, "finish": None}, "right"),
    ],
)
def test_the_order_in_which_they_are_told_apart(changes: dict[str, object], expected: str) -> None:
    assert outcome(written(**changes)) == expected


def test_choices_have_no_outcome() -> None:
    chosen = written(choices=("a", "b"), logprobs=(-1.0, -2.0), finish=None)
    assert outcome(chosen) is None
    assert count([chosen]) is None


def test_every_item_is_counted_once() -> None:
    records = [*CASES.values(), BASE]
    counts = count(records)
    assert counts == OutcomeCounts(1, 1, 1, 1, 2, 1)


@pytest.mark.parametrize(
    ("said", "target", "does"),
    [
        ("42 apples", "42", True),
        ("42", "42", False),
        ("420 apples", "42", False),
        ("(B) because", "(B)", True),
        ("yes", "", False),
        ("  Yes!  Of course", "yes", True),
    ],
)
def test_going_on_is_a_matter_of_words(said: str, target: str, does: bool) -> None:
    assert goes_on(said, target) is does
