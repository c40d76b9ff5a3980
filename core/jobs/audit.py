"""Does what is stored hold together? Ids follow from specs, numbers from records.

    found = audit(store, report)
    found.faults            # nothing: every number on a page rests on records that are here

Everything is worked out again from the lowest level that is on the disk; no model is asked. What a
model wrote and how probable it found each choice cannot be checked so: measure it again for that.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.errors import PartwayError
from core.evals.reasoning_summary import summarise_extraction, summarise_grades, summarise_pools
from core.jobs.progress import Progress, Report
from core.jobs.summaries import summarise_run, summarise_verdicts
from core.spec import ExtractionSpec, GradeSpec, JudgmentSpec, RunSpec
from core.store.codec import LOGPROB_DECIMALS, Kind, spec_from_json
from core.store.files import read_json
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord
from core.store.records import IclRecord
from core.store.runs import FOLDERS, RunStore, Stored
from core.store.writer import SPEC

AS_NEAR = 2.1 * 10**-LOGPROB_DECIMALS  # rounded on the disk: nearer ones may have changed places
FILE = "file:"  # a reference that is an outputs file and no run


@dataclass(frozen=True, slots=True)
class Fault:
    """Something stored that does not follow from the rest."""

    kind: str
    run_id: str
    what: str

    def __str__(self) -> str:
        return f"{FOLDERS.get(self.kind, self.kind)}/{self.run_id}: {self.what}"  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at, and what is wrong with it."""

    runs: int
    records: int
    prompts: int
    choices: int  # few-shot items whose accuracy was worked out again
    too_near: int  # of those: the best two choices are as probable as rounding can tell
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Count:
    records: int = 0
    prompts: int = 0
    choices: int = 0
    too_near: int = 0


def audit(store: RunStore, report: Report = lambda progress: None) -> Audit:
    """Look at every complete run and every sweep of the store."""
    kinds: tuple[Kind, ...] = tuple(FOLDERS)
    runs = [run for kind in kinds for run in store.complete(kind)]
    here = {run.run_id for run in runs}
    count, faults, texts = _Count(), list[Fault](), _Texts(store)
    for done, run in enumerate(runs):
        report(Progress("checking", done, len(runs), None, "Working stored numbers out again."))
        look = (_spec, partial(_numbers, count=count), partial(_linked, here=here), texts.look)
        for part in look:
            faults += _said(run, part, store)
    count.prompts = texts.count
    faults += _sweeps(store, here)
    return Audit(
        len(runs), count.records, count.prompts, count.choices, count.too_near, tuple(faults)
    )


Look = Callable[[Stored, RunStore], Iterator[str]]


def _said(run: Stored, look: Look, store: RunStore) -> list[Fault]:
    """What one look finds; a file that cannot be read is a finding, too."""
    found: list[Fault] = []
    try:
        found.extend(Fault(run.kind, run.run_id, what) for what in look(run, store))
    except (PartwayError, OSError, ValueError, KeyError, TypeError) as error:
        found.append(Fault(run.kind, run.run_id, " ".join(str(error).split())[:300]))
    return found


def _spec(run: Stored, store: RunStore) -> Iterator[str]:
    there = spec_from_json(
        run.kind, read_json(run.folder / SPEC)
    )  # what was read before may differ
    if there.run_id != run.run_id:
        yield f"its spec has the id {there.run_id}"


def _numbers(run: Stored, store: RunStore, count: _Count) -> Iterator[str]:
    """The summary from the records, and the records' accuracy from their log-likelihoods."""
    records = store.records_of(run)
    count.records += len(records)
    told, worked_out = store.summary(run.run_id), _plain(_summary(run, store))
    for name, value in worked_out.items():
        if told.get(name) != value:
            yield f"its summary says {name} = {told.get(name)!r}, its records {value!r}"[:300]
    for record in records:
        if isinstance(record, IclRecord) and record.choices:
            yield from _accuracy(record, count)


