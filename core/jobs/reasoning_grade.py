"""Extraction and grading of stored pools: stages of their own, which never generate again.

    grade_run(stage, run_id, problems)      extracts and grades what is missing, at one run

What is complete is left alone; a stage that was interrupted is done again whole (seconds).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from core.errors import TaskError
from core.evals import extract, rules
from core.evals.math_check import MathVerify
from core.evals.reasoning_stages import (
    Check,
    Problems,
    Reader,
    by_rules,
    extract_pools,
    grade_answers,
    grader_version,
    math_verify_check,
    rules_check,
    targets_hash,
)
from core.evals.reasoning_summary import summarise_extraction, summarise_grades
from core.spec import ExtractionSpec, GradeSpec, RunSpec
from core.store.environment import Environment
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord
from core.store.runs import RunStore
from core.tasks.problems.problem import Problem

MakeReader = Callable[[RunSpec], Reader]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who extracts and who grades, ready to be asked."""

    store: RunStore
    environment: Environment
    extractor: str
    extractor_version: str
    reader: MakeReader
    checks: dict[str, Check]  # grader → how it is asked


@contextmanager
def open_stage(
    store: RunStore, environment: Environment, graders: Sequence[str]
) -> Iterator[Stage]:
    """The stage by rules; math-verify's process ends with it.

    Raises:
        InputError: no such grader.  TaskError: math-verify is not installed.
    """
    for name in graders:
        grader_version(name)
    with ExitStack() as stack:
        checks: dict[str, Check] = {}
        for name in graders:
            if name == rules.GRADER:
                checks[name] = rules_check
            else:
                checks[name] = math_verify_check(stack.enter_context(MathVerify()))
        yield Stage(store, environment, extract.EXTRACTOR, extract.VERSION, read_by_rules, checks)


def read_by_rules(spec: RunSpec) -> Reader:
    """The rules, looking for JSON where the run asked for it."""
    return by_rules(spec.reasoning is not None and spec.reasoning.answer == "json")


def grade_run(stage: Stage, run_id: str, problems: Sequence[Problem]) -> tuple[str, ...]:
    """The ids of the run's gradings, made where they were missing.

    Raises:
        TaskError: the run is none of reasoning, or its problems are other ones now.
        StoreError: results cannot be written.
    """
    spec = stage.store.spec(run_id)
    if not isinstance(spec, RunSpec) or spec.reasoning is None:
        raise TaskError(
            f"The run {run_id} is none of reasoning. See: python -m core reasoning list."
        )
    known = {one.id: one for one in problems}
    pools = _pools(stage, run_id)
    missing = [pool.item for pool in pools if pool.item not in known]
    if missing:
        raise TaskError(
            f"The problems of {spec.task.name} here have no item {missing[0]!r}, which the run "
            f"{run_id} answered. Grade it where the same data is."
        )
    extraction = ExtractionSpec(run_id, stage.extractor, stage.extractor_version)
    if not stage.store.is_complete(extraction.run_id):
        _extract(stage, extraction, spec, pools, known)
    asked = [known[pool.item] for pool in pools]
    return tuple(_grade(stage, extraction, spec, name, asked) for name in stage.checks)


def _pools(stage: Stage, run_id: str) -> list[PoolRecord]:
    return [one for one in stage.store.records(run_id) if isinstance(one, PoolRecord)]


def _extract(
    stage: Stage,
    extraction: ExtractionSpec,
    spec: RunSpec,
    pools: Sequence[PoolRecord],
    known: Problems,
) -> None:
    with stage.store.open(extraction, stage.environment) as run:
        if run.complete:
            return
        records = extract_pools(pools, known, stage.reader(spec))
        run.rewrite(records)
        run.finish(summarise_extraction(records))


def _grade(
    stage: Stage, extraction: ExtractionSpec, spec: RunSpec, name: str, asked: Sequence[Problem]
) -> str:
    version = grader_version(name)
    grading = GradeSpec(extraction.run_id, name, version, targets_hash(asked))
    if stage.store.is_complete(grading.run_id):
        return grading.run_id
    found = stage.store.records(extraction.run_id)
    extracted = [one for one in found if isinstance(one, ExtractionRecord)]
    with stage.store.open(grading, stage.environment) as run:
        if not run.complete:
            known = {one.id: one for one in asked}
            records: list[GradeRecord] = grade_answers(extracted, known, stage.checks[name])
            run.rewrite(records)
            assert spec.reasoning is not None
            run.finish(summarise_grades(spec.reasoning, extracted, records))
    return grading.run_id
