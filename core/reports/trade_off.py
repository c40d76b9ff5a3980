"""A pair's measured trade-off, read from stored runs: no engine, no torch, no judge.

    read_trade_off(RunStore(settings.results, (PUBLISHED,)), "tinyworld", "lam:1")

Joins every complete run of the pair under the same suites, settings and dtype, so that a λ
measured later stands on the same line. Computed once for a given set of runs, then kept.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import fsum

import numpy as np

from core.lam import INSTRUCT, Lam
from core.reports.comparable import notes
from core.reports.few_shot import DrawnTask, draw_task, few_shot
from core.reports.joined import LAM_REFERENCE, ByLam, Joined, join, sweeps_of
from core.reports.measures import (
    PERCENT,
    Resampled,
    difference,
    macro_difference,
    macro_mean,
    resample,
    share,
)
from core.reports.outcomes import count
from core.reports.points import Measure, Point, TaskScore, TradeOff
from core.reports.together import LineItems
from core.reports.views import FewShot
from core.spec import PairIdentity
from core.stats.bootstrap import Table, counts
from core.store.records import IclRecord, JudgmentRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import SweepReference, TaskLine

KEPT_LINES = 32
FIFTY = "50 by definition: this is the reference itself"
NO_ANSWERS = "the reference {label} has no answers yet"
_Cell = tuple[str | None, float | None]  # cluster, value


def available(
    store: RunStore, pair: str, content: PairIdentity | None = None
) -> tuple[SweepReference, ...]:
    """The references that the pair's win rates can be read against; empty: never measured.

    `content` as in `read_trade_off`.
    """
    sweeps = sweeps_of(store, pair, content)
    found = {one.name: one for sweep in sweeps for one in sweep.references}
    return tuple(found.values())


def read_trade_off(
    store: RunStore,
    pair: str,
    reference: str = LAM_REFERENCE,
    content: PairIdentity | None = None,
) -> TradeOff | None:
    """The pair's line, or None when nothing of it was measured yet.

    `content` (what `check_pair` says of the pair now) asks for runs of exactly these parents,
    under whatever name; without it the parents measured last under this name are taken.

    Raises:
        NotKnown: no win rates against that reference.  StoreError: a broken results file.
    """
    joined = join(store, pair, reference, content)
    if joined is None:
        return None
    line = _computed(store, joined)
    return line if line.pair == pair else replace(line, pair=pair)


def line_of(store: RunStore, joined: Joined) -> TradeOff:
    """The line of runs that were found already (`core/reports/joined.py`)."""
    return _computed(store, joined)


@lru_cache(KEPT_LINES)
def _computed(store: RunStore, joined: Joined) -> TradeOff:
    sweep, line = joined.sweep, _Line(store, joined)
    return TradeOff(
        pair=sweep.pair.name,
        sweep_id=joined.sweep_id,
        icl_suite=sweep.icl_suite,
        instruction_suite=sweep.instruction_suite,
        reference=joined.reference_name,
        reference_label=joined.reference.label,
        judge=sweep.judge,
        dtype=sweep.dtype,
        points=line.points(),
        few_shot=line.few_shot(),
        items=line.items(),
        notes=(*joined.notes, *notes(store, joined)),
    )


class _Line:
    """One pass over the records: tables, draws, points."""

    def __init__(self, store: RunStore, joined: Joined) -> None:
        self._store, self._joined = store, joined
        lams = joined.lams
        self._one = lams.index(INSTRUCT) if INSTRUCT in lams else None
        pairs = zip(joined.sweep.tasks, joined.tasks, strict=True)
        self._tasks = [
            resample(self._scores(line, by_lam), self._one, stream + 1)
            for stream, (line, by_lam) in enumerate(pairs)
        ]
        self._wins = resample(self._preferences(), self._one, 0)
        self._passes = resample(self._passed(), self._one, 0)

    def points(self) -> tuple[Point, ...]:
        return tuple(self._point(column, lam) for column, lam in enumerate(self._joined.lams))

    def few_shot(self) -> FewShot:
        return few_shot(list(self._drawn_tasks()), self._joined.lams)

    def items(self) -> LineItems:
        """The tables themselves, for comparisons of many λ at once."""
        lams = self._joined.lams
        return LineItems(
            lams=lams,
            tasks=tuple(task.table for task in self._tasks),
            wins=self._wins.table,
            passes=self._passes.table,
            reference=next((lam for lam in lams if self._is_reference(lam)), None),
            seconds_per_item=self._seconds(),
        )

    def _seconds(self) -> float | None:
        runs = [run for by_lam in self._joined.tasks for run in by_lam.values()]
        kept = [record.seconds for run in runs for record in self._scored(run)]
        known = [seconds for seconds in kept if seconds is not None]
        return sum(known) / len(known) if known else None

    def _drawn_tasks(self) -> Iterable[DrawnTask]:
        joined = zip(self._joined.sweep.tasks, self._joined.tasks, self._tasks, strict=True)
        for stream, (line, by_lam, scores) in enumerate(joined):
            chance = self._table({lam: self._guessing(run) for lam, run in by_lam.items()})
            yield draw_task(line.task, line.category, scores, chance, stream + 1)

    def _point(self, column: int, lam: Lam) -> Point:
        counted = self._verdict_counts(lam)
        answers = self._joined.generations.get(str(lam))
        return Point(
            lam=lam,
            icl=macro_mean(self._tasks, column),
            icl_difference=macro_difference(self._tasks, column),
            win_rate=self._win_rate(column, lam),
            win_rate_difference=difference(self._wins, column),
            pass_rate=self._explained(share(self._passes, column), self._joined.verdicts, lam),
            pass_rate_difference=difference(self._passes, column),
            wins=counted and counted[0],
            draws=counted and counted[1],
            losses=counted and counted[2],
            missing=counted and counted[3],
            tasks=tuple(self._task_scores(column, lam)),
            generations_run=None if answers is None else answers.run_id,
        )

    def _win_rate(self, column: int, lam: Lam) -> Measure:
        if self._is_reference(lam):
            return Measure(50.0, int(counts(self._wins.table)[column]), reason=FIFTY)
        measure = share(self._wins, column)
        at = self._joined.reference_name.removeprefix("lam:")
        waits = measure.value is None and at not in self._joined.generations
        if waits and at != self._joined.reference_name:
            return Measure(None, 0, reason=NO_ANSWERS.format(label=f"λ={at}"))
        return self._explained(measure, self._joined.judgments, lam)

    def _explained(self, measure: Measure, runs: ByLam, lam: Lam) -> Measure:
        """Where every verdict is missing, the reason that most of them give."""
        run = runs.get(str(lam))
        if measure.value is not None or run is None:
            return measure
        reasons = Counter(record.reason for record in self._judged(run) if record.reason)
        told = reasons.most_common(1)
        return replace(measure, reason=told[0][0]) if told else measure

    def _is_reference(self, lam: Lam) -> bool:
        """Whether the answers of this λ are the very run that others are compared with."""
        answers = self._joined.generations.get(str(lam))
        return answers is not None and answers.run_id == self._joined.source

    def _verdict_counts(self, lam: Lam) -> tuple[int, int, int, int] | None:
        """Wins, draws, losses, missing; None where nothing was compared."""
        run = self._joined.judgments.get(str(lam))
        if run is None or self._is_reference(lam):
            return None
        given = [record.preference for record in self._judged(run)]
        there = [value for value in given if value is not None]
        wins = sum(value > 1.5 for value in there)
        losses = sum(value < 1.5 for value in there)
        return wins, len(there) - wins - losses, losses, len(given) - len(there)

    def _task_scores(self, column: int, lam: Lam) -> Iterable[TaskScore]:
        for line, by_lam, drawn in zip(
            self._joined.sweep.tasks, self._joined.tasks, self._tasks, strict=True
        ):
            if (run := by_lam.get(str(lam))) is not None:
                yield _task_score(line, drawn, column, run.run_id, self._scored(run))

    def _scores(self, line: TaskLine, by_lam: ByLam) -> Table:
        columns = {lam: self._metric(run, line.metric) for lam, run in by_lam.items()}
        return self._table(columns)

    def _metric(self, run: Stored, metric: str) -> dict[str, _Cell]:
        return {
            record.item: (record.cluster, PERCENT * record.metrics[metric])
            for record in self._scored(run)
        }

    def _guessing(self, run: Stored) -> dict[str, _Cell]:
        """What guessing among an item's choices gives; nothing where it is generated."""
        return {record.item: (record.cluster, _guess(record)) for record in self._scored(run)}

    def _scored(self, run: Stored) -> list[IclRecord]:
        """Each item once: a run that two processes wrote may say an item twice."""
        records = self._store.records_of(run)
        return list({one.item: one for one in records if isinstance(one, IclRecord)}.values())

    def _preferences(self) -> Table:
        columns: dict[str, dict[str, _Cell]] = {}
        for lam, run in self._joined.judgments.items():
            columns[lam] = {
                record.item: (record.cluster, _won(record.preference))
                for record in self._judged(run)
            }
            if self._is_reference(Lam.parse(lam)):
                columns[lam] = {
                    item: (cluster, 50.0) for item, (cluster, _) in columns[lam].items()
                }
        return self._table(columns)

    def _passed(self) -> Table:
        columns = {
            lam: {r.item: (r.cluster, _passed(r.candidate_passed)) for r in self._judged(run)}
            for lam, run in self._joined.verdicts.items()
        }
        return self._table(columns)

    def _judged(self, run: Stored) -> list[JudgmentRecord]:
        records = self._store.records_of(run)
        return [record for record in records if isinstance(record, JudgmentRecord)]

    def _table(self, columns: dict[str, dict[str, _Cell]]) -> Table:
        """Items × λ; the order of items is that of their names, so that draws are the same."""
        clusters = {item: cell[0] for column in columns.values() for item, cell in column.items()}
        rows = {item: row for row, item in enumerate(sorted(clusters))}
        values = np.full((len(rows), len(self._joined.lams)), np.nan)
        for column, lam in enumerate(self._joined.lams):
            for item, (_, value) in columns.get(str(lam), {}).items():
                values[rows[item], column] = np.nan if value is None else value
        return Table(values, _numbered([clusters[item] for item in rows]))


