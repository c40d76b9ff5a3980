"""Works a plan out: tokens first, then the judges, the disk, the memory and the time.

    estimate(plan, Means(settings, store, "host", open_engine), tell)

`tell` gets what is known after each part, so that a page fills in while the rest is found out.
What needs an engine comes last, and a plan whose runs are all stored asks for none. Computes
nothing that is kept. Not here: the process around it (`planner.py`).
"""

import logging
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from core.engine.client import HostClient
from core.engine.protocol import Engine
from core.engine.room import MemoryPlan, as_size
from core.errors import EngineError, PairError
from core.jobs.counting import Counting, StepSize
from core.jobs.estimate import (
    DiskEstimate,
    Estimate,
    Span,
    Stage,
    StageEstimate,
)
from core.jobs.judge_cost import Texts, check_judges_named, judge_estimates
from core.jobs.plan import SweepPlan
from core.jobs.prepare import OpenEngine, planned
from core.jobs.probe import Probe, Rates, stored_seconds, tried_seconds
from core.jobs.work import Work
from core.settings import Settings
from core.store.codec import line_id
from core.store.environment import now
from core.store.runs import RunStore, Stored
from core.store.writer import RECORDS

logger = logging.getLogger(__name__)
BYTES_A_RECORD = 1000  # where no run of the kind is stored; ours have 300 to 900
NOT_TRIED = "no engine was asked"
NOTHING_LEFT = "nothing is left to compute, so nothing has to be loaded"
Tell = Callable[[Estimate, str, int, int], None]  # so far, what now, done, total


@dataclass(frozen=True, slots=True)
class Means:
    """What a plan may be worked out with; without `engine` nothing is tried."""

    settings: Settings
    store: RunStore
    engine: str | None
    open_it: OpenEngine


def estimate(plan: SweepPlan, means: Means, tell: Tell) -> Estimate:
    """Everything that can be known of the plan before it runs.

    Raises:
        NotKnown, PairError, TaskError, InputError, JudgeError: the plan cannot run at all.
    """
    return _Estimating(plan, means, tell).run()