def _summary(run: Stored, store: RunStore) -> dict[str, Any]:
    """Without what a judge said of itself, which no record holds."""
    records = store.records_of(run)
    match run.spec:
        case RunSpec(kind="reasoning"):
            return summarise_pools([one for one in records if isinstance(one, PoolRecord)])
        case RunSpec():
            return summarise_run(run.spec, records)
        case JudgmentSpec():
            return summarise_verdicts(run.spec, records)
        case ExtractionSpec():
            return summarise_extraction([r for r in records if isinstance(r, ExtractionRecord)])
        case GradeSpec():
            return _grades(run.spec, [r for r in records if isinstance(r, GradeRecord)], store)


def _grades(spec: GradeSpec, graded: list[GradeRecord], store: RunStore) -> dict[str, Any]:
    extraction = store.spec(spec.extraction)
    assert isinstance(extraction, ExtractionSpec)
    pool = store.spec(extraction.pool)
    assert isinstance(pool, RunSpec) and pool.reasoning is not None
    found = store.records(spec.extraction)
    extracted = [one for one in found if isinstance(one, ExtractionRecord)]
    return summarise_grades(pool.reasoning, extracted, graded)


def _plain(summary: dict[str, Any]) -> dict[str, Any]:
    """As it is after a way to the disk and back."""
    content: dict[str, Any] = json.loads(json.dumps(summary))
    return content


def _accuracy(record: IclRecord, count: _Count) -> Iterator[str]:
    """lm-eval's `acc` and `acc_norm`: is the most probable choice (by its length) the right one?"""
    ways = {"acc": record.logprobs, "acc_norm": record.logprobs_per_char}
    for name, values in ways.items():
        if name not in record.metrics or None in values:
            continue
        count.choices += 1
        ranked = sorted((value for value in values if value is not None), reverse=True)
        best = [c for c, v in zip(record.choices, values, strict=True) if v == ranked[0]]
        if len(ranked) > 1 and ranked[0] - ranked[1] < AS_NEAR:
            count.too_near += 1
        elif record.metrics[name] != float(best[0] == record.target):
            yield f"item {record.item} has {name} = {record.metrics[name]}, its log-likelihoods not"


def _linked(run: Stored, store: RunStore, here: set[str]) -> Iterator[str]:
    """What it was made from is here."""
    match run.spec:
        case JudgmentSpec(candidate=candidate, reference=reference):
            needed = [candidate, *([] if reference.startswith(FILE) else [reference])]
        case ExtractionSpec(pool=pool):
            needed = [pool]
        case GradeSpec(extraction=extraction):
            needed = [extraction]
        case _:
            needed = []
    for run_id in needed:
        if run_id not in here:
            yield f"it was made from {run_id}, which is not here"


class _Texts:
    """Prompts of each line, looked at once."""

    def __init__(self, store: RunStore) -> None:
        self._seen: dict[str, set[str]] = {}
        self.count = 0

    def look(self, run: Stored, store: RunStore) -> Iterator[str]:
        """Every prompt has its hash, and every record's prompt is there."""
        if run.line is None:
            return
        if run.line not in self._seen:
            texts = store.prompts(run.run_id)
            self._seen[run.line] = set(texts)
            self.count += len(texts)
            for digest, text in texts.items():
                if hashlib.sha256(text.encode()).hexdigest() != digest:
                    yield f"the prompt {digest[:12]}… is another text"
        asked = {getattr(one, "prompt", None) for one in store.records_of(run)} - {None}
        missing = sorted(map(str, asked - self._seen[run.line]))
        if missing:
            yield f"{len(missing)} prompts are not here, first {missing[0][:12]}…"


def _sweeps(store: RunStore, here: set[str]) -> Iterator[Fault]:
    for sweep in store.sweeps():
        missing = [one for ids in sweep.runs.values() for one in ids if one not in here]
        if missing:
            what = f"{len(missing)} of its runs are not here, first {missing[0]}"
            yield Fault("sweeps", sweep.sweep_id, what)
