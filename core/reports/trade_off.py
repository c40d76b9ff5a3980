"""A pair's measured trade-off, read from stored runs: no engine, no torch, no judge.

    read_trade_off(RunStore(settings.results, (PUBLISHED,)), "tinyworld", "lam:1")
    read_trade_off(store, "tinyworld", asked=Asked(tasks=frozenset({"tw_passages"})))

Joins every complete run of the pair that was measured in the same way on the same kind of
machine, so that a λ measured later stands on the same line. Computed once for a given set of
runs, then kept; some of the tasks cost no new reading.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from core.lam import INSTRUCT, Lam
from core.reports import cells
from core.reports.asked import ALL, Asked, Tasks
from core.reports.comparable import notes
from core.reports.few_shot import DrawnTask, draw_task, few_shot
from core.reports.following import Following, lengths, seen, shares
from core.reports.joined import LAM_REFERENCE, ByLam, Joined, sweeps_of
from core.reports.measurements import (
    Measurement,
    chosen,
    measurements,
    others,
    same_questions,
    split,
)
from core.reports.measures import Resampled, difference, resample, share
from core.reports.outcomes import count
from core.reports.points import Measure, Other, Point, TaskScore, TradeOff
from core.reports.together import LineItems
from core.reports.views import ALL_TASKS, FewShot
from core.spec import PairIdentity
from core.stats.bootstrap import counts
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import SweepReference, TaskLine

KEPT_LINES, KEPT_TABLES = 64, 6
FIFTY = "50 by definition: this is the reference itself"
NO_ANSWERS = "the reference {label} has no answers yet"


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
    asked: Asked = ALL,
) -> TradeOff | None:
    """The pair's line, or None when nothing of it was measured yet.

    `content` (what `check_pair` says of the pair now) asks for runs of exactly these parents,
    under whatever name; without it the parents measured last under this name are taken.

    Raises:
        NotKnown: no win rates against that reference, no such measurement.
        StoreError: a broken results file.
    """
    found = measurements(store, pair, reference, content)
    if not found:
        return None
    line = _whole(store, found, chosen(found, asked.measurement), asked.tasks)
    return line if line.pair == pair else replace(line, pair=pair)


def line_of(store: RunStore, joined: Joined) -> TradeOff:
    """The line of runs that were found already, of those that agree in where they were made."""
    found = split(store, joined)
    return _whole(store, found, found[0], frozenset())


@lru_cache(KEPT_LINES)
def _whole(
    store: RunStore, found: tuple[Measurement, ...], shown: Measurement, tasks: Tasks
) -> TradeOff:
    """The line, with what is not on it; points of another machine come with it."""
    line = _line(store, shown.joined).trade_off(tasks)
    by_key = {one.key: one for one in found}
    beside = tuple(_points_of(store, by_key[o.key], shown, o, tasks) for o in others(found, shown))
    return replace(line, made=shown.made, key=shown.key, others=beside)


def _points_of(
    store: RunStore, one: Measurement, shown: Measurement, other: Other, tasks: Tasks
) -> Other:
    if not other.missing or not same_questions(shown, one):
        return other
    return replace(other, points=_line(store, one.joined).trade_off(tasks).points)


@lru_cache(KEPT_TABLES)
def _line(store: RunStore, joined: Joined) -> "_Line":
    return _Line(store, joined)


def lines_read() -> int:
    """How many lines were read from their records so far in this process."""
    return _line.cache_info().misses


class _Line:
    """One pass over the records: tables and draws, then points of all or some of the tasks."""

    def __init__(self, store: RunStore, joined: Joined) -> None:
        self._store, self._joined = store, joined
        lams = joined.lams
        self._one = lams.index(INSTRUCT) if INSTRUCT in lams else None
        pairs = zip(joined.sweep.tasks, joined.tasks, strict=True)
        self._drawn = tuple(
            self._draw_task(line, by_lam, stream + 1) for stream, (line, by_lam) in enumerate(pairs)
        )
        self._wins = self._draw(self._preferences())
        self._passes = self._draw(
            {lam: cells.passes(cells.judged(store, run)) for lam, run in joined.verdicts.items()}
        )

    def trade_off(self, tasks: Tasks) -> TradeOff:
        """With the few-shot mean over these tasks, or over all where it has none of them."""
        joined, sweep = self._joined, self._joined.sweep
        every = range(len(sweep.tasks))
        at = [i for i in every if sweep.tasks[i].task in tasks] or list(every)
        some = len(at) < len(sweep.tasks)
        name = f"{len(at)} of {len(sweep.tasks)} tasks" if some else ALL_TASKS
        few = few_shot([self._drawn[i] for i in at], joined.lams, name)
        return TradeOff(
            pair=sweep.pair.name,
            sweep_id=joined.sweep_id,
            icl_suite=sweep.icl_suite,
            instruction_suite=sweep.instruction_suite,
            reference=joined.reference_name,
            reference_label=joined.reference.label,
            judge=sweep.judge,
            dtype=sweep.dtype,
            points=tuple(self._point(column, few, at) for column in range(len(joined.lams))),
            few_shot=few,
            items=self._items(at),
            notes=(*joined.notes, *self._notes),
            following=self._following,
            of_tasks=len(sweep.tasks) if some else None,
        )

    @cached_property
    def _notes(self) -> tuple[str, ...]:
        return notes(self._store, self._joined)

    @cached_property
    def _following(self) -> Following:
        store, runs = self._store, self._joined.generations
        length = self._draw(cells.answer_lengths(store, runs))
        cut = self._draw(cells.answers_cut(store, runs))
        lams = self._joined.lams
        rates = [self._win_rate(column, lam) for column, lam in enumerate(lams)]
        return Following(
            lams=lams,
            seen={
                "win_rate": seen(self._wins, rates, 0),
                "pass_rate": seen(
                    self._passes, [self._pass_rate(at) for at in range(len(lams))], 0
                ),
                "length": seen(length, lengths(length), 0),
                "cut": seen(cut, shares(cut), 0),
            },
        )

    def _items(self, at: Sequence[int]) -> LineItems:
        """The tables themselves, for comparisons of many λ at once."""
        lams = self._joined.lams
        return LineItems(
            lams=lams,
            tasks=tuple(self._drawn[i].scores.table for i in at),
            wins=self._wins.table,
            passes=self._passes.table,
            reference=next((lam for lam in lams if self._is_reference(lam)), None),
            seconds_per_item=self._seconds(at),
        )

    def _seconds(self, at: Sequence[int]) -> float | None:
        runs = [run for i in at for run in self._joined.tasks[i].values()]
        kept = [record.seconds for run in runs for record in self._scored(run)]
        known = [seconds for seconds in kept if seconds is not None]
        return sum(known) / len(known) if known else None

    def _draw_task(self, line: TaskLine, by_lam: ByLam, stream: int) -> DrawnTask:
        """Each task has a stream of its own, so that it is drawn the same beside any others."""
        records = {lam: self._scored(run) for lam, run in by_lam.items()}
        lams = self._joined.lams
        scores = cells.table({k: cells.metric(r, line.metric) for k, r in records.items()}, lams)
        guessed = cells.table({lam: cells.guessing(r) for lam, r in records.items()}, lams)
        drawn = resample(scores, self._one, stream)
        return draw_task(line.task, line.category, drawn, guessed, stream)

    def _draw(self, columns: Mapping[str, cells.Column]) -> Resampled:
        return resample(cells.table(columns, self._joined.lams), self._one, 0)

    def _point(self, column: int, few: FewShot, at: Sequence[int]) -> Point:
        lam = self._joined.lams[column]
        counted = self._verdict_counts(lam)
        answers = self._joined.generations.get(str(lam))
        overall = few.overall.views
        return Point(
            lam=lam,
            icl=overall["absolute"][column].measure,
            icl_difference=overall["difference"][column].measure,
            win_rate=self._win_rate(column, lam),
            win_rate_difference=difference(self._wins, column),
            pass_rate=self._pass_rate(column),
            pass_rate_difference=difference(self._passes, column),
            wins=counted and counted[0],
            draws=counted and counted[1],
            losses=counted and counted[2],
            missing=counted and counted[3],
            tasks=tuple(self._task_scores(column, lam, at)),
            generations_run=None if answers is None else answers.run_id,
        )

    def _win_rate(self, column: int, lam: Lam) -> Measure:
        if self._is_reference(lam):
            return Measure(50.0, int(counts(self._wins.table)[column]), reason=FIFTY)
        measure = share(self._wins, column)
        at = self._joined.reference_name.removeprefix("lam:")
        own = measure.value is None and at != self._joined.reference_name
        if own and not self._store.is_complete(self._joined.source):
            return Measure(None, 0, reason=NO_ANSWERS.format(label=f"λ={at}"))
        return self._explained(measure, self._joined.judgments, lam)

    def _pass_rate(self, column: int) -> Measure:
        measure = share(self._passes, column)
        return self._explained(measure, self._joined.verdicts, self._joined.lams[column])

    def _explained(self, measure: Measure, runs: ByLam, lam: Lam) -> Measure:
        """Where every verdict is missing, the reason that most of them give."""
        run = runs.get(str(lam))
        if measure.value is not None or run is None:
            return measure
        reasons = Counter(one.reason for one in cells.judged(self._store, run) if one.reason)
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
        given = [one.preference for one in cells.judged(self._store, run)]
        there = [value for value in given if value is not None]
        wins = sum(value > 1.5 for value in there)
        losses = sum(value < 1.5 for value in there)
        return wins, len(there) - wins - losses, losses, len(given) - len(there)

    def _task_scores(self, column: int, lam: Lam, at: Sequence[int]) -> Iterable[TaskScore]:
        for i in at:
            if (run := self._joined.tasks[i].get(str(lam))) is not None:
                line, drawn = self._joined.sweep.tasks[i], self._drawn[i].scores
                yield _task_score(line, drawn, column, run.run_id, self._scored(run))

    def _scored(self, run: Stored) -> list[IclRecord]:
        return cells.scored(self._store, run)

    def _preferences(self) -> dict[str, cells.Column]:
        columns: dict[str, cells.Column] = {}
        for lam, run in self._joined.judgments.items():
            columns[lam] = cells.preferences(cells.judged(self._store, run))
            if self._is_reference(Lam.parse(lam)):
                columns[lam] = {item: (cell[0], 50.0) for item, cell in columns[lam].items()}
        return columns


def _task_score(
    line: TaskLine, drawn: Resampled, column: int, run_id: str, records: Sequence[IclRecord]
) -> TaskScore:
    return TaskScore(
        task=line.task,
        category=line.category,
        form=line.form,
        shots=line.shots,
        metric=line.metric,
        chance=cells.chance(line, records),
        score=share(drawn, column),
        difference=difference(drawn, column),
        run_id=run_id,
        outcomes=count(records),
    )
