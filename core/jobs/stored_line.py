"""A pair's stored answers over λ, with all that a judge needs beside them; asks no model.

    line = stored_line(store, sweep)
    line.wanted(lam, reference, spec)

Instructions are read again and compared with those that were answered: another wording under
the same name would give verdicts about questions that nobody was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.canon import file_hash
from core.errors import NotKnown, TaskError
from core.jobs.judging import WantedSet
from core.jobs.references import file_reference, parse_reference
from core.judges.protocol import JudgeIdentity, Outputs
from core.lam import Lam
from core.spec import JudgmentSpec, Order, RunSpec
from core.store.records import GenerationRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import Sweep, SweepReference
from core.tasks.instructions import (
    Instruction,
    instructions_hash,
    load_instructions,
    outputs_file,
    reference_outputs,
)
from core.tasks.suites import Suite, load_suite

FILE = "file:"


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One sweep's answers by λ."""

    store: RunStore
    sweep: Sweep
    suite: Suite
    items: tuple[Instruction, ...]
    answers: Mapping[str, Stored]  # λ → the run

    def spec(
        self, lam: Lam, reference: SweepReference, who: JudgeIdentity, order: Order
    ) -> JudgmentSpec:
        """The set of verdicts by id."""
        candidate = self.answers[str(lam)].run_id
        source = self.source(reference)
        return JudgmentSpec(candidate, source, who.name, who.version, who.prompt_hash, order)

    def source(self, reference: SweepReference) -> str:
        """What the reference's outputs are: those of λ=1 by their run, also a later one."""
        at = reference.name.removeprefix("lam:")
        if at != reference.name and at in self.answers:
            return self.answers[at].run_id
        return reference.source

    def has(self, reference: SweepReference) -> bool:
        """Whether the reference's outputs are there."""
        source = self.source(reference)
        return source.startswith(FILE) or self.store.is_complete(source)

    def wanted(self, spec: JudgmentSpec, reference: SweepReference) -> WantedSet:
        """The set with the texts it is made from."""
        same = spec.candidate == spec.reference
        against = None if same else self._outputs(spec.reference, reference)
        return WantedSet(spec, self.items, self._run_outputs(spec.candidate), against)

    def model(self, source: str) -> RunSpec | None:
        """Which pair at which λ gave these outputs; None for a file's."""
        spec = None if source.startswith(FILE) else self.store.spec(source)
        return spec if isinstance(spec, RunSpec) else None

    def _outputs(self, source: str, reference: SweepReference) -> Outputs:
        if not source.startswith(FILE):
            return self._run_outputs(source)
        shipped = outputs_file(self.suite)
        if shipped is not None and source == f"{FILE}{file_hash(shipped)}":
            return reference_outputs(self.suite)
        path = parse_reference(reference.given) if reference.given else None
        if not isinstance(path, Path):
            raise TaskError(
                f"The outputs behind {reference.name} are not here any more. Restore the file, or "
                "choose another reference."
            )
        found = file_reference(path, self.items)
        if found.reference.source != source:
            raise TaskError(
                f"The outputs file {path} has changed since the sweep. Restore it, or sweep again "
                "with --reference."
            )
        return found.outputs

    def _run_outputs(self, run_id: str) -> dict[str, GenerationRecord]:
        records = self.store.records(run_id)
        return {one.item: one for one in records if isinstance(one, GenerationRecord)}


def stored_line(store: RunStore, sweep: Sweep) -> StoredLine:
    """The sweep's answers.

    Raises:
        NotKnown: nothing of it is answered, or its suite is not installed.
        TaskError: the instructions are others than those that were answered.
    """
    answers = store.lines("generations").get(sweep.generations_line, {})
    if not answers:
        raise NotKnown(
            f"No instruction was answered by {sweep.pair.name} yet. Measure it first: "
            f"python -m core sweep --pair {sweep.pair.name}."
        )
    suite = load_suite(sweep.instruction_suite)
    every = load_instructions(suite)
    first = next(iter(answers.values())).spec
    if not isinstance(first, RunSpec) or first.task.data_hash != instructions_hash(every):
        raise TaskError(
            f"The instructions of {suite.name} have changed since they were answered. "
            "Sweep again, then judge."
        )
    return StoredLine(store, sweep, suite, every[: sweep.limit], answers)