class _Estimating:
    def __init__(self, plan: SweepPlan, means: Means, tell: Tell) -> None:
        self._plan, self._means, self._tell = plan, means, tell
        self._found = Estimate(())

    def run(self) -> Estimate:
        self._say("Reading task files")
        work = planned(self._plan, self._means.settings)
        check_judges_named(work, self._means.settings)  # before an engine is started for nothing
        counting = Counting(work, self._means.store, self._means.settings)
        missing = bool(work.missing(self._means.store))
        with ThreadPoolExecutor(1, "engine") as aside:  # it starts while prompts are built
            engine = aside.submit(self._open) if missing and self._means.engine else None
            sizes = self._count(work, counting)
            self._judges(work, counting)
            self._disk(sizes)
            self._time(sizes, counting, engine)
        self._found = replace(self._found, made=now(), whole=True)
        self._say("Done")
        return self._found

    def _say(self, what: str, done: int = 0, total: int = 0) -> None:
        self._tell(self._found, what, done, total)

    def _open(self) -> Engine:
        return self._means.open_it(self._means.engine or "host", self._means.settings)

    def _count(self, work: Work, counting: Counting) -> tuple[StepSize, ...]:
        store = self._means.store
        sizes = counting.steps(lambda done, total, what: self._say(what, done, total))
        stored = counting.stored_items()
        every = [spec for lam in work.lams for _, spec in work.judgments(lam)]
        left = len(work.unjudged(store))
        self._found = replace(
            self._found,
            stages=tuple(_stage(name, sizes, items) for name, items in stored.items()),
            runs=len(list(work.all_steps())),
            verdicts_left=left,
            verdicts_stored=len(every) - left,
        )
        return sizes

    def _judges(self, work: Work, counting: Counting) -> None:
        if self._plan.judges:
            self._say("Counting what the judges will be asked")
        pair = self._plan.pair
        means = self._means
        texts = Texts(means.store, means.settings, lambda told: counting.reader(pair).count(told))
        self._found = replace(self._found, judges=judge_estimates(work, texts))

    def _disk(self, sizes: Sequence[StepSize]) -> None:
        store = self._means.store
        needed = sum(_bytes(one, store) for one in sizes)
        disk = DiskEstimate(needed, shutil.disk_usage(_there(store.results)).free)
        self._found = replace(self._found, disk=disk)
        if disk.needed > disk.free:
            self._problem(
                f"The results need about {as_size(disk.needed)} and {store.results} has "
                f"{as_size(disk.free)} free. Free some space, or set PARTWAY_RESULTS to a folder "
                "on another disk."
            )

    def _problem(self, sentence: str) -> None:
        self._found = replace(self._found, problems=(*self._found.problems, sentence))

    def _time(
        self, sizes: Sequence[StepSize], counting: Counting, engine: "Future[Engine] | None"
    ) -> None:
        if not sizes:
            self._found = replace(self._found, memory_why=NOTHING_LEFT)
            return
        if engine is None:
            self._found = replace(self._found, memory_why=f"not known, {NOT_TRIED}")
            self._seconds(sizes, None, NOT_TRIED)
            return
        try:
            rates, beside = self._try(sizes, counting, engine)
        except (EngineError, PairError) as error:
            logger.warning("the speed could not be tried: %s", error)
            self._seconds(sizes, None, str(error))
            return
        told = "" if rates is None else f"tried for {rates.took:.1f} s on {rates.device}{beside}"
        self._seconds(sizes, rates, told)

    def _try(
        self, sizes: Sequence[StepSize], counting: Counting, opening: "Future[Engine]"
    ) -> tuple[Rates | None, str]:
        self._say("Waiting for the engine")
        engine = opening.result()
        self._say("Asking how the pair would be held in memory")
        memory = _memory(engine, self._plan.pair)
        self._found = replace(
            self._found, memory=memory, memory_why="not known, this engine does not tell"
        )
        if memory is not None and memory.form == "refused":
            self._problem(memory.why)
            raise EngineError("The pair does not fit, so nothing could be tried.")
        beside = ", beside other work of the engine" if _busy(engine) else ""
        self._say("Loading the pair")
        probe = Probe(engine, counting, self._plan.pair)
        self._say("Trying the speed for a few seconds")
        rates = probe.rates(sizes)
        self._found = replace(self._found, device=rates.device)
        return rates, beside

    def _seconds(self, sizes: Sequence[StepSize], rates: Rates | None, told: str) -> None:
        stages = []
        for stage in self._found.stages:
            own = [one for one in sizes if one.stage == stage.stage]
            span = tried_seconds(own, rates) if rates and own else None
            stages.append(self._timed(stage, own, span, told))
        self._found = replace(self._found, stages=tuple(stages))

    def _timed(
        self, stage: StageEstimate, sizes: Sequence[StepSize], tried: Span | None, told: str
    ) -> StageEstimate:
        if not sizes:
            return stage
        if tried is not None:
            others = sorted({one.step.spec.pair.name for one in sizes} - {self._plan.pair})
            as_ours = f", {' and '.join(others)} taken at this pair's speed" if others else ""
            return replace(stage, seconds=tried, timed_by=f"{told}{as_ours}")
        stored = stored_seconds(sizes, self._means.store)
        why = told.rstrip(".")
        if stored is None:
            return replace(stage, timed_by=f"not known ({why}, and no stored run tells it)")
        return replace(
            stage, seconds=stored, timed_by=f"as stored runs took, perhaps elsewhere ({why})"
        )


def _stage(name: Stage, sizes: Sequence[StepSize], stored: int) -> StageEstimate:
    own = [one for one in sizes if one.stage == name]
    writing = [one for one in own if one.step.spec.decoding is not None]
    likely = [one.likely for one in writing]
    known = [span for span in likely if span is not None]
    return StageEstimate(
        stage=name,
        runs=len(own),
        items=sum(one.size.items for one in own),
        stored=stored,
        read=sum(one.size.kept for one in own),
        computed=sum(one.size.computed for one in own),
        written=(0, sum(one.size.longest for one in writing)) if writing else None,
        likely=(sum(low for low, _ in known), sum(high for _, high in known))
        if known and len(known) == len(likely)
        else None,
    )


def _memory(engine: Engine, pair: str) -> MemoryPlan | None:
    if isinstance(engine, HostClient):
        return engine.plan(pair)
    ask: Callable[[str], MemoryPlan] | None = getattr(engine, "memory_plan", None)
    return None if ask is None else ask(pair)


def _busy(engine: Engine) -> bool:
    if not isinstance(engine, HostClient):
        return False
    status = engine.status()
    return bool(status.interactive or status.batch)


def _bytes(one: StepSize, store: RunStore) -> int:
    """About what the records of one run take, as those of its line or kind did."""
    spec = one.step.spec
    line = store.lines(spec.kind).get(line_id(spec), {})
    like = next(iter(line.values()), None) or next(store.complete(spec.kind), None)
    return one.size.items * (BYTES_A_RECORD if like is None else _bytes_a_record(like, store))


def _bytes_a_record(run: Stored, store: RunStore) -> int:
    count = len(store.records_of(run))
    return (run.folder / RECORDS).stat().st_size // max(1, count)


def _there(path: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(one for one in (path.resolve(), *path.resolve().parents) if one.exists())
