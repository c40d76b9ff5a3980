"""How many items of a sweep are there, told by everyone who works at it.

Not here: seconds and ETA (`progress.py`), and files.
"""

from collections import Counter

from core.jobs.progress import Report, Tracker
from core.jobs.work import Step, Work
from core.store.runs import RunStore


class Tally:
    """Counts what was found and what was computed; one for a whole sweep."""

    def __init__(self, work: Work, store: RunStore, report: Report) -> None:
        missing = work.missing(store)
        self._counts = {step.run_id: work.count(step) for step in missing}
        totals: Counter[str] = Counter(icl=0, generations=0)
        for step in {step.run_id: step for step in missing}.values():
            totals[step.spec.kind] += self._counts[step.run_id]
        self._tracker = Tracker(totals, report)
        self._told: Counter[str] = Counter()  # items of each run that the tracker knows of
        self.computed = 0  # items asked of engines
        self.judged = 0  # sets of verdicts made

    def items(self, step: Step) -> int:
        """Of a run that was missing when the sweep began."""
        return self._counts[step.run_id]

    def enter(self, stage: str, message: str) -> None:
        """Something else begins."""
        self._tracker.enter(stage, message)

    def found(self, step: Step, items: int) -> None:
        """So many items of the run are there; those told before are not told again."""
        self._tracker.found(step.spec.kind, items - self._told[step.run_id])
        self._told[step.run_id] = items

    def wrote(self, step: Step, items: int) -> None:
        """A batch is on the disk."""
        self.computed += items
        self._told[step.run_id] += items
        self._tracker.computed(step.spec.kind, items)

    def ahead(self, items: int) -> None:
        """Items of the current batch that the engine has done; not on the disk yet."""
        self._tracker.ahead(items)
