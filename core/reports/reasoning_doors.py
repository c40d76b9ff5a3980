"""Everything a page asks about reasoning, under one name: `api.reasoning`.

    runs = api.reasoning.runs("tinyworld")
    one = api.reasoning.chosen(runs, "original", setting)[Lam(0)]
    answers = api.reasoning.answers(one)
    api.reasoning.score(answers, api.reasoning.Measure("pass", 8))

A part of the pages' door (`core.api`): settings come from the environment. Values are 0–1; an
absent one is None with its reason. Not here: measuring (`core/jobs/reasoning_run.py`).
"""

from collections.abc import Sequence

from core.figures import reasoning as figures
from core.jobs.jobs import advance, list_jobs
from core.jobs.once import start_once
from core.jobs.reasoning_plan import STYLES, ReasoningPlan
from core.jobs.state import JobState
from core.pairs.registry import find_pair
from core.reports.reasoning import (
    GRADERS,
    Answers,
    ReasoningRun,
    Setting,
    benchmarks_of,
    chosen,
    lams_of,
    read_answers,
    read_runs,
    role_of,
    settings_of,
)
from core.reports.reasoning_curves import (
    BudgetRow,
    CurvePoint,
    at_budget,
    curve,
    delta_auroc,
    delta_risk,
    equal_budget,
    vote_calibration,
    where_they_cross,
)
from core.reports.reasoning_gaps import (
    STYLE_WORDS,
    Gap,
    GapChange,
    changes,
    gap_rows,
    in_words,
    points,
)
from core.reports.reasoning_items import (
    AnswerRow,
    Disagreement,
    ItemAnswers,
    Shares,
    read_disagreements,
    read_item,
    shares,
)
from core.reports.reasoning_protocols import ProtocolRow, protocol_rows, protocol_words, run_at
from core.reports.reasoning_scores import (
    Kind,
    Measure,
    Told,
    by_category,
    category_differences,
    difference,
    difference_of_differences,
    score,
)
from core.reports.reasoning_twins import TwinRow, Twins, twins
from core.reports.word_change import Piece, changed_words
from core.settings import PUBLISHED, read_settings
from core.stats.crossing import Crossing
from core.store.runs import RunStore
from core.tasks.problems.benchmark import Benchmark, list_benchmarks, load_benchmark
from core.tasks.problems.load import where_rows_are
from core.tasks.problems.protocol import ReasoningProtocol, list_protocols, read_protocol

__all__ = [
    "GRADERS",
    "STYLES",
    "STYLE_WORDS",
    "AnswerRow",
    "Answers",
    "Benchmark",
    "BudgetRow",
    "Crossing",
    "CurvePoint",
    "Disagreement",
    "Gap",
    "GapChange",
    "ItemAnswers",
    "Kind",
    "Measure",
    "Piece",
    "ProtocolRow",
    "ReasoningPlan",
    "ReasoningProtocol",
    "ReasoningRun",
    "Setting",
    "Shares",
    "Told",
    "TwinRow",
    "Twins",
    "at_budget",
    "benchmarks_of",
    "by_category",
    "category_differences",
    "changed_words",
    "chosen",
    "curve",
    "delta_auroc",
    "delta_risk",
    "difference",
    "difference_of_differences",
    "equal_budget",
    "figures",
    "in_words",
    "lams_of",
    "points",
    "protocol_words",
    "role_of",
    "run_at",
    "score",
    "settings_of",
    "shares",
    "twins",
    "vote_calibration",
    "where_they_cross",
]


def runs(pair_name: str) -> tuple[ReasoningRun, ...]:
    """Every graded run of the parents that are on this machine (of any, where they are not)."""
    from core.reports.parents import parents_here

    settings = read_settings()
    content = parents_here(find_pair(pair_name, settings), settings).identity
    return read_runs(_store(), pair_name, content)


def answers(run: ReasoningRun, grader: str = "rules") -> Answers:
    """A run's answers item by item; kept in memory.

    Raises:
        NotKnown: the run was not graded by this grader.
    """
    return read_answers(_store(), run, grader)


def item(run: ReasoningRun, name: str, grader: str = "rules") -> ItemAnswers:
    """One problem with its prompt and every answer; of branches the whole tree."""
    return read_item(_store(), run, name, grader)


def disagreements(run: ReasoningRun) -> tuple[Disagreement, ...]:
    """Answers of which the two graders do not say the same."""
    return read_disagreements(_store(), run)


def protocols(
    runs: Sequence[ReasoningRun], where: tuple[str, str, str], grader: str, k: int | None = None
) -> tuple[ProtocolRow, ...]:
    """Base, instruct and their difference by protocol, at (benchmark, part, style)."""
    return protocol_rows(_store(), runs, where, grader, k)


def gaps(
    runs: Sequence[ReasoningRun], where: tuple[str, str], grader: str, k: int | None = None
) -> tuple[Gap, ...]:
    """Instruct − base by part and style, at (benchmark, protocol)."""
    return gap_rows(_store(), runs, where, grader, k)


def gap_changes(gaps: Sequence[Gap], grader: str, k: int | None = None) -> tuple[GapChange, ...]:
    """How that difference moves when the problems are changed."""
    return changes(_store(), gaps, grader, k)


def known_benchmarks() -> tuple[tuple[Benchmark, str], ...]:
    """Every benchmark, and in words where its rows would come from."""
    settings = read_settings()
    found = [load_benchmark(name, settings) for name in list_benchmarks(settings)]
    return tuple((one, where_rows_are(one, settings)) for one in found)


def known_protocols() -> tuple[ReasoningProtocol, ...]:
    """Every protocol."""
    settings = read_settings()
    return tuple(read_protocol(name, settings) for name in list_protocols(settings))


def start(plan: ReasoningPlan) -> str:
    """Put a study into the queue, or go on with it; returns its job's id."""
    return start_once(plan, read_settings())


def jobs() -> tuple[JobState, ...]:
    """Every study's job, the newest first."""
    settings = read_settings()
    found = list_jobs(settings)
    if any(job.ready for job in found):
        advance(settings)  # whoever looks goes on with a queue that stands still
    return tuple(job for job in found if isinstance(job.plan, ReasoningPlan))


def _store() -> RunStore:
    return RunStore(read_settings().results, also=(PUBLISHED,))
