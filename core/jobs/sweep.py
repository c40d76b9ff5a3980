"""Measures a sweep: for each λ every few-shot task, the instructions' answers, the verdicts.

    run_sweep(SweepPlan("tinyworld", parse_grid("0:1:0.1")), engine, store, report)

What the store holds is never computed again; what was begun is gone on with after its last
flushed batch, also when the engine dies in between and another one can be had. Not here:
processes (`worker.py`), and reading the curve (`core/reports`).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.engine.protocol import Engine, LoadedPair
from core.errors import EngineUnavailable, PairError
from core.evals.batch import Batch
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.jobs.plan import SweepPlan
from core.jobs.progress import Progress, Report, Tracker
from core.jobs.summaries import summarise_run, summarise_verdicts
from core.jobs.work import Step, Work, other_pair, plan_work
from core.judges.protocol import Outputs
from core.judges.verifier import judge
from core.lam import Lam
from core.spec import JudgmentSpec
from core.store.environment import Environment, read_environment
from core.store.records import GenerationRecord
from core.store.runs import RunStore
from core.store.sweeps import SweepReference

logger = logging.getLogger(__name__)
DEATHS_IN_A_ROW = 5  # of the engine, without one batch in between, before a sweep gives up
LONGEST_PAUSE_SECONDS = 30.0
WAITING = "The engine ended; waiting for it to start again."

Reopen = Callable[[], Engine]


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """What a sweep did; `computed` 0 says that everything was there already."""

    sweep_id: str
    runs: int
    computed: int  # items asked of the engine
    judged: int  # sets of verdicts made


def run_sweep(
    plan: SweepPlan,
    engine: Engine,
    store: RunStore,
    report: Report,
    threads: int | None = None,
    reopen: Reopen | None = None,
) -> SweepOutcome:
    """Measure what is missing; with `reopen` the sweep outlives its engine.

    Raises:
        StoreError: results cannot be written; found out before the engine is asked.
        PairError, EngineError, TaskError: as their owners raise them.
    """
    store.check_writable()
    report(Progress("loading", 0, 0, None, f"Loading the pair {plan.pair}."))
    named = other_pair(plan)
    names = (plan.pair, named) if named else (plan.pair,)
    engine, (pair, *others) = _load(names, engine, report, reopen)
    work = plan_work(plan, pair, others[0] if others else None)
    environment = read_environment(pair.device, threads, pair.prefixes_shared)
    measuring = _Measuring(work, engine, store, report, environment)
    measuring.reopen = reopen
    return measuring.run()


def _load(
    names: tuple[str, ...], engine: Engine, report: Report, reopen: Reopen | None
) -> tuple[Engine, list[LoadedPair]]:
    """Load the pairs; an engine that dies over it is followed by another one."""
    deaths = 0
    while True:
        try:
            engine = reopen() if deaths and reopen else engine
            # The pair that is measured comes last: where both do not fit, it is there now.
            return engine, [engine.load(name) for name in reversed(names)][::-1]
        except EngineUnavailable as error:
            deaths += 1
            if reopen is None or deaths > DEATHS_IN_A_ROW:
                raise
            logger.warning("the engine is gone (%s); loading with another one", error)
            report(Progress("loading", 0, 0, None, WAITING))
            time.sleep(_pause(deaths))


def _pause(deaths: int) -> float:
    return min(2.0 ** (deaths - 1) - 1, LONGEST_PAUSE_SECONDS)


class _Measuring:
    """One pass over the work."""

    def __init__(
        self,
        work: Work,
        engine: Engine,
        store: RunStore,
        report: Report,
        environment: Environment,
    ) -> None:
        self._work, self._engine, self._store = work, engine, store
        self._environment = environment
        missing = work.missing(store)
        self._counts = {step.run_id: work.count(step) for step in missing}
        totals: Counter[str] = Counter(icl=0, generations=0)
        for step in missing:
            totals[step.spec.kind] += self._counts[step.run_id]
        self._tracker = Tracker(totals, report)
        self.reopen: Reopen | None = None
        self._told: Counter[str] = Counter()  # items of each run that the tracker knows of
        self._computed = self._judged = 0
        self._flushed = 0  # items of the current run that are on the disk

    def run(self) -> SweepOutcome:
        sweep = self._work.sweep()
        self._store.write_sweep(sweep)
        for step in self._work.reference_steps():
            self._measure_on(step)
        for lam in self._work.lams:
            for step in self._work.steps(lam):
                self._measure_on(step)
            for reference, spec in self._work.judgments(lam):
                self._judge(lam, reference, spec)
        runs = sum(len(ids) for ids in sweep.runs.values())
        return SweepOutcome(sweep.sweep_id, runs, self._computed, self._judged)

    def _measure_on(self, step: Step) -> None:
        """Measure; when the engine dies, go on with another one after the last batch."""
        deaths, before = 0, self._computed
        while True:
            try:
                return self._measure(step)
            except EngineUnavailable as error:
                deaths = 1 if self._computed > before else deaths + 1
                before = self._computed
                if self.reopen is None or deaths > DEATHS_IN_A_ROW:
                    raise
                self._wait_for_another(step, error, deaths)

    def _wait_for_another(self, step: Step, error: EngineUnavailable, deaths: int) -> None:
        logger.warning("the engine is gone (%s); going on with another one", error)
        self._tracker.enter(step.spec.kind, WAITING)
        time.sleep(_pause(deaths))
        try:
            engine = self.reopen() if self.reopen else self._engine
            found = engine.load(step.spec.pair.name).identity
        except EngineUnavailable as again:
            logger.warning("it does not start (%s)", again)
            return  # the next attempt counts as another death
        if found != step.spec.pair:
            raise PairError(
                f"The files of {found.name} have changed since this sweep began. "
                "Start the sweep again; what was measured of the other weights is kept."
            ) from error
        self._engine = engine

    def _measure(self, step: Step) -> None:
        if self._store.is_complete(step.run_id):
            return
        self._work.refuse_changed_tasks(step)
        kind, spec = step.spec.kind, step.spec
        with self._store.open(spec, self._environment) as run:
            if run.complete:  # another process finished it while this one worked elsewhere
                self._found(step, self._counts[step.run_id])
                return
            self._tracker.enter(kind, f"λ = {spec.lam}: {spec.task.name}")
            self._flushed = len(run.done)
            self._found(step, self._flushed)
            for batch in self._batches(step, run.done):
                run.append(batch.records, batch.prompts)
                self._flushed += len(batch.records)
                self._computed += len(batch.records)
                self._told[step.run_id] += len(batch.records)
                self._tracker.computed(kind, len(batch.records))
            run.finish(summarise_run(spec, run.records))

    def _found(self, step: Step, items: int) -> None:
        """So many items of the run are there; those told before are not told again."""
        self._tracker.found(step.spec.kind, items - self._told[step.run_id])
        self._told[step.run_id] = items

    def _batches(self, step: Step, done: frozenset[str]) -> Iterator[Batch]:
        if step.task is not None:
            return score_items(self._engine, step.spec, step.task, done)
        suite = self._work.instructions
        return answer_items(self._engine, step.spec, suite, done, self._answered)

    def _answered(self, done: int, total: int) -> None:
        self._tracker.ahead(done - self._flushed)

    def _judge(self, lam: Lam, reference: SweepReference, spec: JudgmentSpec) -> None:
        if self._store.is_complete(spec.run_id):
            return
        with self._store.open(spec, self._environment) as run:
            if run.complete:
                return
            self._tracker.enter("judging", f"λ = {lam}: verdicts against {reference.label}")
            against = self._reference_outputs(lam, reference)
            verdicts = judge(self._work.items, self._answers(spec.candidate), against)
            run.append(verdicts)
            run.finish(summarise_verdicts(spec, run.records))
            self._judged += 1

    def _reference_outputs(self, lam: Lam, reference: SweepReference) -> Outputs | None:
        if reference.source == self._work.answers(lam).run_id:
            return None
        texts = self._work.texts(reference)
        return self._answers(reference.source) if texts is None else texts

    def _answers(self, run_id: str) -> dict[str, GenerationRecord]:
        records = self._store.records(run_id)
        return {one.item: one for one in records if isinstance(one, GenerationRecord)}
