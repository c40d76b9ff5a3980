"""The stages after the answers: extraction and grading of a run's pools, item by item.

    extracted = extract_pools(pools, problems, wants_json=False)
    graded = grade_answers(extracted, problems, "rules")

Pure but for math-verify's process. Not here: files, and asking a model (`extract_model.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, get_args

from core.canon import content_id
from core.errors import InputError
from core.evals import math_check, rules
from core.evals.answer_values import answer_key
from core.evals.confidence import delta
from core.evals.extract import Found, extract
from core.store.reasoning import (
    ExtractionRecord,
    GradeRecord,
    PoolRecord,
    unpack_margins,
    unpack_widths,
)
from core.tasks.problems.problem import Problem

GraderName = Literal["rules", "math-verify"]
Problems = Mapping[str, Problem]
Reader = Callable[[PoolRecord, Problem], Sequence[Found]]
Check = Callable[[Problem, str, str], math_check.Verdict]  # problem, right answer, given answer
DELTA_DECIMALS = 5


def targets_hash(problems: Iterable[Problem]) -> str:
    """What answers are compared with, as part of a grading's id."""
    return content_id([one.content() for one in problems])


def extract_pools(
    pools: Iterable[PoolRecord], problems: Problems, read: Reader
) -> list[ExtractionRecord]:
    """The short answers of every pool, with Δ confidence for branches."""
    return [_extracted(pool, problems[pool.item], read) for pool in pools]


def by_rules(wants_json: bool) -> Reader:
    """The reader that applies `extract` to each text."""

    def read(pool: PoolRecord, problem: Problem) -> list[Found]:
        both = zip(pool.outputs, pool.finishes, strict=True)
        return [extract(text, problem.kind, wants_json, finish) for text, finish in both]

    return read


def _extracted(pool: PoolRecord, problem: Problem, read: Reader) -> ExtractionRecord:
    found = read(pool, problem)
    answers = tuple(one.answer for one in found)
    votes = tuple(_vote(answer, problem) for answer in answers)
    faults = tuple(one.fault for one in found)
    kept = tuple(one.format_kept for one in found if one.format_kept is not None)
    return ExtractionRecord(
        item=pool.item,
        answers=answers,
        hows=tuple(one.how for one in found),
        spans=tuple(one.span for one in found),
        faults=faults if any(faults) else (),
        votes=votes if votes != answers else (),
        formats=kept,
        deltas=_deltas(pool, found),
    )


def _vote(answer: str | None, problem: Problem) -> str | None:
    """What votes together; an answer without a normal form votes as the text that it is."""
    if answer is None:
        return None
    return answer_key(answer, problem.kind) or f"text {' '.join(answer.split()).casefold()}"


def _deltas(pool: PoolRecord, found: Sequence[Found]) -> tuple[float | None, ...]:
    if not pool.margins:
        return ()
    traced = zip(pool.margins, pool.widths, found, strict=True)
    values = (delta(unpack_margins(m), unpack_widths(w), one.span) for m, w, one in traced)
    return tuple(None if value is None else round(value, DELTA_DECIMALS) for value in values)


def grade_answers(
    extracted: Iterable[ExtractionRecord], problems: Problems, check: Check
) -> list[GradeRecord]:
    """What the grader makes of every answer; equal answers of an item are graded once."""
    return [_graded(record, problems[record.item], check) for record in extracted]


def rules_check(problem: Problem, target: str, answer: str) -> math_check.Verdict:
    """The grader by rules, in the shape that both graders share."""
    if target == problem.answer:
        return math_check.Verdict(rules.grade_by_rules(problem, answer))
    return math_check.Verdict(rules.same_as(problem, answer, target))


def math_verify_check(grader: math_check.MathVerify) -> Check:
    """math-verify, for the kinds of answers that it knows."""

    def check(problem: Problem, target: str, answer: str) -> math_check.Verdict:
        if problem.kind not in math_check.KINDS:
            return math_check.Verdict(None, math_check.NOT_ITS)
        return grader.check(target, answer)

    return check


def grader_version(name: str) -> str:
    """The grader's version, for the id of its grades.

    Raises:
        InputError: there is no such grader.  TaskError: math-verify is not installed.
    """
    if name not in get_args(GraderName):
        known = " and ".join(get_args(GraderName))
        raise InputError(f"There is no grader {name[:40]!r}. Known are {known}.")
    return rules.VERSION if name == rules.GRADER else math_check.version()


def _graded(record: ExtractionRecord, problem: Problem, check: Check) -> GradeRecord:
    verdicts = _verdicts(record, problem, problem.answer, check)
    reasons = tuple(None if one is None else one.reason for one in verdicts)
    twin = problem.twin_answer
    as_twin: tuple[bool | None, ...] = ()
    if twin is not None:
        told = _verdicts(record, problem, twin, check)
        as_twin = tuple(None if one is None else one.correct for one in told)
    return GradeRecord(
        item=record.item,
        target=problem.answer,
        correct=tuple(None if one is None else one.correct for one in verdicts),
        reasons=reasons if any(reasons) else (),
        twin_target=twin,
        as_twin=as_twin,
    )


def _verdicts(
    record: ExtractionRecord, problem: Problem, target: str, check: Check
) -> list[math_check.Verdict | None]:
    known: dict[str, math_check.Verdict] = {}
    for answer in record.answers:
        if answer is not None and answer not in known:
            known[answer] = check(problem, target, answer)
    return [None if answer is None else known[answer] for answer in record.answers]
