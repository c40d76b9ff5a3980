"""Both graders on a table of tricky answers; expressions that hang cost a bounded time."""

import time
from collections.abc import Iterator

import pytest

from core.evals.math_check import MathVerify
from core.evals.rules import grade_by_rules
from core.tasks.problems.problem import AnswerKind, Problem
from tests.evals.tricky_answers import HANGING, LIMITS, RULES, SEEN_THROUGH

HARD_SECONDS = 1.0


@pytest.fixture(scope="module")
def math_verify() -> Iterator[MathVerify]:
    with MathVerify(seconds=20.0) as grader:
        yield grader


def problem(kind: AnswerKind, answer: str, *limits: str) -> Problem:
    lower, upper = limits or (None, None)
    return Problem("p", "?", answer, kind, "p", lower=lower, upper=upper)


def test_the_table_is_long_enough() -> None:
    assert len(RULES) + len(LIMITS) >= 200
    assert len({(kind, gold, answer) for kind, gold, answer, _ in RULES}) == len(RULES)


def test_the_rules_on_every_tricky_answer() -> None:
    wrong = [
        (kind, gold, answer, expected)
        for kind, gold, answer, expected in RULES
        if grade_by_rules(problem(kind, gold), answer) is not expected
    ]
    assert wrong == []


def test_decimals_count_within_their_limits() -> None:
    wrong = [
        row for row in LIMITS
        if grade_by_rules(problem("decimal", row[2], row[0], row[1]), row[3]) is not row[4]
    ]  # fmt: skip
    assert wrong == []


def test_every_right_answer_is_right_by_itself() -> None:
    own = {(kind, gold) for kind, gold, _, _ in RULES}
    assert [pair for pair in own if not grade_by_rules(problem(*pair), pair[1])] == []


@pytest.mark.parametrize(("gold", "answer"), SEEN_THROUGH)
def test_math_verify_does_the_algebra_that_the_rules_do_not(
    math_verify: MathVerify, gold: str, answer: str
) -> None:
    assert math_verify.check(gold, answer).correct is True
    assert grade_by_rules(problem("math", gold), answer) is False


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        ("\\frac{1}{4}", "\\dfrac{1}{4}", True),  # rejected in the published audit, bare
        ("\\text{(C)}", "C", True),
        ("18", "18", True),
        ("18", "17", False),
        ("(2,\\infty)", "[2,\\infty)", False),
    ],
)
def test_math_verify_reads_what_stands_in_a_math_environment(
    math_verify: MathVerify, gold: str, answer: str, expected: bool
) -> None:
    assert math_verify.check(gold, answer).correct is expected


def test_what_hangs_is_ended_and_the_next_answer_is_graded() -> None:
    with MathVerify(seconds=20.0) as grader:
        grader.check("1", "1")  # its process is up
        grader._seconds = HARD_SECONDS
        verdict = None
        for expression in HANGING:
            began = time.monotonic()
            verdict = grader.check("10", expression)
            if verdict.correct is None:
                break
        assert verdict is not None and verdict.correct is None
        assert verdict.reason is not None and "longer than 1 s" in verdict.reason
        assert time.monotonic() - began < 10 * HARD_SECONDS
        grader._seconds = 20.0
        assert grader.check("7", "7.0").correct is True


def test_the_rules_never_hang_on_what_hangs_math_verify() -> None:
    began = time.monotonic()
    assert not any(grade_by_rules(problem("math", "10"), one) for one in HANGING)
    assert not any(grade_by_rules(problem("number", "10"), one) for one in HANGING)
    assert time.monotonic() - began < 1.0
