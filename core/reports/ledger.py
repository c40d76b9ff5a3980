"""The flip ledger: every item of a pair's line with what became of it at each λ, in columns.

    ledger = read_ledger(store, "tinyworld", "few-shot")
    ledger.marks[row, column]     # a number into MARKS, for one item at one λ

Two ledgers a line: the few-shot items (right or wrong, and of written answers why not), and the
instructions (every check passed or not, by the line's own verifier). Made once for a set of
complete runs and then kept; the runs' records are shared with the other pages. Not here:
filters and counts (`ledger_view.py`), prompts and search (`ledger_text.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import PartwayError
from core.lam import Lam
from core.reports.guard_words import torn_words
from core.reports.joined import LAM_REFERENCE, ByLam, Joined
from core.reports.ledger_groups import Bools, Grouped, Ints, grouped
from core.reports.measurements import Measurement, chosen, measurements, others
from core.reports.outcomes import TARGETS, outcome
from core.spec import PairIdentity
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord
from core.store.runs import RunStore, Stored
from core.store.sweeps import TaskLine

if TYPE_CHECKING:
    from core.tasks.instructions import Instruction

Of = Literal["few-shot", "instructions"]
Mark = Literal["absent", "right", "wrong", "chatter", "out_of_tokens", "unparsable", "unknown"]
OFS: tuple[Of, ...] = get_args(Of)
MARKS: tuple[Mark, ...] = get_args(Mark)
ABSENT, RIGHT = MARKS.index("absent"), MARKS.index("right")
KEPT = 4
KEPT_CHOICES = 8192  # a task's items are met once a λ
INSTRUCTIONS, NO_KIND = "Instructions", "kind not known"
Marks = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """One item at one λ as it was stored."""

    run_id: str
    record: IclRecord | GenerationRecord | None  # None: the answer itself is not stored here
    verdict: JudgmentRecord | None = None  # of an instruction


@dataclass(frozen=True, slots=True)
class LedgerTask:
    """What an item belongs to: a few-shot task, or a kind of instruction."""

    name: str
    category: str
    form: str  # MC, FMC, G; "chat" for instructions
    metric: str
    partly: bool = False  # some scores lie between 0 and 1; right then means 1


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Items × λ. Equal to itself alone: a ledger is made once for its runs."""

    pair: str
    of: Of
    store: RunStore
    lams: tuple[Lam, ...]  # ascending
    tasks: tuple[LedgerTask, ...]
    items: tuple[str, ...]  # each item's id within its task
    task_of: Ints  # numbers into `tasks`
    marks: Marks  # items × λ, numbers into MARKS
    margins: Floats  # items × λ: best right choice minus best wrong one; NaN where there is none
    answers: tuple[tuple[Answer | None, ...], ...]  # items × λ
    strings: Grouped
    asked: Mapping[str, str] = field(default_factory=dict)  # instruction by item, where known
    notes: tuple[str, ...] = ()

    @property
    def there(self) -> Bools:
        """Where an answer is."""
        return np.not_equal(self.marks, ABSENT)

    @property
    def right(self) -> Bools:
        """Where it is right."""
        return np.equal(self.marks, RIGHT)

    @property
    def seen(self) -> list[int]:
        """The marks that occur, numbers into MARKS."""
        return [int(mark) for mark in np.unique(self.marks)]

    def task(self, row: int) -> LedgerTask:
        """What the item belongs to."""
        return self.tasks[int(self.task_of[row])]

    def any_answer(self, row: int) -> Answer:
        """One of the item's answers: what does not depend on λ stands in each."""
        return next(answer for answer in self.answers[row] if answer is not None)

    def key(self, row: int) -> str:
        """The item's name in a link."""
        return f"{self.task(row).name}/{self.items[row]}"

    def row(self, key: str) -> int | None:
        """The item of that name, or None."""
        return _index(self).get(key)


@lru_cache(16)
def _index(ledger: Ledger) -> dict[str, int]:
    return {ledger.key(row): row for row in range(len(ledger.items))}


