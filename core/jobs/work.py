"""Which runs a sweep needs, which of them are still missing, and the sweep's file.

Reads task files and the store; asks no model. lm_eval is imported only when a few-shot run
is missing, because only then its items have to be counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.canon import file_hash
from core.engine.protocol import LoadedPair
from core.errors import TaskError
from core.evals.plan import generation_spec, icl_spec, icl_specs
from core.jobs.plan import SweepPlan, coarse_first
from core.jobs.references import FileReference, ModelReference, file_reference, parse_reference
from core.judges.verifier import judgment_spec
from core.lam import INSTRUCT, Lam
from core.pairs.preflight import PairReport
from core.spec import JudgmentSpec, RunSpec
from core.store.codec import line_id
from core.store.environment import now
from core.store.runs import RunStore
from core.store.sweeps import Sweep, SweepReference, TaskLine
from core.tasks.instructions import Instruction, load_instructions, outputs_file, reference_outputs
from core.tasks.lmeval import build_task
from core.tasks.suites import Suite, SuiteTask, load_suite

LAM_REFERENCE = f"lam:{INSTRUCT}"
OUTPUTS_REFERENCE = "outputs:reference"


@dataclass(frozen=True, slots=True)
class Step:
    """One run of the sweep; `task` is None for generations."""

    spec: RunSpec
    task: SuiteTask | None

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.spec.run_id


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a sweep needs to know before it starts."""

    plan: SweepPlan
    pair: LoadedPair
    icl: Suite
    instructions: Suite
    items: tuple[Instruction, ...]
    lams: tuple[Lam, ...]  # in the order of measuring
    at_one: tuple[Step, ...]  # the runs of λ=1; those of another λ differ in λ alone
    other: LoadedPair | None = None  # whose answers are a reference, where it is another pair
    other_lam: Lam | None = None  # the reference's λ, of the other pair or of this one
    file: FileReference | None = None

    def steps(self, lam: Lam) -> tuple[Step, ...]:
        """The runs of one λ: every few-shot task, then the answers to the instructions."""
        return tuple(replace(step, spec=replace(step.spec, lam=lam)) for step in self.at_one)

    def answers(self, lam: Lam) -> Step:
        """The run that answers the instructions at this λ."""
        return self.steps(lam)[-1]

    def refuse_changed_tasks(self, step: Step) -> None:
        """Read the step's task files again and compare.

        Raises:
            TaskError: they have changed since the plan was made, so the id would lie.
        """
        plan, lam = self.plan, step.spec.lam
        task, other = step.task, self.other
        pair = other if other and other.identity == step.spec.pair else self.pair
        if task is None:
            again = generation_spec(self.instructions, pair, lam, plan.limit)
        else:
            again = icl_spec(task, pair, lam, plan.limit)
        if again != step.spec:
            raise TaskError(
                f"The files of {step.spec.task.name} changed while the sweep was running. "
                "Start the sweep again: it measures the changed task anew."
            )

    def all_steps(self) -> Iterator[Step]:
        """Every run in the order of measuring; references are answered even off the grid."""
        yield from self.reference_steps()
        for lam in self.lams:
            yield from self.steps(lam)

    def reference_steps(self) -> Iterator[Step]:
        """The answers that only references need: λ=1 and the chosen one, unless on the grid."""
        if self.other is not None:
            yield self.chosen_answers()
        for lam in (INSTRUCT, self.other_lam if self.other is None else None):
            if lam is not None and lam not in self.lams:
                yield self.answers(lam)

    def chosen_answers(self) -> Step:
        """The run that answers as the chosen reference, a pair at a λ."""
        lam = self.other_lam or INSTRUCT
        if self.other is None:
            return self.answers(lam)
        return Step(generation_spec(self.instructions, self.other, lam, self.plan.limit), None)

    def references(self) -> tuple[SweepReference, ...]:
        """λ=1 of the same pair, the suite's reference outputs if any, and the chosen one."""
        one = self.answers(INSTRUCT).run_id
        found = [SweepReference(LAM_REFERENCE, one, "λ = 1 (instruct)")]
        shipped = outputs_file(self.instructions)
        if shipped is not None:
            source = f"file:{file_hash(shipped)}"
            found.append(SweepReference(OUTPUTS_REFERENCE, source, "the shipped reference outputs"))
        chosen = self._chosen()
        if chosen is not None and chosen.source not in {one.source for one in found}:
            found.append(chosen)
        return tuple(found)

    def _chosen(self) -> SweepReference | None:
        if self.file is not None or self.other_lam is None:
            return self.file.reference if self.file else None
        lam, run_id = self.other_lam, self.chosen_answers().run_id
        name = (self.other or self.pair).identity.name
        if self.other is None:
            return SweepReference(f"lam:{lam}", run_id, f"λ = {lam}", f"{name}@{lam}")
        title = f"{name} at λ = {lam}"
        return SweepReference(f"model:{name}@{lam}", run_id, title, f"{name}@{lam}")

    def texts(self, reference: SweepReference) -> Mapping[str, str] | None:
        """A reference's outputs by item id; None where they are a run's."""
        if reference.name == OUTPUTS_REFERENCE:
            return reference_outputs(self.instructions)
        return self.file.outputs if self.file and reference == self.file.reference else None

    def judgments(self, lam: Lam) -> tuple[tuple[SweepReference, JudgmentSpec], ...]:
        """The sets of verdicts on this λ's answers, one a reference."""
        candidate = self.answers(lam).run_id
        return tuple(
            (reference, judgment_spec(candidate, reference.source, self.items))
            for reference in self.references()
        )

    def count(self, step: Step) -> int:
        """How many items the run has (imports lm_eval for a few-shot task)."""
        if step.task is None:
            total = len(self.items)
        else:  # a chat template needs the pair, and changes no number of items
            total = len(build_task(replace(step.task, prompt="plain")).items)
        return total if self.plan.limit is None else min(total, self.plan.limit)

    def missing(self, store: RunStore) -> list[Step]:
        """The runs that are not complete, in the order of measuring."""
        complete = store.complete_ids()
        return [step for step in self.all_steps() if step.run_id not in complete]

    def unjudged(self, store: RunStore) -> list[JudgmentSpec]:
        """The sets of verdicts that are not there yet."""
        specs = [spec for lam in self.lams for _, spec in self.judgments(lam)]
        complete = store.complete_ids()
        return [spec for spec in specs if spec.run_id not in complete]

    def sweep(self) -> Sweep:
        """The sweep's file."""
        by_lam = {str(lam): tuple(s.run_id for s in self.steps(lam)) for lam in sorted(self.lams)}
        verdicts = self.judgments(INSTRUCT)[0][1]
        return Sweep(
            pair=self.pair.identity,
            dtype=self.pair.dtype,
            grid=tuple(sorted(self.lams)),
            icl_suite=self.icl.name,
            instruction_suite=self.instructions.name,
            limit=self.plan.limit,
            tasks=tuple(_task_line(step) for step in self.steps(INSTRUCT) if step.task),
            generations_line=line_id(self.answers(INSTRUCT).spec),
            references=self.references(),
            judge=verdicts.judge,
            judge_version=verdicts.judge_version,
            runs=by_lam,
            created=now(),
            judges=self.plan.judges,
        )


