"""Measured outputs and verdicts of one λ in AlpacaEval's formats.

    outputs_of(measured)                 # rows for model_outputs.json
    annotations_of(measured)             # rows for annotations.json, against its reference

Not here: writing the files, and scoring what was written (core/judges/scored.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.canon import file_hash
from core.errors import NotKnown, StoreError
from core.judges.annotations import Annotation
from core.lam import Lam
from core.reports.joined import LAM_REFERENCE, Joined, join
from core.spec import JudgmentSpec, PairIdentity, RunSpec
from core.store.records import GenerationRecord, JudgmentRecord
from core.store.runs import RunStore, Stored
from core.tasks.instructions import (
    Instruction,
    instructions_hash,
    load_instructions,
    read_outputs,
    reference_outputs,
)
from core.tasks.outputs import OutputRow
from core.tasks.suites import Suite, load_suite

OUTPUTS_REFERENCE = "outputs:reference"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which measured answers: of whom, to what, and against what they were judged."""

    pair: str
    lam: Lam
    content: PairIdentity | None = None  # exactly these parents, as `read_trade_off` takes it
    suite: str | None = None
    reference: str = LAM_REFERENCE
    judge: str | None = None  # the sweep's own when left out


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The answers of one λ to a suite, and where everything about them is."""

    wanted: Wanted
    store: RunStore
    joined: Joined
    suite: Suite
    items: tuple[Instruction, ...]
    run: Stored

    @property
    def generator(self) -> str:
        """Who answered, as files of other tools name it."""
        return f"{self.wanted.pair}@{self.wanted.lam}"


def find_measured(store: RunStore, wanted: Wanted) -> Measured:
    """The stored answers.

    Raises:
        NotKnown: they were not measured, or not against that reference.
        StoreError: the suite's instructions are no longer those that were answered.
    """
    joined = join(store, wanted.pair, wanted.reference, wanted.content, wanted.suite)
    run = joined.generations.get(str(wanted.lam)) if joined else None
    if joined is None or run is None:
        of = f" to {wanted.suite}" if wanted.suite else ""
        suite = f" --instruction-suite {wanted.suite}" if wanted.suite else ""
        raise NotKnown(
            f"The answers of {wanted.pair} at λ={wanted.lam}{of} are not measured. Measure them: "
            f"python -m core sweep --pair {wanted.pair} --grid {wanted.lam}{suite}"
        )
    suite_read = load_suite(joined.sweep.instruction_suite)
    items = load_instructions(suite_read)
    if not isinstance(run.spec, RunSpec) or run.spec.task.data_hash != instructions_hash(items):
        raise StoreError(
            f"The instructions of {suite_read.name} have changed since they were answered. "
            "Measure them again, or put the former file back."
        )
    return Measured(wanted, store, joined, suite_read, items, run)


def outputs_of(measured: Measured) -> tuple[OutputRow, ...]:
    """One row for each instruction that was answered, in the suite's order."""
    texts = _texts(measured, measured.run.run_id)
    return tuple(
        OutputRow(item.instruction, texts[item.id], measured.generator, measured.suite.name)
        for item in measured.items
        if item.id in texts
    )


def annotations_of(measured: Measured) -> tuple[Annotation, ...]:
    """One row for each verdict, in the suite's order; a missing one has no preference.

    Raises:
        NotKnown: these answers were not judged against the reference, or are the reference.
        StoreError: the reference's outputs file is no longer there, or is another one.
    """
    wanted, joined = measured.wanted, measured.joined
    if measured.run.run_id == joined.source:
        raise NotKnown(
            f"λ={wanted.lam} is the reference itself: 50 by definition, and no verdicts. "
            "Choose another λ or reference."
        )
    verdicts = _verdicts(measured)
    given = {
        record.item: record
        for record in measured.store.records_of(verdicts)
        if isinstance(record, JudgmentRecord)
    }
    ours, theirs = _texts(measured, measured.run.run_id), _reference_texts(measured)
    return tuple(
        Annotation(
            instruction=item.instruction,
            preference=given[item.id].preference,
            output_1=theirs.get(item.id),
            output_2=ours.get(item.id),
            generator_1=_reference_name(measured),
            generator_2=measured.generator,
            annotator=wanted.judge or joined.sweep.judge,
            dataset=measured.suite.name,
        )
        for item in measured.items
        if item.id in given
    )


def _verdicts(measured: Measured) -> Stored:
    """The newest set of the judge; of the sweep's own judge, that of its version."""
    wanted, joined = measured.wanted, measured.joined
    judge = wanted.judge or joined.sweep.judge
    known = {
        run.spec.judge: run
        for run in sorted(measured.store.complete("judgments"), key=lambda run: run.stamp)
        if isinstance(run.spec, JudgmentSpec)
        and (run.spec.candidate, run.spec.reference) == (measured.run.run_id, joined.source)
    }
    own = joined.judgments.get(str(wanted.lam)) if judge == joined.sweep.judge else None
    found = own or known.get(judge)
    if found is None:
        others = f" It was by: {', '.join(sorted(known))}." if known else ""
        raise NotKnown(
            f"λ={wanted.lam} was not judged by {judge} against {joined.reference.label}.{others} "
            f"Judge it: python -m core judge --pair {wanted.pair} --judge {judge}"
        )
    return found


def _reference_name(measured: Measured) -> str:
    joined = measured.joined
    at = joined.reference_name.removeprefix("lam:")
    if at != joined.reference_name:
        return f"{measured.wanted.pair}@{at}"
    return joined.reference_name.removeprefix("model:").removeprefix("outputs:")


def _reference_texts(measured: Measured) -> Mapping[str, str]:
    joined = measured.joined
    if not joined.source.startswith("file:"):
        return _texts(measured, joined.source)
    if joined.reference_name == OUTPUTS_REFERENCE:
        return reference_outputs(measured.suite)
    path = Path(joined.reference.given)
    if not path.is_file() or f"file:{file_hash(path)}" != joined.source:
        raise StoreError(
            f"The reference's outputs in {path} are gone or have changed since they were judged "
            "against. Put the former file back."
        )
    return read_outputs(path, measured.items)


def _texts(measured: Measured, run_id: str) -> Mapping[str, str]:
    records = measured.store.records(run_id)
    return {one.item: one.output for one in records if isinstance(one, GenerationRecord)}
