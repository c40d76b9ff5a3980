"""Measures a sweep: for each λ every few-shot task, the instructions' answers, the verdicts.

    run_sweep(SweepPlan("tinyworld", parse_grid("0:1:0.1")), engine, store, report)

What the store holds is never computed again; what was begun is gone on with after its last
flushed batch, also when the engine dies in between and another one can be had. Not here:
processes (`worker.py`), and reading the curve (`core/reports`).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from core.engine.fleet import Fleet, Member
from core.engine.protocol import Engine, LoadedPair
from core.errors import EngineUnavailable, PairError
from core.evals.batch import Batch
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.jobs.agenda import Agenda
from core.jobs.plan import SweepPlan
from core.jobs.progress import Progress, Report
from core.jobs.spread import Lane, Spread, counted, together
from core.jobs.summaries import summarise_run
from core.jobs.tally import Tally
from core.jobs.verdicts import Verdicts
from core.jobs.work import Step, Work, other_pair, plan_work
from core.store.environment import Environment, read_environment
from core.store.runs import RunStore

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

    An engine that has others beside it (`core.engine.fleet`) shares the work with them, and all
    of them are closed at the end.

    Raises:
        StoreError: results cannot be written; found out before the engine is asked.
        PairError, EngineError, TaskError: as their owners raise them.
    """
    if isinstance(engine, Member):
        with closing(engine.fleet) as fleet:
            return _Sweeping(store, report).on_all(plan, fleet)
    supply = Supply(
        lambda _, pair: read_environment(pair.device, threads, pair.prefixes_shared),
        None if reopen is None else lambda lost: reopen(),
    )
    return _Sweeping(store, report).on_one(plan, engine, supply)


@dataclass(frozen=True, slots=True)
class Supply:
    """What surrounds an engine, and how another one is had in its place."""

    environment: Callable[[Engine, LoadedPair], Environment]
    another: Callable[[Engine], Engine] | None = None
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class _Sweeping:
    """Where a sweep is written and told."""

    store: RunStore
    report: Report

    def on_one(self, plan: SweepPlan, engine: Engine, supply: Supply) -> SweepOutcome:
        """λ after λ, what others are compared with first."""
        engine, work = self._begin(plan, engine, supply)
        environment = supply.environment(engine, work.pair)
        tally = Tally(work, self.store, self.report)
        verdicts = Verdicts(work, self.store, tally, environment)
        measuring = Measuring(work, self.store, tally, supply, engine, environment)
        verdicts.judge_ready()
        for step in work.all_steps():
            measuring.measure(step)
            if step.task is None:
                verdicts.judge_ready()
        return _outcome(work, tally)

    def on_all(self, plan: SweepPlan, fleet: Fleet) -> SweepOutcome:
        """The same runs, on several engines at once."""
        supply = Supply(fleet.environment, fleet.another, fleet.turn.sleep)
        _, work = self._begin(plan, fleet.engines[0], supply)
        name, asked = work.pair.identity.name, fleet.engines
        loads = [partial(_load, (name,), engine, _unheard, supply) for engine in asked]
        loaded = [(engine, pair) for engine, (pair,) in together(fleet, loads)]
        alive = set(range(len(loaded)))
        tally = Tally(work, self.store, counted(self.report, alive))
        around = [supply.environment(engine, pair) for engine, pair in loaded]
        lanes = [
            Lane(
                at, Measuring(work, self.store, tally, supply, engine, around[at]), {pair.identity}
            )
            for at, (engine, pair) in enumerate(loaded)
        ]
        if work.other is not None:  # loaded by the first engine alone
            lanes[0].holds.add(work.other.identity)
        verdicts = Verdicts(work, self.store, tally, around[0])
        Spread(fleet, Agenda(work.missing(self.store)), verdicts, alive).run(lanes)
        return _outcome(work, tally)

    def _begin(self, plan: SweepPlan, engine: Engine, supply: Supply) -> tuple[Engine, Work]:
        self.store.check_writable()
        self.report(Progress("loading", 0, 0, None, f"Loading the pair {plan.pair}."))
        named = other_pair(plan)
        names = (plan.pair, named) if named else (plan.pair,)
        engine, (pair, *others) = _load(names, engine, self.report, supply)
        work = plan_work(plan, pair, others[0] if others else None)
        self.store.write_sweep(work.sweep())
        return engine, work


