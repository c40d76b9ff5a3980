"""What a job was expected to take and what it took, kept in its folder.

    with accounted(folder, plan, store, settings): …    # by the worker, around its work
    read_account(folder, store)                         # by anyone, also while it runs

before.json says what was stored when the job first began, expected.json what was estimated,
account.json the actual numbers once it ended. Actual numbers are those of the records that came
since, so a job that was killed and gone on with has one account. Not here: words
(`account_words.py`).
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from math import fsum
from pathlib import Path
from typing import Any, TypeVar

from core.canon import safe_name
from core.errors import PartwayError
from core.jobs.estimate import Estimate, Stage, StageEstimate, estimate_from_json
from core.jobs.events import read_events
from core.jobs.forecast import forecast
from core.jobs.plan import SweepPlan
from core.jobs.prepare import planned
from core.settings import Settings
from core.spec import JudgmentSpec
from core.store.asked import ASKED
from core.store.codec import Kind, Record, spec_from_json
from core.store.environment import now
from core.store.files import read_json, read_lines, write_json
from core.store.records import GenerationRecord, IclRecord
from core.store.runs import FOLDERS, RunStore
from core.store.writer import SPEC

JOBS = "jobs"
logger = logging.getLogger(__name__)
BEFORE, EXPECTED, ACCOUNT = "before.json", "expected.json", "account.json"
FROM_FILES = "as stored runs took (no plan was asked for before the start)"
APART = 2.0  # by so much stored runs, perhaps of another machine, may be off either way
KINDS: dict[Kind, Stage] = {"icl": "few-shot", "generations": "answers"}

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class StageActual:
    """What came of one stage."""

    stage: Stage
    items: int
    read: int  # tokens
    written: int | None  # None: some records do not say
    seconds: float | None  # that the engine was asked for; None: some records do not say


@dataclass(frozen=True, slots=True)
class JudgingActual:
    """What the judges beside the checks were asked."""

    calls: int
    read: int
    written: int
    dollars: float | None  # None where no price was given


@dataclass(frozen=True, slots=True)
class Account:
    """Estimate against actual; `expected` None: nothing was estimated."""

    expected: Estimate | None
    stages: tuple[StageActual, ...]
    judging: JudgingActual | None
    seconds: float | None  # of the whole job by the clock, starting included; None: not begun

    def stage(self, name: Stage) -> StageActual | None:
        """One stage."""
        return next((one for one in self.stages if one.stage == name), None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def keep_expected(folder: Path, expected: Estimate) -> None:
    """Lay an estimate into a job's folder."""
    write_json(folder / EXPECTED, expected.to_json())


def open_account(folder: Path, plan: SweepPlan, store: RunStore, settings: Settings) -> None:
    """Note what is stored before the job computes anything; once in a job's life.

    Raises:
        NotKnown, PairError, TaskError: as the plan's own reading of its files.
    """
    (folder / ACCOUNT).unlink(missing_ok=True)
    if (folder / BEFORE).is_file():
        return
    work = planned(plan, settings)
    missing = work.missing(store)
    runs: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
    for step in missing:
        runs[step.spec.kind][step.run_id] = len(store.begun(step.spec))
    answers = sorted({step.run_id for step in work.all_steps() if step.task is None})
    asked = {path.parent.name: len(read_lines(path)) for path in _asked(store, answers)}
    if not (folder / EXPECTED).is_file():
        _expect_from_files(folder, plan, store, settings)
    write_json(folder / BEFORE, {"runs": runs, "answers": answers, "asked": asked})


def close_account(folder: Path, store: RunStore) -> None:
    """Keep the actual numbers; where that fails, the records still tell them."""
    try:
        found = _computed(folder, store)
        if found is not None:
            write_json(folder / ACCOUNT, found.to_json())
    except PartwayError as error:
        logger.warning("the account of %s was not kept: %s", folder.name, error)


@contextmanager
def accounted(folder: Path, plan: SweepPlan, store: RunStore, settings: Settings) -> Iterator[None]:
    """Around a job's work: whatever ends it, its account is kept."""
    open_account(folder, plan, store, settings)
    try:
        yield
    finally:
        close_account(folder, store)


def read_account(folder: Path, store: RunStore) -> Account | None:
    """The job's account so far; None for a job that did not begin, or of an older kind."""
    if not (folder / ACCOUNT).is_file():
        return _computed(folder, store)
    content = read_json(folder / ACCOUNT)
    judging = content["judging"]
    return Account(
        expected=content["expected"] and estimate_from_json(content["expected"]),
        stages=tuple(StageActual(**_known(StageActual, one)) for one in content["stages"]),
        judging=judging and JudgingActual(**_known(JudgingActual, judging)),
        seconds=_clock(folder),
    )