def read_ledger(
    store: RunStore,
    pair: str,
    of: Of,
    reference: str = LAM_REFERENCE,
    content: PairIdentity | None = None,
    measurement: str = "",
) -> Ledger | None:
    """The ledger of the line that `read_trade_off` shows; None where it has no item.

    Raises:
        NotKnown: no line with that reference, no such measurement.
        StoreError: a broken results file.
    """
    found = measurements(store, pair, reference, content)
    return _read(store, found, chosen(found, measurement), of) if found else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One item while it is gathered."""

    task: int
    item: str
    answers: list[Answer | None]
    marks: list[int]
    margins: list[float]


@lru_cache(KEPT)
def _read(
    store: RunStore, found: tuple[Measurement, ...], shown: Measurement, of: Of
) -> Ledger | None:
    joined = shown.joined
    gathered = _few_shot(store, joined) if of == "few-shot" else _instructions(store, joined)
    rows = [row for row in gathered.rows if any(row.marks)]
    if not rows:
        return None
    marks = np.array([row.marks for row in rows], np.uint8)
    return Ledger(
        pair=joined.sweep.pair.name,
        of=of,
        store=store,
        lams=gathered.lams,
        tasks=gathered.tasks,
        items=tuple(row.item for row in rows),
        task_of=np.array([row.task for row in rows], np.intp),
        marks=marks,
        margins=np.array([row.margins for row in rows], np.float64),
        answers=tuple(tuple(row.answers) for row in rows),
        strings=grouped(marks == RIGHT, marks != ABSENT),
        asked=gathered.asked,
        notes=(
            *joined.notes,
            *torn_words(others(found, shown)),
            *_left_out(len(gathered.rows) - len(rows)),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    lams: tuple[Lam, ...]
    tasks: tuple[LedgerTask, ...]
    rows: list[_Row]
    asked: Mapping[str, str] = field(default_factory=dict)


def _few_shot(store: RunStore, joined: Joined) -> _Gathered:
    lams = tuple(sorted({Lam.parse(lam) for by_lam in joined.tasks for lam in by_lam}))
    tasks: list[LedgerTask] = []
    rows: list[_Row] = []
    for line, by_lam in zip(joined.sweep.tasks, joined.tasks, strict=True):
        found = _task_rows(store, line, by_lam, lams, len(tasks))
        scores = {
            answer.record.metrics[line.metric]
            for row in found
            for answer in row.answers
            if answer is not None and isinstance(answer.record, IclRecord)
        }
        partly = not scores <= {0.0, 1.0}
        tasks.append(LedgerTask(line.task, line.category, line.form, line.metric, partly))
        rows += found
    return _Gathered(lams, tuple(tasks), rows)


def _task_rows(
    store: RunStore, line: TaskLine, by_lam: ByLam, lams: Sequence[Lam], task: int
) -> list[_Row]:
    """The task's items in the order in which they were asked first."""
    rows: dict[str, _Row] = {}
    for column, lam in enumerate(lams):
        run = by_lam.get(str(lam))
        for record in store.records_of(run) if run else ():
            if run is None or not isinstance(record, IclRecord):
                continue
            row = rows.get(record.item)
            if row is None:
                row = rows[record.item] = _empty(task, record.item, len(lams))
            row.answers[column] = Answer(run.run_id, record)
            row.marks[column] = MARKS.index(_mark(record, line.metric))
            row.margins[column] = _margin(record, line.metric)
    return list(rows.values())


def _empty(task: int, item: str, columns: int) -> _Row:
    return _Row(task, item, [None] * columns, [ABSENT] * columns, [float("nan")] * columns)


def _mark(record: IclRecord, metric: str) -> Mark:
    if record.metrics[metric] == 1.0:
        return "right"
    said = None if record.choices else outcome(record)
    return "wrong" if said in (None, "right") else said


def _margin(record: IclRecord, metric: str) -> float:
    """By what the choices are compared: the best right one minus the best wrong one."""
    if not record.choices:
        return float("nan")
    sides: tuple[list[float], list[float]] = ([], [])
    by = compared(record, metric)
    for right, value in zip(right_ones(record.choices, record.target), by, strict=True):
        if value is not None:
            sides[right].append(value)
    return max(sides[True]) - max(sides[False]) if all(sides) else float("nan")


@lru_cache(KEPT_CHOICES)
def right_ones(choices: tuple[str, ...], target: str) -> tuple[bool, ...]:
    """Which of the choices are right; several may be."""
    right = {target, *target.split(TARGETS)}
    return tuple(text in right for text in choices)


def compared(record: IclRecord, metric: str) -> tuple[float | None, ...]:
    """The log-likelihoods that this metric compares: raw, by characters, or by bytes."""
    if metric.startswith("acc_norm"):
        return record.logprobs_per_char
    if metric.startswith("acc_bytes"):
        return record.logprobs_per_byte
    return record.logprobs


def _instructions(store: RunStore, joined: Joined) -> _Gathered:
    lams = tuple(sorted(map(Lam.parse, joined.verdicts)))
    items = _suite_items(joined.sweep.instruction_suite)
    tasks: dict[str, int] = {}
    rows: dict[str, _Row] = {}
    for column, lam in enumerate(lams):
        run = joined.generations[str(lam)]
        said = _said(store, run)
        for verdict in store.records_of(joined.verdicts[str(lam)]):
            if not isinstance(verdict, JudgmentRecord):
                continue
            kind = items[verdict.item].kind if verdict.item in items else NO_KIND
            task = tasks.setdefault(kind, len(tasks))
            row = rows.setdefault(verdict.item, _empty(task, verdict.item, len(lams)))
            row.answers[column] = Answer(run.run_id, said.get(verdict.item), verdict)
            row.marks[column] = MARKS.index(_followed(verdict, said.get(verdict.item)))
    named = tuple(LedgerTask(kind, INSTRUCTIONS, "chat", "pass rate") for kind in tasks)
    asked = {item.id: item.instruction for item in items.values()}
    return _Gathered(lams, named, sorted(rows.values(), key=lambda row: row.task), asked)


def _followed(verdict: JudgmentRecord, said: GenerationRecord | None) -> Mark:
    """Where a check failed, why: as for written answers of few-shot tasks."""
    if verdict.candidate_passed is None:
        return "absent"
    if verdict.candidate_passed:
        return "right"
    if said is not None and said.finish == "length":
        return "out_of_tokens"
    return "unparsable" if said is not None and not said.output.strip() else "wrong"


def _said(store: RunStore, run: Stored) -> Mapping[str, GenerationRecord]:
    records: Iterable[object] = store.records_of(run)
    return {one.item: one for one in records if isinstance(one, GenerationRecord)}


def _suite_items(suite: str) -> "dict[str, Instruction]":
    from core.tasks.instructions import load_instructions  # pages that show no item need neither
    from core.tasks.suites import load_suite

    try:
        return {item.id: item for item in load_instructions(load_suite(suite))}
    except PartwayError:  # results of a suite that is not installed here
        return {}


def _left_out(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"{count:,} items have no verdict at any λ (they carry no checks) and are left out.",)
