"""Measures a reasoning study: pools of answers at each λ, then extraction and grades.

    run_reasoning(plan, engine, Rooms(settings, store, reopen), report)

What the store holds is never asked again; a run that was begun is gone on with after its last
flushed items, also when the engine dies in between and another one can be had.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.engine.protocol import Engine, LoadedPair
from core.errors import EngineUnavailable, PairError
from core.evals.reasoning import pool_items
from core.evals.reasoning_summary import summarise_pools
from core.jobs.progress import Progress, Report, Tracker
from core.jobs.reasoning_extractor import Asking, stage_for
from core.jobs.reasoning_grade import Stage, grade_run
from core.jobs.reasoning_plan import ReasoningPlan
from core.jobs.reasoning_work import ReasoningStep, ReasoningWork, plan_reasoning
from core.settings import Settings
from core.store.environment import Environment, read_environment
from core.store.reasoning import PoolRecord
from core.store.runs import RunStore
from core.store.writer import RunWriter

logger = logging.getLogger(__name__)
DEATHS_IN_A_ROW = 5
LONGEST_PAUSE_SECONDS = 30.0
Reopen = Callable[[], Engine]


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where a study reads and writes, and how another engine is had."""

    settings: Settings
    store: RunStore
    reopen: Reopen | None = None


@dataclass(frozen=True, slots=True)
class ReasoningOutcome:
    """What a study did; `computed` 0 says that every answer was there already."""

    runs: tuple[str, ...]
    grades: tuple[str, ...]
    computed: int  # items asked of the engine
    notes: tuple[str, ...]


def run_reasoning(
    plan: ReasoningPlan, engine: Engine, rooms: Rooms, report: Report
) -> ReasoningOutcome:
    """Measure what is missing, then extract and grade what is not graded.

    Raises:
        StoreError: results cannot be written; found out before the engine is asked.
        PairError, EngineError, TaskError, InputError: as their owners raise them.
    """
    rooms.store.check_writable()
    report(Progress("loading", 0, 0, None, f"Loading the pair {plan.pair}."))
    pair = engine.load(plan.pair)
    work = plan_reasoning(plan, engine, pair, rooms.settings)
    threads = rooms.settings.threads
    environment = read_environment(pair.device, threads, pair.prefixes_shared)
    measuring = _Measuring(work, engine, rooms, report, environment)
    asking = Asking(rooms.settings, rooms.store, environment, lambda: engine)
    with stage_for(plan.extractor, plan.graders, asking) as stage:
        return measuring.run(stage, pair)


class _Measuring:
    """One pass over the work."""

    def __init__(
        self,
        work: ReasoningWork,
        engine: Engine,
        rooms: Rooms,
        report: Report,
        environment: Environment,
    ) -> None:
        self._work, self._engine, self._rooms = work, engine, rooms
        self._environment = environment
        missing = [one for one in work.steps if not rooms.store.is_complete(one.run_id)]
        total = sum(len(step.asked.problems) for step in missing)
        self._tracker = Tracker({"reasoning": total}, report)
        self._told: dict[str, int] = {}  # items of each run that the tracker knows of
        self._computed = 0

    def run(self, stage: Stage, pair: LoadedPair) -> ReasoningOutcome:
        grades: list[str] = []
        for step in self._work.steps:
            self._measure_on(step, pair)
            self._tracker.enter("grading", f"{step.label}: grading")
            grades += grade_run(stage, step.run_id, step.asked.loaded.problems)
        runs = tuple(step.run_id for step in self._work.steps)
        return ReasoningOutcome(runs, tuple(grades), self._computed, self._work.notes)

    def _measure_on(self, step: ReasoningStep, pair: LoadedPair) -> None:
        """Measure; when the engine dies, go on with another one after the last flush."""
        deaths, before = 0, self._computed
        while True:
            try:
                return self._measure(step)
            except EngineUnavailable as error:
                deaths = 1 if self._computed > before else deaths + 1
                before = self._computed
                if self._rooms.reopen is None or deaths > DEATHS_IN_A_ROW:
                    raise
                logger.warning("the engine is gone (%s); going on with another one", error)
                self._tracker.enter("reasoning", "The engine ended; waiting for another.")
                time.sleep(min(2.0 ** (deaths - 1) - 1, LONGEST_PAUSE_SECONDS))
                self._open_again(pair)

    def _open_again(self, pair: LoadedPair) -> None:
        try:
            engine = self._rooms.reopen() if self._rooms.reopen else self._engine
            found = engine.load(pair.identity.name).identity
        except EngineUnavailable as error:
            logger.warning("it does not start (%s)", error)
            return  # the next attempt counts as another death
        if found != pair.identity:
            raise PairError(
                f"The files of {found.name} have changed since this study began. "
                "Start it again; what was measured of the other weights is kept."
            )
        self._engine = engine

    def _measure(self, step: ReasoningStep) -> None:
        store, spec = self._rooms.store, step.spec
        if store.is_complete(step.run_id):
            return
        with store.open(spec, self._environment) as run:
            if run.complete:
                self._found(step, len(step.asked.problems))
                return
            self._tracker.enter("reasoning", step.label)
            self._found(step, len(run.done))
            self._answer(step, run)
            records = [one for one in run.records if isinstance(one, PoolRecord)]
            run.finish(summarise_pools(records))

    def _answer(self, step: ReasoningStep, run: RunWriter) -> None:
        flushed = len(run.done)

        def ahead(done: int, total: int) -> None:
            self._tracker.ahead(done - flushed)

        for batch in pool_items(self._engine, step.spec, step.asked, run.done, ahead):
            run.append(batch.records, batch.prompts)
            count = len(batch.records)
            flushed += count
            self._computed += count
            self._told[step.run_id] = self._told.get(step.run_id, 0) + count
            self._tracker.computed("reasoning", count)

    def _found(self, step: ReasoningStep, items: int) -> None:
        """So many items of the run are there; those told before are not told again."""
        self._tracker.found("reasoning", items - self._told.get(step.run_id, 0))
        self._told[step.run_id] = items
