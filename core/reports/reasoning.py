"""What is stored of reasoning, as runs to choose from and as answers item by item.

    runs = read_runs(store, "tinyworld")
    one = pick(runs, benchmark="tinyworld-reasoning", part="original", lam=INSTRUCT, …)
    answers = read_answers(store, one, "rules")

Only complete, graded runs. Not here: means, intervals and comparisons (`reasoning_scores.py`),
curves over k (`reasoning_curves.py`), twins (`reasoning_twins.py`), single items
(`reasoning_items.py`), protocols (`reasoning_protocols.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.errors import NotKnown
from core.lam import Lam
from core.spec import (
    AnswerForm,
    ExtractionSpec,
    GradeSpec,
    PairIdentity,
    Pooling,
    PromptForm,
    RunSpec,
    Style,
)
from core.stats.bootstrap import Floats
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord
from core.store.runs import RunStore, Stored
from core.tasks.problems.load import SEPARATOR
from core.tasks.problems.problem import Role

Flags = NDArray[np.bool_]
GRADERS = ("rules", "math-verify")
KEPT = 256


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """How a run asked, without λ and without what was asked."""

    style: Style
    form: PromptForm
    answer: AnswerForm
    pooling: Pooling
    n: int
    temperature: str
    max_new_tokens: int

    @property
    def words(self) -> str:
        """For a table: "few-shot-cot, plain text, 8 samples at T = 0.7"."""
        prompt = "plain text" if self.form == "completion" else "chat"
        asked = ", JSON" if self.answer == "json" else ""
        pools = {
            "greedy": "one greedy answer",
            "branches": f"{self.n} branches",
            "samples": f"{self.n} samples at T = {self.temperature}",
        }
        return f"{self.style}, {prompt}{asked}, {pools[self.pooling]}"


@dataclass(frozen=True, slots=True)
class ReasoningRun:
    """One stored run; `extraction` and `grades` are those by the rules unless asked otherwise."""

    run_id: str
    lam: Lam
    benchmark: str
    part: str
    setting: Setting
    items: int | None  # None: all of them
    data_hash: str
    extraction: str  # run id
    grades: Mapping[str, str] = field(default_factory=dict)  # grader → run id

    @property
    def independent(self) -> bool:
        """Whether pass@k may be told of it: samples are drawn independently, branches are not."""
        return self.setting.pooling != "branches"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A run's answers as arrays of (items × answers), and what belongs to each item."""

    run: ReasoningRun
    grader: str
    items: tuple[str, ...]
    families: tuple[str, ...]
    categories: tuple[str | None, ...]
    right: Flags
    tokens: Floats
    seconds: Floats  # an item's share, spread over its answers by tokens; NaN where not kept
    extracted: tuple[ExtractionRecord, ...]
    graded: tuple[GradeRecord, ...]

    @property
    def n(self) -> int:
        """Answers of an item."""
        return int(self.right.shape[1])

    def only(self, places: Sequence[int]) -> "Answers":
        """The same for some items, in this order."""
        at = list(places)
        return replace(
            self,
            items=tuple(self.items[i] for i in at),
            families=tuple(self.families[i] for i in at),
            categories=tuple(self.categories[i] for i in at),
            right=self.right[at],
            tokens=self.tokens[at],
            seconds=self.seconds[at],
            extracted=tuple(self.extracted[i] for i in at),
            graded=tuple(self.graded[i] for i in at),
        )


def read_runs(
    store: RunStore, pair: str, content: PairIdentity | None = None, extractor: str = "rules"
) -> tuple[ReasoningRun, ...]:
    """Every complete and graded run of the pair, by benchmark, part, setting and λ.

    `content` keeps the runs of these very parents.
    """
    extractions, gradings = _stages(store, extractor)
    found: list[ReasoningRun] = []
    for stored in store.complete("reasoning"):
        spec = stored.spec
        if not isinstance(spec, RunSpec) or spec.pair.name != pair:
            continue
        if content is not None and spec.pair != content:
            continue
        extraction = extractions.get(stored.run_id)
        if extraction is not None and extraction in gradings:
            found.append(_run(stored, spec, extraction, gradings[extraction]))
    return tuple(sorted(found, key=_order))


def _order(run: ReasoningRun) -> tuple[object, ...]:
    return (run.benchmark, run.part, run.setting, run.lam)


