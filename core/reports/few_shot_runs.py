"""The complete few-shot runs of a pair under one suite: what an export is made of.

runs = few_shot_runs(store, "tinyworld", identity, "tinyworld-icl")
runs.at(Lam.parse("0.7"))      one run a task, in the suite's order
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import NotKnown
from core.lam import Lam
from core.reports.joined import sweeps_of
from core.spec import PairIdentity, RunSpec
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import Sweep


@dataclass(frozen=True, slots=True)
class FewShotRuns:
    """A sweep's tasks with their complete runs by λ."""

    sweep: Sweep
    by_task: Mapping[str, Mapping[str, Stored]]  # task → λ's text → run

    @property
    def lams(self) -> tuple[Lam, ...]:
        """The λ at which any task is measured."""
        return tuple(sorted({Lam.parse(lam) for runs in self.by_task.values() for lam in runs}))

    def at(self, lam: Lam) -> dict[str, Stored]:
        """Task → run at exactly this λ.

        Raises:
            NotKnown: no task was measured there.
        """
        found = {task: runs[str(lam)] for task, runs in self.by_task.items() if str(lam) in runs}
        if not found:
            known = ", ".join(map(str, self.lams))
            raise NotKnown(
                f"λ = {lam} of {self.sweep.pair.name} is not measured with {self.sweep.icl_suite}. "
                f"Measured are {known}."
            )
        return found


def few_shot_runs(
    store: RunStore, pair: str, content: PairIdentity | None, suite: str | None = None
) -> FewShotRuns:
    """The pair's runs under this suite, or under the one with most runs; whole ones before trials.

    Raises:
        NotKnown: nothing of it is measured.
    """
    lines = store.lines("icl")
    sweeps = [one for one in sweeps_of(store, pair, content) if suite in (None, one.icl_suite)]
    known = [_runs(sweep, lines) for sweep in sweeps]
    begun = [runs for runs in known if runs.lams]
    if not begun:
        told = "" if suite is None else f" with the suite {suite}"
        raise NotKnown(
            f"Nothing of {pair} is measured{told}. Measure it with: python -m core sweep "
            f"--pair {pair}."
        )
    return max(begun, key=_worth)


def records_of(store: RunStore, run: Stored) -> tuple[RunSpec, tuple[IclRecord, ...]]:
    """A few-shot run's spec and records, each item once."""
    assert isinstance(run.spec, RunSpec)
    records = [one for one in store.records_of(run) if isinstance(one, IclRecord)]
    return run.spec, tuple({one.item: one for one in records}.values())


def _runs(sweep: Sweep, lines: Mapping[str, Mapping[str, Stored]]) -> FewShotRuns:
    return FewShotRuns(sweep, {line.task: lines.get(line.line, {}) for line in sweep.tasks})


def _worth(runs: FewShotRuns) -> tuple[bool, int, str]:
    count = sum(len(by_lam) for by_lam in runs.by_task.values())
    return runs.sweep.limit is None, count, runs.sweep.created
