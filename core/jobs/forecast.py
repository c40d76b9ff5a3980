"""What a sweep would do, told before it runs: runs, items, what is stored already, seconds an item.

    forecast(SweepPlan("tinyworld", parse_grid("0:1:0.1")), settings, store)

Read from files alone: no model, no lm_eval, no hub. What only the run itself finds out (the
commit of a data set that nobody pinned, the items that a task file makes) is None with a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import fsum
from statistics import median
from typing import Any

from core.canon import file_hash
from core.engine.protocol import LoadedPair
from core.evals.plan import generation_spec, icl_spec
from core.jobs.plan import SweepPlan, coarse_first
from core.jobs.work import pair_before_loading
from core.judges.verifier import judgment_spec
from core.lam import INSTRUCT, Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.spec import PairIdentity, RunSpec
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored
from core.tasks.data import local_copy
from core.tasks.definition import TaskDefinition, read_definition
from core.tasks.hub_file import file_here
from core.tasks.instructions import instruction_data, load_instructions, outputs_file
from core.tasks.jsonl import read_jsonl
from core.tasks.overview import TaskOverview, overview
from core.tasks.suites import InstructionData, Suite, SuiteTask, load_suite

UNPINNED = "the commit of its data set is looked up when the run begins"
NOT_FETCHED = "its instructions are fetched from the hub when the run begins"
MOST_TIMED = 7  # stored runs of a task that are read for its speed
_Kept = Mapping[RunSpec, list[Stored]]


@dataclass(frozen=True, slots=True)
class RunsAhead:
    """One few-shot task, or the instructions, at every λ of the plan."""

    name: str
    lams: tuple[Lam, ...]  # in the order of measuring
    stored: tuple[Lam, ...] | None  # measured to the end already; None: not known before the run
    items: int | None  # at one λ; None: counted when the run begins
    seconds: float | None  # for one item, as measured before; None: nothing stored says it
    about: TaskOverview | None  # None for the instructions
    unknown: str | None = None  # why `stored` is None

    @property
    def missing(self) -> tuple[Lam, ...]:
        """The λ that will be measured; all of them where that is not known."""
        return tuple(lam for lam in self.lams if lam not in (self.stored or ()))

    @property
    def items_left(self) -> int | None:
        """Items to compute; None where they are not counted yet."""
        if not self.missing:
            return 0
        return None if self.items is None else self.items * len(self.missing)

    @property
    def seconds_left(self) -> float | None:
        """Seconds at the speed measured before."""
        if self.items_left is None or (self.items_left and self.seconds is None):
            return None
        return self.items_left * (self.seconds or 0.0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A sweep before it runs."""

    pair: PairIdentity
    few_shot: tuple[RunsAhead, ...]
    answers: RunsAhead
    unjudged: int  # sets of verdicts by the instructions' checks that are not there

    @property
    def rows(self) -> tuple[RunsAhead, ...]:
        """Every task, then the instructions."""
        return (*self.few_shot, self.answers)

    @property
    def runs(self) -> int:
        """Runs of the whole sweep."""
        return sum(len(row.lams) for row in self.rows)

    @property
    def stored(self) -> int:
        """Runs that are known to be there; they are not computed again."""
        return sum(len(row.stored or ()) for row in self.rows)

    @property
    def nothing_left(self) -> bool:
        """Whether every run and every verdict of the checks is there."""
        return not self.unjudged and not any(row.missing for row in self.rows)

    @property
    def items_left(self) -> int:
        """Items to compute, of the rows whose items are known."""
        return sum(row.items_left or 0 for row in self.rows)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Whose items are counted only when the run begins."""
        return tuple(row.name for row in self.rows if row.items_left is None)


def forecast(plan: SweepPlan, settings: Settings, store: RunStore) -> Forecast:
    """What the plan would do.

    Raises:
        NotKnown: no such pair or suite.  PairError: the parents are not here, or do not fit.
        TaskError: a task's files are broken.  InputError: a limit below 1.
    """
    report = check_pair(find_pair(plan.pair, settings), settings, download=False)
    pair, lams = pair_before_loading(report), coarse_first(plan.grid)
    looking = _Looking(plan, settings, store, pair, lams, _kept(store), store.complete_ids())
    few_shot = tuple(looking.task(task) for task in load_suite(plan.icl_suite).tasks)
    suite = load_suite(plan.instruction_suite)
    return Forecast(pair.identity, few_shot, looking.answers(suite), looking.unjudged(suite))


def is_open(about: TaskOverview, settings: Settings) -> bool:
    """Whether only the hub can tell which commit of the task's data is meant."""
    if about.data_set is None or about.commit is not None:
        return False
    return local_copy(about.data_set, settings) is None


