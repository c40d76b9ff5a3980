"""Spreads a sweep over engines that stand beside each other; this process alone writes.

Each engine has a thread here that measures run after run as a sweep on one machine does: the
same loop, the same batches, the same records. One thread works at a time (`core.engine.turn`),
the others wait for their engines. A lost engine is replaced and goes on after its last flushed
batch; where no other can be had, the rest go on without it. Not here: actors (`core/engine`).
"""

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

from core.engine.fleet import Fleet, NoReplacement
from core.engine.turn import Stopped
from core.jobs.agenda import Agenda
from core.jobs.progress import Progress, Report
from core.jobs.verdicts import Verdicts
from core.jobs.work import Step
from core.spec import PairIdentity

logger = logging.getLogger(__name__)
LANE = "lane"  # how the threads' names begin
Result = TypeVar("Result")


class Measurer(Protocol):
    """What measures a run on one engine (`core.jobs.sweep.Measuring`)."""

    def measure(self, step: Step) -> None:
        """Measure the run to its end, also when the engine has to be replaced meanwhile."""
        ...


@dataclass(slots=True)
class Lane:
    """One engine and who works with it."""

    number: int
    measurer: Measurer
    holds: set[PairIdentity] = field(default_factory=set)


class Spread:
    """A sweep on several engines; `alive` are the numbers of those that are still at it."""

    def __init__(self, fleet: Fleet, agenda: Agenda, verdicts: Verdicts, alive: set[int]) -> None:
        self._fleet, self._turn = fleet, fleet.turn
        self._agenda, self._verdicts, self._alive = agenda, verdicts, alive

    def run(self, lanes: list[Lane]) -> None:
        """Measure everything on the agenda.

        Raises:
            NoReplacement: every engine was lost.  Else whatever the first of them met.
        """
        together(self._fleet, [partial(self._work, lane) for lane in lanes])

    def _work(self, lane: Lane) -> None:
        with self._turn:
            self._verdicts.judge_ready()
            while not self._agenda.finished:
                self._turn.refuse_stopped()
                step = self._agenda.take(lane.number, lane.holds)
                if step is None:
                    self._turn.wait_for_news()
                    continue
                try:
                    lane.measurer.measure(step)
                except NoReplacement as error:
                    self._leave(lane, error)
                    return
                lane.holds.add(step.spec.pair)
                self._agenda.done(lane.number)
                if step.task is None:
                    self._verdicts.judge_ready()
                self._turn.tell()

    def _leave(self, lane: Lane, error: NoReplacement) -> None:
        """The others do what this engine was at; the last one says why nobody is left."""
        self._agenda.give_back(lane.number)
        self._alive.discard(lane.number)
        self._turn.tell()
        if not self._alive:
            raise error
        logger.warning("going on with %d engines: %s", len(self._alive), error)


def counted(report: Report, alive: Collection[int]) -> Report:
    """The same report, saying how many engines are at it."""

    def tell(progress: Progress) -> None:
        engines = f"{len(alive)} engine{'s' * (len(alive) != 1)}"
        report(replace(progress, message=f"{progress.message} · {engines}"))

    return tell


def together(fleet: Fleet, calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Call all at once; the first error, or a signal, ends the others."""
    with ThreadPoolExecutor(len(calls), LANE) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            for future in as_completed(futures):
                if not isinstance(future.exception(), Stopped):
                    future.result()
        except BaseException:
            fleet.turn.stop()
            fleet.abandon()  # whoever waits for an engine hears that it is gone
            raise
    return [future.result() for future in futures]
