"""Which runs a sweep needs, which of them are still missing, and the sweep's file.

Reads task files and the store; asks no model. lm_eval is imported only when a few-shot run
is missing, because only then its items have to be counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.canon import file_hash
from core.engine.protocol import LoadedPair
from core.errors import TaskError
from core.evals.plan import generation_spec, icl_spec, icl_specs
from core.jobs.plan import SweepPlan, coarse_first
from core.judges.verifier import judgment_spec
from core.lam import INSTRUCT, Lam
from core.pairs.preflight import PairReport
from core.spec import JudgmentSpec, RunSpec
from core.store.codec import line_id
from core.store.environment import now
from core.store.runs import RunStore
from core.store.sweeps import Sweep, SweepReference, TaskLine
from core.tasks.instructions import Instruction, load_instructions
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
        task = step.task
        if task is None:
            again = generation_spec(self.instructions, self.pair, lam, plan.limit)
        else:
            again = icl_spec(task, self.pair, lam, plan.limit)
        if again != step.spec:
            raise TaskError(
                f"The files of {step.spec.task.name} changed while the sweep was running. "
                "Start the sweep again: it measures the changed task anew."
            )

    def all_steps(self) -> Iterator[Step]:
        """Every run in the order of measuring; λ=1 is answered even when not on the grid."""
        if INSTRUCT not in self.lams:
            yield self.answers(INSTRUCT)
        for lam in self.lams:
            yield from self.steps(lam)

    def references(self) -> tuple[SweepReference, ...]:
        """λ=1 of the same pair and, where the suite ships some, its reference outputs."""
        one = self.answers(INSTRUCT).run_id
        found = [SweepReference(LAM_REFERENCE, one, "λ=1 (instruct)")]
        data = self.instructions.instructions
        if data is not None and data.outputs is not None:
            source = f"file:{file_hash(data.outputs)}"
            found.append(SweepReference(OUTPUTS_REFERENCE, source, "the shipped reference outputs"))
        return tuple(found)

    def judgments(self, lam: Lam) -> tuple[tuple[SweepReference, JudgmentSpec], ...]:
        """The sets of verdicts on this λ's answers, one a reference."""
        candidate = self.answers(lam).run_id
        return tuple(
            (reference, judgment_spec(candidate, reference.source, self.items))
            for reference in self.references()
        )

    def count(self, step: Step) -> int:
        """How many items the run has (imports lm_eval for a few-shot task)."""
        total = len(self.items) if step.task is None else len(build_task(step.task).items)
        return total if self.plan.limit is None else min(total, self.plan.limit)

    def missing(self, store: RunStore) -> list[Step]:
        """The runs that are not complete, in the order of measuring."""
        return [step for step in self.all_steps() if not store.is_complete(step.run_id)]

    def unjudged(self, store: RunStore) -> list[JudgmentSpec]:
        """The sets of verdicts that are not there yet."""
        specs = [spec for lam in self.lams for _, spec in self.judgments(lam)]
        return [spec for spec in specs if not store.is_complete(spec.run_id)]

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
        )


def plan_work(plan: SweepPlan, pair: LoadedPair) -> Work:
    """Read the suites and put the λ in order.

    Raises:
        NotKnown: no such suite.  TaskError: its files are broken.  InputError: a bad limit.
    """
    icl, instructions = load_suite(plan.icl_suite), load_suite(plan.instruction_suite)
    specs = icl_specs(icl, pair, INSTRUCT, plan.limit)
    few_shot = [Step(spec, task) for spec, task in zip(specs, icl.tasks, strict=True)]
    answers = Step(generation_spec(instructions, pair, INSTRUCT, plan.limit), None)
    return Work(
        plan=plan,
        pair=pair,
        icl=icl,
        instructions=instructions,
        items=load_instructions(instructions)[: plan.limit],
        lams=coarse_first(plan.grid),
        at_one=(*few_shot, answers),
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