def other_pair(plan: SweepPlan) -> str | None:
    """The pair that has to answer as the reference, where it is another one than the plan's.

    Raises:
        InputError: the plan's reference is neither a pair at a λ nor a file.
    """
    given = parse_reference(plan.reference) if plan.reference else None
    return given.pair if isinstance(given, ModelReference) and given.pair != plan.pair else None


def few_shot_tasks(plan: SweepPlan) -> tuple[SuiteTask, ...]:
    """The tasks of the plan's few-shot suite.

    Raises:
        NotKnown: no such suite.  TaskError: its file is broken, or a task is unknown.
    """
    return load_suite(plan.icl_suite).tasks


def plan_work(plan: SweepPlan, pair: LoadedPair, other: LoadedPair | None = None) -> Work:
    """Read the suites and put the λ in order; `other` is the pair that `other_pair` names.

    Raises:
        NotKnown: no such suite.  TaskError: its files are broken.  InputError: a bad limit, or
            a reference that is none.
    """
    icl, instructions = load_suite(plan.icl_suite), load_suite(plan.instruction_suite)
    specs = icl_specs(icl, pair, INSTRUCT, plan.limit)
    few_shot = [Step(spec, task) for spec, task in zip(specs, icl.tasks, strict=True)]
    answers = Step(generation_spec(instructions, pair, INSTRUCT, plan.limit), None)
    items = load_instructions(instructions)[: plan.limit]
    given = parse_reference(plan.reference) if plan.reference else None
    return Work(
        plan=plan,
        pair=pair,
        icl=icl,
        instructions=instructions,
        items=items,
        lams=coarse_first(plan.grid),
        at_one=(*few_shot, answers),
        other=other,
        other_lam=given.lam if isinstance(given, ModelReference) else None,
        file=file_reference(given, items) if isinstance(given, Path) else None,
    )


def pair_before_loading(report: PairReport) -> LoadedPair:
    """What decides the ids, known from the files alone; for planning, not for measuring."""
    return LoadedPair(
        identity=report.identity,
        parameters=report.parameters,
        dtype=report.dtype,
        device="none",
        context_length=0,
        chat_template=report.chat_template,
        endpoints_exact=False,
        weights_bytes=report.weights_bytes,
    )


def _task_line(step: Step) -> TaskLine:
    task = step.task
    assert task is not None
    return TaskLine(
        line=line_id(step.spec),
        task=task.name,
        category=task.category,
        form=task.form,
        shots=task.shots,
        metric=task.metric,
        chance=task.chance,
        measures_context=task.measures_context,
    )