@dataclass(frozen=True, slots=True)
class _Looking:
    """One look at the disk."""

    plan: SweepPlan
    settings: Settings
    store: RunStore
    pair: LoadedPair
    lams: tuple[Lam, ...]
    kept: _Kept
    complete: frozenset[str]  # ids of runs and sets of verdicts

    def task(self, task: SuiteTask) -> RunsAhead:
        about, lams = overview(task, self.settings), self.lams
        if is_open(about, self.settings):
            return RunsAhead(task.name, lams, None, None, None, about, UNPINNED)
        spec = icl_spec(task, self.pair, INSTRUCT, self.plan.limit)
        before = self.kept.get(_question(spec), [])
        items = self._stored_items(before)
        if items is None:
            items = _rows_beside(read_definition(task.definition, task.overrides))
        seconds = self._seconds(before)
        return RunsAhead(
            task.name, lams, self._stored(spec, lams), self._limited(items), seconds, about
        )

    def answers(self, suite: Suite) -> RunsAhead:
        lams, data = self.lams, instruction_data(suite)
        if INSTRUCT not in lams:  # every answer is compared with those of λ=1
            lams = (INSTRUCT, *lams)
        if not self._is_here(data):
            items = self._limited(data.count)
            return RunsAhead(suite.name, lams, None, items, None, None, NOT_FETCHED)
        spec = generation_spec(suite, self.pair, INSTRUCT, self.plan.limit)
        items = self._limited(len(load_instructions(suite)))
        return RunsAhead(suite.name, lams, self._stored(spec, lams), items, None, None)

    def unjudged(self, suite: Suite) -> int:
        """Every λ's answers are held against those of λ=1 and the suite's own outputs."""
        if not self._is_here(instruction_data(suite)):
            return len(self.plan.grid)  # at least those against λ=1
        spec = generation_spec(suite, self.pair, INSTRUCT, self.plan.limit)
        items, shipped = load_instructions(suite)[: self.plan.limit], outputs_file(suite)
        sources = [spec.run_id] + ([f"file:{file_hash(shipped)}"] if shipped else [])
        against = [judgment_spec(spec.run_id, source, items) for source in sources]
        answers = [replace(spec, lam=lam).run_id for lam in self.lams]
        wanted = [replace(one, candidate=run).run_id for run in answers for one in against]
        return sum(one not in self.complete for one in wanted)

    def _is_here(self, data: InstructionData) -> bool:
        """Both files, without asking the hub for one."""
        files = [file for file in (data.data, data.outputs) if file is not None]
        return data.hub is None or all(
            file_here(data.hub, file.name, self.settings) is not None for file in files
        )

    def _stored(self, spec: RunSpec, lams: Iterable[Lam]) -> tuple[Lam, ...]:
        return tuple(lam for lam in lams if replace(spec, lam=lam).run_id in self.complete)

    def _limited(self, items: int | None) -> int | None:
        limit = self.plan.limit
        return items if items is None or limit is None else min(items, limit)

    def _stored_items(self, before: Iterable[Stored]) -> int | None:
        """As many as a run had that took them all."""
        whole = (run for run in before if _spec(run).task.limit is None)
        run = next(whole, None)
        return None if run is None else int(self.store.summary(run.run_id)["n"])

    def _seconds(self, before: list[Stored]) -> float | None:
        """The median over stored runs of their mean: one that waited for others counts once."""
        means = [self._mean_seconds(run) for run in before[:MOST_TIMED]]
        known = [mean for mean in means if mean is not None]
        return median(known) if known else None

    def _mean_seconds(self, run: Stored) -> float | None:
        found = [
            record.seconds
            for record in self.store.records_of(run)
            if isinstance(record, IclRecord) and record.seconds is not None
        ]
        return fsum(found) / len(found) if found else None


def _kept(store: RunStore) -> _Kept:
    """Stored few-shot runs by what they asked, whatever their λ and their limit."""
    found: dict[RunSpec, list[Stored]] = {}
    for run in store.complete("icl"):
        found.setdefault(_question(_spec(run)), []).append(run)
    return found


def _question(spec: RunSpec) -> RunSpec:
    pair, task = replace(spec.pair, name=""), replace(spec.task, limit=None)
    return replace(spec, lam=INSTRUCT, pair=pair, task=task)


def _spec(run: Stored) -> RunSpec:
    assert isinstance(run.spec, RunSpec)  # `complete("icl")` gives no verdicts
    return run.spec


def _rows_beside(definition: TaskDefinition) -> int | None:
    """Rows of the data file beside the task, where no function makes others of them."""
    config: Mapping[str, Any] = definition.config
    file = next((definition.data_files.get(split) for split in definition.splits[:1]), None)
    if file is None or config.get("dataset_path") != "json" or "process_docs" in config:
        return None
    return len(read_jsonl(file))
