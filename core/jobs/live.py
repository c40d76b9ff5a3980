"""The few-shot curve of a job that is not done: λ by λ, from what is flushed so far.

    for point in so_far(job, settings): point.value, point.span, point.n

At each λ the plain mean over the tasks that have items there, so the last look is the headline of
the finished sweep. Items come in their task's own order: the first ones need not be like the rest.
Asks no model and opens no pair: the worker's sweep file names the runs. Not here: win rates, and
intervals of finished sweeps (`core/reports`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import fsum
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.jobs.state import JobState
from core.lam import Lam
from core.settings import PUBLISHED, Settings
from core.stats.macro_so_far import macro_so_far
from core.stats.span import Span
from core.store.files import read_lines
from core.store.runs import FOLDERS, RunStore
from core.store.sweeps import Sweep
from core.store.writer import RECORDS

_CACHED = 8192


@dataclass(frozen=True, slots=True)
class SoFar:
    """One λ of an unfinished curve."""

    lam: Lam
    value: float  # 0–1: the mean over the tasks that have items
    span: Span | None  # 95 %; None where a score lies outside 0 … 1
    n: int  # items
    tasks: int  # that have items
    of_tasks: int

    @property
    def whole(self) -> bool:
        """Whether every task has items: only such points can be compared with one another."""
        return self.tasks == self.of_tasks

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; λ as decimal text."""
        span = None if self.span is None else list(self.span)
        return asdict(self) | {"lam": str(self.lam), "span": span}


@dataclass(frozen=True, slots=True)
class _Task:
    mean: float
    n: int
    units: int  # clusters: items of one passage count together, or the interval is too narrow


def so_far(job: JobState, settings: Settings) -> tuple[SoFar, ...]:
    """The λ that have items, ascending; empty before the worker has planned."""
    store = RunStore(settings.results, (PUBLISHED,))
    sweep = next((one for one in store.sweeps() if one.sweep_id == job.sweep_id), None)
    if sweep is None:
        return ()
    points = [_point(lam, sweep, store) for lam in sorted(sweep.grid)]
    return tuple(point for point in points if point is not None)


def _point(lam: Lam, sweep: Sweep, store: RunStore) -> SoFar | None:
    runs = sweep.runs[str(lam)][: len(sweep.tasks)]  # the last one is that of the answers
    pairs = zip(runs, sweep.tasks, strict=True)
    found = [_records(store, run_id, line.metric) for run_id, line in pairs]
    begun = [task for task in found if task is not None]
    if not begun:
        return None
    value = fsum(task.mean for task in begun) / len(begun)
    n = sum(task.n for task in begun)
    return SoFar(lam, value, _span(begun), n, len(begun), len(found))


def _span(tasks: Sequence[_Task]) -> Span | None:
    if not all(0 <= task.mean <= 1 for task in tasks):
        return None
    return macro_so_far([(task.mean, task.units) for task in tasks])


def _records(store: RunStore, run_id: str, metric: str) -> _Task | None:
    for root in (store.results, *store.also):
        path = root / FOLDERS["icl"] / run_id / RECORDS
        try:
            stat = path.stat()
        except OSError:
            continue
        return _read_once(str(path), metric, stat.st_mtime_ns, stat.st_size)
    return None


@lru_cache(_CACHED)
def _read_once(path: str, metric: str, stamp: int, size: int) -> _Task | None:
    try:
        rows = read_lines(Path(path))
    except StoreError:  # told by who measures it
        return None
    scores = [float(row["metrics"][metric]) for row in rows if metric in row["metrics"]]
    if not scores:
        return None
    clusters = {row.get("cluster") or f"item {row['item']}" for row in rows}
    return _Task(fsum(scores) / len(scores), len(scores), len(clusters))