def _stages(store: RunStore, extractor: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Pool → extraction, and extraction → grader → grading; of the newest version of each."""
    extractions: dict[str, tuple[str, str]] = {}
    for stored in store.complete("extractions"):
        spec = stored.spec
        if isinstance(spec, ExtractionSpec) and spec.extractor == extractor:
            known = extractions.get(spec.pool)
            if known is None or spec.version > known[0]:
                extractions[spec.pool] = spec.version, stored.run_id
    gradings: dict[str, dict[str, tuple[str, str]]] = {}
    for stored in store.complete("grades"):
        spec = stored.spec
        if isinstance(spec, GradeSpec):
            own = gradings.setdefault(spec.extraction, {})
            if spec.grader not in own or spec.version > own[spec.grader][0]:
                own[spec.grader] = spec.version, stored.run_id
    return (
        {pool: run_id for pool, (_, run_id) in extractions.items()},
        {one: {g: run_id for g, (_, run_id) in own.items()} for one, own in gradings.items()},
    )


def _run(stored: Stored, spec: RunSpec, extraction: str, grades: dict[str, str]) -> ReasoningRun:
    benchmark, _, part = spec.task.name.partition(SEPARATOR)
    reasoning, decoding = spec.reasoning, spec.decoding
    assert reasoning is not None and decoding is not None
    setting = Setting(
        reasoning.style,
        spec.prompt.form,
        reasoning.answer,
        reasoning.pooling,
        reasoning.n,
        decoding.temperature,
        decoding.max_new_tokens,
    )
    limit, data = spec.task.limit, spec.task.data_hash
    return ReasoningRun(
        stored.run_id, spec.lam, benchmark, part, setting, limit, data, extraction, grades
    )


def benchmarks_of(runs: Iterable[ReasoningRun]) -> tuple[str, ...]:
    """The benchmarks that were measured."""
    return tuple(dict.fromkeys(run.benchmark for run in runs))


def settings_of(runs: Iterable[ReasoningRun]) -> tuple[Setting, ...]:
    """Every way of asking among the runs, in order."""
    return tuple(sorted({run.setting for run in runs}))


def lams_of(runs: Iterable[ReasoningRun]) -> tuple[Lam, ...]:
    """Every λ among the runs, ascending."""
    return tuple(sorted({run.lam for run in runs}))


def chosen(
    runs: Iterable[ReasoningRun], part: str, setting: Setting, benchmark: str | None = None
) -> dict[Lam, ReasoningRun]:
    """The runs of one part in one way, by λ; of several limits the one with the most items."""
    found: dict[Lam, ReasoningRun] = {}
    for run in runs:
        if run.part != part or run.setting != setting or benchmark not in (None, run.benchmark):
            continue
        known = found.get(run.lam)
        if known is None or _more(run, known):
            found[run.lam] = run
    return found


def _more(run: ReasoningRun, known: ReasoningRun) -> bool:
    return known.items is not None and (run.items is None or run.items > known.items)


def role_of(run: ReasoningRun) -> Role:
    """Whether the part is the original, a perturbed or a shifted one."""
    from core.tasks.problems.benchmark import load_benchmark

    return load_benchmark(run.benchmark).part(run.part).role


def read_answers(store: RunStore, run: ReasoningRun, grader: str = "rules") -> Answers:
    """The run's answers with what this grader made of them (kept in memory by its ids).

    Raises:
        NotKnown: the run was not graded by this grader.
    """
    grading = run.grades.get(grader)
    if grading is None:
        raise NotKnown(
            f"The run {run.run_id} was not graded by {grader[:40]}. Grade it with: "
            f"python -m core reasoning grade --pair NAME --grader {grader[:40]}."
        )
    return _read_once(store, _Key(run), grader, grading)


class _Key:
    """A run by its id: what it holds beside is looked up from the store."""

    def __init__(self, run: ReasoningRun) -> None:
        self.run = run

    def __hash__(self) -> int:
        return hash((self.run.run_id, self.run.extraction))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, _Key) and self.run.run_id == other.run.run_id
        return same and isinstance(other, _Key) and self.run.extraction == other.run.extraction


@lru_cache(KEPT)
def _read_once(store: RunStore, key: _Key, grader: str, grading: str) -> Answers:
    run = key.run
    pools = {one.item: one for one in store.records(run.run_id) if isinstance(one, PoolRecord)}
    extracted = {
        one.item: one for one in store.records(run.extraction) if isinstance(one, ExtractionRecord)
    }
    graded = [one for one in store.records(grading) if isinstance(one, GradeRecord)]
    own = [pools[one.item] for one in graded]
    tokens = np.array([pool.tokens for pool in own], dtype=np.float64)
    return Answers(
        run=run,
        grader=grader,
        items=tuple(one.item for one in graded),
        families=tuple(pool.cluster or pool.item for pool in own),
        categories=tuple(pool.category for pool in own),
        right=np.array([[bool(c) for c in one.correct] for one in graded], dtype=bool),
        tokens=tokens,
        seconds=_seconds(own, tokens),
        extracted=tuple(extracted[one.item] for one in graded),
        graded=tuple(graded),
    )


def _seconds(pools: Sequence[PoolRecord], tokens: Floats) -> Floats:
    spent = np.array([np.nan if one.seconds is None else one.seconds for one in pools])
    totals = np.maximum(tokens.sum(axis=1), 1.0)
    shared: Floats = tokens * (spent / totals)[:, None]
    return shared