def _task_score(
    line: TaskLine, drawn: Resampled, column: int, run_id: str, records: Sequence[IclRecord]
) -> TaskScore:
    return TaskScore(
        task=line.task,
        category=line.category,
        form=line.form,
        shots=line.shots,
        metric=line.metric,
        chance=_chance(line, records),
        score=share(drawn, column),
        difference=difference(drawn, column),
        run_id=run_id,
        outcomes=count(records),
    )


def _guess(record: IclRecord) -> float:
    """One text whose likelihood is asked is no choice: nothing can be guessed."""
    return PERCENT / len(record.choices) if len(record.choices) > 1 else 0.0


def _chance(line: TaskLine, records: Sequence[IclRecord]) -> float | None:
    """As the suite says, else the mean of 1/choices over the items; None where text is asked."""
    if line.chance is not None:
        return PERCENT * line.chance
    guesses = [1 / len(record.choices) for record in records if len(record.choices) > 1]
    return PERCENT * fsum(guesses) / len(guesses) if guesses else None


def _won(preference: float | None) -> float | None:
    return None if preference is None else PERCENT * (preference - 1)


def _passed(passed: bool | None) -> float | None:
    return None if passed is None else PERCENT * passed


def _numbered(clusters: list[str | None]) -> "np.ndarray[tuple[int], np.dtype[np.intp]] | None":
    """Cluster numbers 0 … k−1 by first appearance; an item without one stands alone."""
    if not any(cluster is not None for cluster in clusters):
        return None
    numbers: dict[str, int] = {}
    names = [f"={row}" if name is None else f"c{name}" for row, name in enumerate(clusters)]
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)
