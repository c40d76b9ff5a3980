r"""Where a short answer is found, and the three different ways of having none."""

import json
import time

import pytest

from core.evals.extract import LONGEST_ANSWER, extract
from core.tasks.problems.problem import AnswerKind


@pytest.mark.parametrize(
    ("text", "kind", "answer", "how"),
    [
        ("First 2 + 2 = 4. The answer is 4.", "number", "4", "stated"),
        ("The answer is 3. No: the answer is 4.", "number", "4", "stated"),
        ("The final answer is: **42**", "number", "42", "stated"),
        ("Answer: 3.5 hours\nThanks!", "number", "3.5 hours", "stated"),
        ("The answer is $1,234.50.", "number", "$1,234.50", "stated"),
        ("So the answer is 7 because 3 + 4 = 7.", "number", "7", "stated"),
        ("blah #### 1,234", "number", "1,234", "hashes"),
        ("\\boxed{3} and then \\boxed{\\frac{1}{2}}", "math", "\\frac{1}{2}", "boxed"),
        ("\\boxed{\\text{(C)}}", "math", "\\text{(C)}", "boxed"),
        ("The answer is 5, that is \\boxed{6}.", "math", "6", "boxed"),
        ("\\boxed{unclosed and the answer is 7", "math", "7", "stated"),
        ("15", "number", "15", "whole"),
        ("15.", "number", "15", "whole"),
        ("First 3, then 4, and so 12 remain", "number", "12", "last value"),
        ("we get $x=3$ and $y=4$", "math", "y=4", "last value"),
        ("She is due on 5/21/2021 at the latest, I think so", "date", "5/21/2021", "last value"),
        ("It has been 4 weeks and 3 days since then, all told", "weeks-days",
         "4 weeks and 3 days", "last value"),
    ],
)  # fmt: skip
def test_where_an_answer_is_found(text: str, kind: AnswerKind, answer: str, how: str) -> None:
    found = extract(text, kind, wants_json=False, finish="stop")
    assert (found.answer, found.how, found.fault) == (answer, how, None)
    assert found.span is not None and text[slice(*found.span)] == answer


@pytest.mark.parametrize(
    ("text", "answer", "how", "kept"),
    [
        ('{"reasoning": "2 + 2", "answer": "4"}', "4", "json", True),
        ('{"reasoning": "2 + 2", "answer": 4}', "4", "json", True),
        ('Sure! {"answer": 4} Bye.', "4", "json", True),
        ('{"answer": 3} wait {"answer": 4}', "4", "json", True),
        ('{"steps": {"a": 1}, "answer": "x}y"}', "x}y", "json", True),
        ('{"reasoning": "a "quoted" word", "answer": 4}', "4", "json repaired", False),
        ('{"reasoning": "cut", "answer": "4"', "4", "json repaired", False),
        ("{'answer': '4'}", "4", "json repaired", False),
        ("The answer is 4.", "4", "stated", False),
        ("{ { { {", None, None, False),
        ('{"answer": null}', None, None, True),
    ],
)
def test_json_kept_repaired_or_ignored(
    text: str, answer: str | None, how: str | None, kept: bool
) -> None:
    found = extract(text, "number", wants_json=True, finish="stop")
    assert (found.answer, found.how, found.format_kept) == (answer, how, kept)
    if found.span is not None and answer is not None:
        assert text[slice(*found.span)] == answer


def test_no_answer_and_out_of_tokens_are_two_things() -> None:
    assert extract("I cannot say.", "number", False, "stop").fault == "no answer"
    assert extract("", "number", False, "stop").fault == "no answer"
    assert extract("First 3 + 4 = 7. Then", "number", False, "length").fault == "out of tokens"
    # It had stated an answer before its room ended.
    assert extract("The answer is 7. Next,", "number", False, "length").answer == "7"


@pytest.mark.parametrize("wants_json", [True, False])
@pytest.mark.parametrize(
    "text",
    ["9" * 50_000, "The answer is " + "x" * 50_000, "{" * 50_000, '{"answer": "' + "a" * 50_000,
     "\\boxed{" * 7_000, "answer is " * 5_000, '"answer": ' * 5_000],
    ids=["digits", "stated", "braces", "json", "boxed", "answer", "keys"],
)  # fmt: skip
def test_an_answer_of_fifty_thousand_characters_is_none_and_takes_no_time(
    text: str, wants_json: bool
) -> None:
    began = time.monotonic()
    found = extract(text, "number", wants_json, "stop")
    assert time.monotonic() - began < 2.0
    assert found.answer is None or len(found.answer) <= LONGEST_ANSWER


def test_an_answer_that_is_too_long_says_so() -> None:
    text = json.dumps({"answer": "7" * (LONGEST_ANSWER + 1)})
    assert extract(text, "number", True, "stop").fault == "too long"
