"""Every verdict on a pair's stored outputs against one reference, judge by judge; asks no model.

    read_judged(RunStore(settings.results, (PUBLISHED,)), "tinyworld", "lam:1")

Beside the stored judges stands "longest", a control that is computed here: it costs nothing and
shows how far length alone explains a judge. Computed once for a given set of runs, then kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.canon import file_hash
from core.errors import PartwayError
from core.judges.itself import judges_itself
from core.judges.metrics import credit
from core.judges.nulls import LONGEST, LongestAsker
from core.judges.pairwise import Forgetful, PairwiseJudge
from core.lam import Lam
from core.reports.cells import cluster_numbers
from core.reports.equal_length import EqualLength, equal_length
from core.reports.honesty import Honesty, honesty
from core.reports.joined import Joined, join
from core.reports.judging_points import (
    VERDICTS,
    Compared,
    Judged,
    JudgedPoint,
    JudgeLine,
    OutputsPoint,
    Text,
    verdict_of,
)
from core.reports.measurements import measurements
from core.reports.measures import PERCENT, resample, share
from core.reports.points import Measure, TradeOff
from core.spec import JudgmentSpec, Order, PairIdentity, RunSpec
from core.stats.bootstrap import Table
from core.store.asked import AskedRecord
from core.store.records import GenerationRecord, JudgmentRecord
from core.store.runs import RunStore
from core.tasks.instructions import Instruction, load_instructions, reference_outputs
from core.tasks.suites import load_suite

KEPT = 16
FILE = "file:"
FIFTY = "50 by definition: this is the reference itself"
UNKNOWN = "kind not known"
CONTROL = f"{LONGEST} (control)"
Texts = Mapping[str, Text]
Key = tuple[str, str, str | None, str]


@dataclass(frozen=True, slots=True)
class _Set:
    """One stored set of verdicts of the line; compared by place and time alone."""

    lam: str
    run_id: str
    stamp: int


def read_judged(
    store: RunStore, pair: str, reference: str, content: PairIdentity | None = None
) -> Judged | None:
    """The judged line, or None when nothing was measured.

    Raises:
        NotKnown: no outputs of that reference.  StoreError: a broken results file.
    """
    joined = join(store, pair, reference, content)
    if joined is None or not joined.generations:
        return None
    sets = tuple(_sets(store, joined))
    return _computed(store, joined, sets)


def read_equal_length(
    store: RunStore, asked: tuple[str, str, str, Lam], content: PairIdentity | None = None
) -> EqualLength | None:
    """The rate at equal length of (pair, reference, judge's name, λ); None without verdicts."""
    pair, reference, judge, lam = asked
    joined = join(store, pair, reference, content)
    if joined is None or not joined.generations:
        return None
    return _equal_length(store, joined, tuple(_sets(store, joined)), judge, lam)


@lru_cache(256)
def _equal_length(
    store: RunStore, joined: Joined, sets: tuple[_Set, ...], judge: str, lam: Lam
) -> EqualLength | None:
    line = _computed(store, joined, sets).judge(judge)
    point = line.at(lam) if line is not None else None
    return None if point is None or point.by_definition else equal_length(point)


def read_honesty(
    store: RunStore, line: TradeOff, lam: Lam, content: PairIdentity | None = None
) -> Honesty | None:
    """The strip of the line's own judge at one λ; None where it has no verdicts.

    Found once for each run of answers: a set of verdicts over finished answers stays as it is.
    """
    point = line.at(lam)
    if point is None or point.generations_run is None or point.wins is None:
        return None
    asked = (line.pair, line.reference, line.key, point.generations_run)
    return _honesty_once(store, asked, str(lam), content)


@lru_cache(256)
def _honesty_once(
    store: RunStore, asked: tuple[str, ...], lam: str, content: PairIdentity | None
) -> Honesty | None:
    found = measurements(store, asked[0], asked[1], content)
    joined = next((one.joined for one in found if one.key == asked[2]), None)
    run = joined.judgments.get(lam) if joined else None
    if joined is None or run is None:
        return None
    records = [one for one in store.records(run.run_id) if isinstance(one, JudgmentRecord)]
    return _Line(store, joined, ()).honesty(lam, records, run.run_id)


def _sets(store: RunStore, joined: Joined) -> Iterable[_Set]:
    lam_of = {run.run_id: lam for lam, run in joined.generations.items()}
    for stored in store.complete("judgments"):
        spec = stored.spec
        if not isinstance(spec, JudgmentSpec) or spec.reference != joined.source:
            continue
        if spec.candidate in lam_of:
            yield _Set(lam_of[spec.candidate], stored.run_id, stored.stamp)


@lru_cache(KEPT)
def _computed(store: RunStore, joined: Joined, sets: tuple[_Set, ...]) -> Judged:
    line = _Line(store, joined, sets)
    return Judged(
        pair=joined.sweep.pair.name,
        suite=joined.sweep.instruction_suite,
        reference=joined.reference_name,
        reference_label=joined.reference.label,
        judges=tuple(line.judges()),
        outputs=tuple(line.outputs()),
    )


class _Line:
    """One pass over the records."""

    def __init__(self, store: RunStore, joined: Joined, sets: tuple[_Set, ...]) -> None:
        self._store, self._joined, self._sets = store, joined, sets
        self._read: dict[str, dict[str, Text]] = {}
        self._theirs = self._reference_texts()
        self._items = _items(joined.sweep.instruction_suite)

    def outputs(self) -> Iterable[OutputsPoint]:
        for lam in sorted(self._joined.generations, key=Lam.parse):
            texts = list(self._answers(lam).values())
            yield OutputsPoint(
                lam=Lam.parse(lam),
                n=len(texts),
                mean_characters=sum(len(one.text) for one in texts) / len(texts),
                out_of_tokens=sum(one.cut is True for one in texts),
                empty=sum(not one.text.strip() for one in texts),
            )

    def judges(self) -> Iterable[JudgeLine]:
        grouped = self._grouped()
        names = _names(list(grouped))
        own = self._joined.sweep.judge
        for key in sorted(grouped, key=lambda key: (key[0] != own, names[key])):
            yield self._stored_line(key, names[key], grouped[key])
        if self._theirs is not None:
            yield self._control()

    def _grouped(self) -> dict[Key, list[_Set]]:
        found: dict[Key, list[_Set]] = {}
        for one in self._sets:
            spec = self._store.spec(one.run_id)
            assert isinstance(spec, JudgmentSpec)
            key = (spec.judge, spec.judge_version, spec.prompt_hash, spec.order)
            if spec.judge != LONGEST or self._theirs is None:  # else it is computed at every λ
                found.setdefault(key, []).append(one)
        return found

    def _stored_line(self, key: Key, name: str, sets: list[_Set]) -> JudgeLine:
        by_lam = {one.lam: self._verdicts(one.run_id) for one in sets}
        run_of = {one.lam: one.run_id for one in sets}
        judge, version, prompt_hash, order = key
        points = self._points(by_lam, run_of)
        shown: Order = "official" if order == "official" else "both"
        return JudgeLine(name, judge, version, prompt_hash, shown, True, points)

    def _control(self) -> JudgeLine:
        """The longer answer wins: no judge, but what any judge is held against."""
        judge = PairwiseJudge(LongestAsker(), _Memo())
        theirs = {item: one.text for item, one in (self._theirs or {}).items()}
        by_lam = {}
        for lam in self._joined.generations:
            texts = self._answers(lam)
            ours = {item: one.text for item, one in texts.items()}
            items = [self._item(item) for item in texts]
            by_lam[lam] = judge.judge(items, ours, None if self._is_reference(lam) else theirs)
        who = LongestAsker.identity
        return JudgeLine(
            CONTROL, who.name, who.version, None, "both", False, self._points(by_lam, {})
        )

    def _points(
        self, by_lam: Mapping[str, list[JudgmentRecord]], run_of: Mapping[str, str]
    ) -> tuple[JudgedPoint, ...]:
        lams = sorted(by_lam, key=Lam.parse)
        drawn = resample(_table([by_lam[lam] for lam in lams]), None, 0)
        return tuple(
            self._point(lam, by_lam[lam], run_of.get(lam), share(drawn, column))
            for column, lam in enumerate(lams)
        )

    def _point(
        self, lam: str, records: list[JudgmentRecord], run_id: str | None, rate: Measure
    ) -> JudgedPoint:
        itself = self._is_reference(lam)
        verdicts = [] if itself else [verdict_of(record) for record in records]
        return JudgedPoint(
            lam=Lam.parse(lam),
            by_definition=itself,
            counts=tuple(verdicts.count(verdict) for verdict in VERDICTS),  # type: ignore[arg-type]
            rate=Measure(50.0, len(records), reason=FIFTY) if itself else rate,
            honesty=self.honesty(lam, [] if itself else records, run_id),
            compared=() if itself else tuple(self._compared(lam, record) for record in records),
        )

    def honesty(self, lam: str, records: list[JudgmentRecord], run_id: str | None) -> Honesty:
        """The strip beside one win rate."""
        asked = self._store.summary(run_id).get("asked") if run_id else None
        ours, theirs = _plain(self._answers(lam)), _plain(self._theirs or {})
        return honesty(records, ours, theirs, asked, self._itself(run_id))

    def _compared(self, lam: str, record: JudgmentRecord) -> Compared:
        item = self._item(record.item)
        return Compared(
            item=record.item,
            kind=item.kind,
            instruction=f"{item.system}\n\n{item.instruction}" if item.system else item.instruction,
            ours=self._answers(lam).get(record.item),
            theirs=(self._theirs or {}).get(record.item),
            record=record,
            cluster=record.cluster,
        )

    def _item(self, item: str) -> Instruction:
        """The instruction; by its id alone where the suite is not installed here."""
        return self._items.get(item) or Instruction(item, item, None, UNKNOWN, (), None, None)

    def _is_reference(self, lam: str) -> bool:
        return self._joined.generations[lam].run_id == self._joined.source

    def _itself(self, run_id: str | None) -> str | None:
        spec = self._store.spec(run_id) if run_id else None
        if not isinstance(spec, JudgmentSpec):
            return None
        sides = [one for one in (spec.candidate, spec.reference) if not one.startswith(FILE)]
        models = [self._store.spec(one) for one in sides if self._store.is_complete(one)]
        return judges_itself(spec, [model for model in models if isinstance(model, RunSpec)])

    def _verdicts(self, run_id: str) -> list[JudgmentRecord]:
        return [one for one in self._store.records(run_id) if isinstance(one, JudgmentRecord)]

    def _answers(self, lam: str) -> dict[str, Text]:
        if lam not in self._read:
            self._read[lam] = _read(self._store.records_of(self._joined.generations[lam]))
        return self._read[lam]

    def _reference_texts(self) -> Texts | None:
        """The reference's outputs; None where they are not stored here."""
        source = self._joined.source
        if not source.startswith(FILE):
            for lam, run in self._joined.generations.items():
                if run.run_id == source:
                    return self._answers(lam)
            return _texts(self._store, source) if self._store.is_complete(source) else None
        return _shipped(self._joined.sweep.instruction_suite, source)


class _Memo(Forgetful):
    """Keeps a control's answers for the moment in which they are read."""

    def __init__(self) -> None:
        self._answers: dict[str, AskedRecord] = {}

    def known(self, content: str) -> AskedRecord | None:
        return self._answers.get(content)

    def keep(self, answers: Iterable[AskedRecord]) -> None:
        self._answers |= {answer.content: answer for answer in answers}


def _texts(store: RunStore, run_id: str) -> dict[str, Text]:
    return _read(store.records(run_id))


def _read(records: Iterable[object]) -> dict[str, Text]:
    return {
        one.item: Text(one.output, one.finish == "length", one.tokens)
        for one in records
        if isinstance(one, GenerationRecord)
    }


def _plain(texts: Texts) -> dict[str, str]:
    return {item: one.text for item, one in texts.items()}


def _items(suite: str) -> dict[str, Instruction]:
    try:
        return {item.id: item for item in load_instructions(load_suite(suite))}
    except PartwayError:  # results of a suite that is not installed here
        return {}


def _shipped(suite: str, source: str) -> dict[str, Text] | None:
    try:
        data = load_suite(suite).instructions
        if data is None or data.outputs is None or f"{FILE}{file_hash(data.outputs)}" != source:
            return None
        return {item: Text(text) for item, text in reference_outputs(load_suite(suite)).items()}
    except PartwayError:
        return None


def _names(keys: list[Key]) -> dict[Key, str]:
    """A judge's own name where it is the only one of it, else with what tells it apart."""
    found = {}
    for key in keys:
        judge, version, prompt_hash, order = key
        alone = sum(other[0] == judge for other in keys) == 1
        marks = [] if alone else [version[:12], *([prompt_hash[:6]] if prompt_hash else [])]
        marks += ["official order"] if order == "official" else []
        found[key] = f"{judge} ({', '.join(marks)})" if marks else judge
    return found


def _table(columns: list[list[JudgmentRecord]]) -> Table:
    """Items × λ in percent; the order of items is that of their names."""
    clusters = {record.item: record.cluster for column in columns for record in column}
    rows = {item: row for row, item in enumerate(sorted(clusters))}
    values = np.full((len(rows), len(columns)), np.nan)
    for at, column in enumerate(columns):
        for record in column:
            value = credit(record)
            values[rows[record.item], at] = np.nan if value is None else PERCENT * value
    return Table(values, cluster_numbers([clusters[item] for item in rows]))
