"""Which runs a reasoning study needs: one for each λ, part, style and arm of its protocols.

The prompts need the engine (its chat template, its tokenizer), so the work is known once the
pair is loaded. Two protocols that ask for the same thing share the run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.engine.protocol import Engine, LoadedPair
from core.errors import InputError
from core.evals.reasoning import AskedProblems, ask, reasoning_spec, token_limit
from core.jobs.plan import coarse_first
from core.jobs.reasoning_plan import STYLES, ReasoningPlan
from core.lam import Lam
from core.settings import Settings
from core.spec import RunSpec
from core.tasks.problems.benchmark import load_benchmark
from core.tasks.problems.load import Loaded, load_problems
from core.tasks.problems.prompting import Way
from core.tasks.problems.protocol import Arm, ReasoningProtocol, read_protocol


@dataclass(frozen=True, slots=True)
class ReasoningStep:
    """One run of the study."""

    spec: RunSpec
    asked: AskedProblems

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.spec.run_id

    @property
    def label(self) -> str:
        """For a progress line."""
        reasoning = self.spec.reasoning
        told = "" if reasoning is None else f", {reasoning.style}, {reasoning.pooling}"
        return f"λ = {self.spec.lam}: {self.spec.task.name}{told}"


@dataclass(frozen=True, slots=True)
class ReasoningWork:
    """Everything that the study needs, in the order of measuring."""

    plan: ReasoningPlan
    steps: tuple[ReasoningStep, ...]
    notes: tuple[str, ...]  # what must be said before it starts


def load_parts(plan: ReasoningPlan, settings: Settings) -> tuple[Loaded, ...]:
    """The parts of the plan, read; before an engine is started.

    Raises:
        NotKnown: no such benchmark or part.  TaskError: rows that are not here, or broken.
    """
    benchmark = load_benchmark(plan.benchmark, settings)
    names = plan.parts or tuple(part.name for part in benchmark.parts)
    return tuple(load_problems(benchmark, name, settings) for name in names)


def read_protocols(plan: ReasoningPlan, settings: Settings) -> tuple[ReasoningProtocol, ...]:
    """The plan's protocols.

    Raises:
        NotKnown: there is none of that name.  InputError: n or a limit is none.
    """
    if plan.limit is not None and plan.limit < 1:
        raise InputError(f"A limit of {plan.limit} items measures nothing. Give 1 or more.")
    found = tuple(read_protocol(name, settings) for name in plan.protocols)
    for protocol in found:
        for arm in protocol.arms:
            arm.with_sizes(plan.n, plan.max_new_tokens)
    return found


def plan_reasoning(
    plan: ReasoningPlan, engine: Engine, pair: LoadedPair, settings: Settings
) -> ReasoningWork:
    """Every run once, the end points first.

    Raises:
        NotKnown, TaskError, InputError, PairError, ContextOverflow: as their owners raise them.
    """
    builder = _Builder(plan, engine, pair)
    protocols, parts = read_protocols(plan, settings), load_parts(plan, settings)
    for lam in coarse_first(plan.grid):
        for protocol in protocols:
            for arm in protocol.arms_at(lam):
                for part in parts:
                    builder.add(lam, arm.with_sizes(plan.n, plan.max_new_tokens), part)
    notes = [f"{part.name}: {part.note}." for part in parts if part.note is not None]
    return ReasoningWork(plan, tuple(builder.steps()), (*notes, *builder.notes))


class _Builder:
    """Collects steps; prompts are made once for all λ."""

    def __init__(self, plan: ReasoningPlan, engine: Engine, pair: LoadedPair) -> None:
        self._plan, self._engine, self._pair = plan, engine, pair
        self._asked: dict[tuple[str, Way, str], AskedProblems] = {}
        self._steps: dict[str, ReasoningStep] = {}
        self.notes: list[str] = []

    def steps(self) -> Iterator[ReasoningStep]:
        yield from self._steps.values()

    def add(self, lam: Lam, arm: Arm, part: Loaded) -> None:
        for style in self._plan.styles:
            asked = self._put(part, Way(STYLES[style], arm.answer), arm)
            spec = reasoning_spec(self._pair, lam, asked, arm)
            self._steps.setdefault(spec.run_id, ReasoningStep(spec, asked))
            _, note = token_limit(asked, arm, self._pair)
            if note is not None and note not in self.notes:
                self.notes.append(note)

    def _put(self, part: Loaded, way: Way, arm: Arm) -> AskedProblems:
        key = part.name, way, arm.form
        if key not in self._asked:
            self._asked[key] = ask(self._engine, self._pair, part, way, arm.form, self._plan.limit)
        return self._asked[key]
