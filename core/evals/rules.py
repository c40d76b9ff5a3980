"""The grader by rules: two answers are the same when their normal forms are.

    grade_by_rules(problem, "1,234 dollars")

Decimals count within the row's limits (both included), everything else exactly. Strict where
algebra would be needed; the other grader (`math_check.py`) is lenient there, and both are kept,
because on MATH the choice of grader alone moves a score by more than half.
"""

from core.evals.answer_values import answer_key, number
from core.tasks.problems.problem import Problem

GRADER, VERSION = "rules", "1"
NO_LIMITS = "the problem has no limits that can be read"


def grade_by_rules(problem: Problem, answer: str) -> bool:
    """Whether the answer is right."""
    if problem.kind == "decimal":
        return _within(problem, answer)
    key = answer_key(answer, problem.kind)
    return key is not None and key == answer_key(problem.answer, problem.kind)


def same_as(problem: Problem, answer: str, other: str) -> bool:
    """Whether the answer is this other one, by the same rules but for limits."""
    key = answer_key(answer, problem.kind)
    return key is not None and key == answer_key(other, problem.kind)


def _within(problem: Problem, answer: str) -> bool:
    value = number(answer, percent_is_share=True)
    limits = [number(limit) if limit else None for limit in (problem.lower, problem.upper)]
    low, high = limits
    if value is None:
        return False
    if low is None or high is None:
        return value == number(problem.answer)
    return min(low, high) <= value <= max(low, high)