def account_of(job_id: str, settings: Settings, store: RunStore) -> Account | None:
    """The account of a job by its id.

    Raises:
        NameRefused: an id that must not become a path.
    """
    return read_account(settings.results / JOBS / safe_name(job_id, "job"), store)


def _computed(folder: Path, store: RunStore) -> Account | None:
    if not (folder / BEFORE).is_file():
        return None
    before = read_json(folder / BEFORE)
    expected = read_json(folder / EXPECTED) if (folder / EXPECTED).is_file() else None
    return Account(
        expected=expected and estimate_from_json(expected),
        stages=tuple(_stage(kind, before["runs"][kind], store) for kind in KINDS),
        judging=_judging(before, store),
        seconds=_clock(folder),
    )


def _stage(kind: Kind, runs: dict[str, int], store: RunStore) -> StageActual:
    records = [one for run, count in runs.items() for one in store.so_far(kind, run)[count:]]
    sizes = [_size(record) for record in records]
    return StageActual(
        stage=KINDS[kind],
        items=len(records),
        read=sum(read for read, _ in sizes),
        written=_whole([written for _, written in sizes]),
        seconds=_whole([_seconds(record) for record in records]),
    )


def _size(record: Record) -> tuple[int, int | None]:
    """Tokens read, and tokens written where the record says it."""
    if isinstance(record, GenerationRecord):
        return record.prompt_tokens, record.tokens
    assert isinstance(record, IclRecord)  # verdicts are no run of an engine
    if record.choices:
        return record.tokens, 0
    return record.tokens - (record.written or 0), record.written


def _seconds(record: Record) -> float | None:
    return record.seconds if isinstance(record, IclRecord | GenerationRecord) else None


def _whole(numbers: Sequence[Number | None]) -> Number | None:
    """Their sum; None where one of them is not known."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _judging(before: dict[str, Any], store: RunStore) -> JudgingActual | None:
    """Answers of judges that came since; None where the plan's answers were put to none."""
    paths = list(_asked(store, before["answers"]))
    if not paths:
        return None
    known = before["asked"]
    rows = [row for path in paths for row in read_lines(path)[known.get(path.parent.name, 0) :]]
    costs = [row["dollars"] for row in rows if row.get("dollars") is not None]
    return JudgingActual(
        calls=len(rows),
        read=sum(int(row.get("tokens_read", 0)) for row in rows),
        written=sum(int(row.get("tokens_written", 0)) for row in rows),
        dollars=fsum(costs) if costs else None,
    )


def _asked(store: RunStore, answers: Sequence[str]) -> Iterator[Path]:
    """Every file of a judge's answers about these runs."""
    for path in sorted((store.results / FOLDERS["judgments"]).glob(f"*/{ASKED}")):
        if (path.parent / SPEC).is_file():
            spec = spec_from_json("judgments", read_json(path.parent / SPEC))
            if isinstance(spec, JudgmentSpec) and spec.candidate in answers:
                yield path


def _clock(folder: Path) -> float | None:
    """Seconds from each beginning to its end or to the last that was heard."""
    spent, ran, told = 0.0, 0.0, False
    for event in read_events(folder):
        if event["event"] == "started":
            spent, ran = spent + ran, 0.0
        told = told or "ran" in event
        ran = float(event.get("ran", ran))  # not from times of day: a clock can be set
    return round(spent + ran, 3) if told else None


def _expect_from_files(folder: Path, plan: SweepPlan, store: RunStore, settings: Settings) -> None:
    """Where nobody asked for a plan: what files alone say."""
    try:
        ahead = forecast(plan, settings, store)
    except PartwayError:  # what it lacks, the sweep itself will tell
        return
    few = [row for row in ahead.few_shot if row.missing]
    items = [row.items_left for row in few]
    seconds = _whole([row.seconds_left for row in few])
    answers = ahead.answers
    keep_expected(
        folder,
        Estimate(
            stages=(
                StageEstimate(
                    "few-shot",
                    runs=sum(len(row.missing) for row in few),
                    items=_whole(items),
                    stored=sum((row.items or 0) * len(row.stored or ()) for row in ahead.few_shot),
                    seconds=None if seconds is None else (seconds / APART, seconds * APART),
                    timed_by=FROM_FILES,
                ),
                StageEstimate(
                    "answers",
                    runs=len(answers.missing),
                    items=answers.items_left,
                    stored=(answers.items or 0) * len(answers.stored or ()),
                    timed_by=FROM_FILES,
                ),
            ),
            verdicts_left=ahead.unjudged,
            memory_why="no plan was asked for",
            made=now(),
        ),
    )


def _known(kind: type[Any], content: dict[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in content.items() if name in names}