def _outcome(work: Work, tally: Tally) -> SweepOutcome:
    sweep = work.sweep()
    runs = sum(len(ids) for ids in sweep.runs.values())
    return SweepOutcome(sweep.sweep_id, runs, tally.computed, tally.judged)


def _unheard(progress: Progress) -> None:
    """What several engines say at once while they load."""


def _load(
    names: tuple[str, ...], engine: Engine, report: Report, supply: Supply
) -> tuple[Engine, list[LoadedPair]]:
    """Load the pairs; an engine that dies over it is followed by another one."""
    deaths = 0
    while True:
        try:
            engine = supply.another(engine) if deaths and supply.another else engine
            # The pair that is measured comes last: where both do not fit, it is there now.
            return engine, [engine.load(name) for name in reversed(names)][::-1]
        except EngineUnavailable as error:
            deaths += 1
            if supply.another is None or deaths > DEATHS_IN_A_ROW:
                raise
            logger.warning("the engine is gone (%s); loading with another one", error)
            report(Progress("loading", 0, 0, None, WAITING))
            supply.sleep(_pause(deaths))


def _pause(deaths: int) -> float:
    return min(2.0 ** (deaths - 1) - 1, LONGEST_PAUSE_SECONDS)


class Measuring:
    """One engine's way through runs; another engine takes its place when it dies."""

    def __init__(
        self,
        work: Work,
        store: RunStore,
        tally: Tally,
        supply: Supply,
        engine: Engine,
        environment: Environment,
    ) -> None:
        self._work, self._store, self._tally, self._supply = work, store, tally, supply
        self._engine, self._environment = engine, environment
        self._flushed = 0  # items of the current run that are on the disk

    def measure(self, step: Step) -> None:
        """Measure; when the engine dies, go on with another one after the last batch.

        Raises:
            EngineUnavailable: engines die of it again and again, or there is no other.
        """
        deaths, before = 0, self._flushed
        while True:
            try:
                return self._measure_once(step)
            except EngineUnavailable as error:
                deaths = 1 if self._flushed > before else deaths + 1
                before = self._flushed
                if self._supply.another is None or deaths > DEATHS_IN_A_ROW:
                    raise
                self._wait_for_another(step, error, deaths)

    def _wait_for_another(self, step: Step, error: EngineUnavailable, deaths: int) -> None:
        logger.warning("the engine is gone (%s); going on with another one", error)
        self._tally.enter(step.spec.kind, WAITING)
        self._supply.sleep(_pause(deaths))
        try:
            engine = self._supply.another(self._engine) if self._supply.another else self._engine
            loaded = engine.load(step.spec.pair.name)
        except EngineUnavailable as again:
            logger.warning("it does not start (%s)", again)
            return  # the next attempt counts as another death
        if loaded.identity != step.spec.pair:
            raise PairError(
                f"The files of {loaded.identity.name} have changed since this sweep began. "
                "Start the sweep again; what was measured of the other weights is kept."
            ) from error
        self._engine, self._environment = engine, self._supply.environment(engine, loaded)

    def _measure_once(self, step: Step) -> None:
        if self._store.is_complete(step.run_id):
            return
        self._work.refuse_changed_tasks(step)
        kind, spec = step.spec.kind, step.spec
        with self._store.open(spec, self._environment) as run:
            if run.complete:  # another process finished it while this one worked elsewhere
                self._tally.found(step, self._tally.items(step))
                return
            self._tally.enter(kind, f"λ = {spec.lam}: {spec.task.name}")
            self._flushed = len(run.done)
            self._tally.found(step, self._flushed)
            for batch in self._batches(step, run.done):
                run.append(batch.records, batch.prompts)
                self._flushed += len(batch.records)
                self._tally.wrote(step, len(batch.records))
            run.finish(summarise_run(spec, run.records))

    def _batches(self, step: Step, done: frozenset[str]) -> Iterator[Batch]:
        if step.task is not None:
            return score_items(self._engine, step.spec, step.task, done)
        suite = self._work.instructions
        return answer_items(self._engine, step.spec, suite, done, self._answered)

    def _answered(self, done: int, total: int) -> None:
        self._tally.ahead(done - self._flushed)
