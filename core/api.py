"""The one door for pages: every question a page may ask, in small typed functions.

Not a page and no state of its own: settings come from the environment, results from disk,
answers from the engine's process. Importing it is cheap (no torch, transformers, lm_eval,
datasets, ray or streamlit); plotly and pandas are imported when a figure is first asked for.
"""

from typing import TYPE_CHECKING

from core.engine import supervisor
from core.engine.host_status import AtWork, HostStatus, in_requests
from core.engine.memory_words import memory_words
from core.engine.protocol import Answers, Chunk, Engine, Form, LoadedPair, Message, Prompt
from core.engine.room import MemoryPlan, as_size
from core.engine.supervisor import EngineState
from core.errors import EngineUnavailable, PartwayError
from core.figures.axis import AXES, SHORT, Axis, difference, measure
from core.figures.literature import own_figure, published_figures
from core.figures.reading import Look, What
from core.figures.shown import (
    category_figure,
    curve_figure,
    heat_figure,
    heat_height_px,
    outcomes_figure,
    output_figures,
    plane_figure,
    verdict_figure,
)
from core.figures.views import LABELS
from core.jobs import batching, queueing, sharing, side_by_side, sweeping
from core.jobs.jobs import JobState, cancel_job, list_jobs, read_job, start_job
from core.jobs.plan import SweepPlan
from core.lam import Lam, parse_grid
from core.pairs.registry import PairEntry, find_pair, read_registry
from core.reports import (
    claims,
    comparing,
    flips,
    heat,
    history,
    literature,
    outcome_words,
    own_tables,
    reporting,
    showing,
    tasting,
    weights,
)
from core.reports import pair_doors as pairs_known
from core.reports import reasoning_doors as reasoning
from core.reports.items import Choice, ItemRow
from core.reports.known_tasks import (
    few_shot_suites,
    few_shot_tasks,
    nearest_tasks,
    task_names,
    task_names_known,
    typed_suite,
)
from core.reports.points import Measure, Point, TaskScore, TradeOff
from core.reports.presets import Preset, read_presets
from core.reports.provenance import Provenance, read_provenance
from core.reports.sentences import Sentence, numbers, points_text, reading, sentence, verdict
from core.reports.task_names import reading_names
from core.reports.task_table import TaskRow, as_csv, task_rows
from core.reports.views import VIEWS, View
from core.reports.views_table import views_csv
from core.settings import PUBLISHED, Settings, read_settings
from core.spec import Decoding
from core.store.runs import RunStore

if TYPE_CHECKING:
    from core.reports.honesty import Honesty
    from core.reports.judging_points import Judged
    from core.reports.parents import Parents

__all__ = [
    "AXES",
    "LABELS",
    "SHORT",
    "VIEWS",
    "Answers",
    "AtWork",
    "Axis",
    "Choice",
    "Chunk",
    "Decoding",
    "Engine",
    "EngineState",
    "EngineUnavailable",
    "Form",
    "HostStatus",
    "ItemRow",
    "JobState",
    "Lam",
    "LoadedPair",
    "Look",
    "Measure",
    "MemoryPlan",
    "Message",
    "PairEntry",
    "PartwayError",
    "Point",
    "Preset",
    "Prompt",
    "Provenance",
    "Sentence",
    "TaskRow",
    "TaskScore",
    "TradeOff",
    "View",
    "What",
    "as_size",
    "batching",
    "category_figure",
    "claims",
    "comparing",
    "curve_figure",
    "difference",
    "few_shot_suites",
    "few_shot_tasks",
    "flips",
    "heat",
    "heat_figure",
    "heat_height_px",
    "history",
    "in_requests",
    "literature",
    "measure",
    "memory_words",
    "nearest_tasks",
    "numbers",
    "outcome_words",
    "outcomes_figure",
    "output_figures",
    "own_figure",
    "own_tables",
    "pairs_known",
    "plane_figure",
    "points_text",
    "published_figures",
    "queueing",
    "reading",
    "reading_names",
    "reasoning",
    "reporting",
    "sentence",
    "sharing",
    "showing",
    "side_by_side",
    "sweeping",
    "task_names",
    "task_names_known",
    "task_rows",
    "tasting",
    "typed_suite",
    "verdict",
    "verdict_figure",
    "views_csv",
    "weights",
]
FULL_GRID = parse_grid("0:1:0.1,1.1,1.2")


def warm_up() -> None:
    """Import now what the first figure and the first table would import (about a second)."""
    import pandas  # noqa: F401

    from core.figures import curves, heat, panels, plane  # noqa: F401


def settings() -> Settings:
    """Where results and state lie, as the environment says now."""
    return read_settings()


def pairs() -> dict[str, PairEntry]:
    """Every pair by name, the embedded one first."""
    return read_registry(settings())


def pair(name: str) -> PairEntry:
    """The pair of that name.

    Raises:
        NotKnown: no such pair.
    """
    return find_pair(name, settings())


def not_here(entry: PairEntry) -> str | None:
    """Why this pair cannot be loaded from this machine as it is, or None when it can."""
    from core.pairs.locate import locate

    sides = ((entry.base, entry.base_revision), (entry.instruct, entry.instruct_revision))
    for source, revision in sides:
        try:
            locate(source, revision, download=False)
        except PartwayError as error:
            return str(error)
    return None


def references(pair_name: str) -> dict[str, str]:
    """What the pair's win rates can be read against: name → words; empty when unmeasured."""
    from core.reports.trade_off import available

    content = _parents(pair_name).identity
    return {one.name: one.label for one in available(_store(), pair_name, content)}


def trade_off(
    pair_name: str, reference: str, asked: showing.Asked = showing.ALL
) -> TradeOff | None:
    """The measured line of the parents that are on this machine, or None when there is none.

    Where they are not here (or cannot be merged), that of the parents measured last, with a
    note that says so.
    """
    from core.reports.own_line import own_line

    return own_line(_store(), pair(pair_name), reference, settings(), asked)


def other_parents(pair_name: str) -> str | None:
    """What is stored under this name of parents other than those on this machine, in words."""
    from core.reports.joined import other_parents

    content = _parents(pair_name).identity
    return None if content is None else other_parents(_store(), pair_name, content)


def items(run_id: str, metric: str) -> tuple[ItemRow, ...]:
    """The items of a complete few-shot run.

    Raises:
        NotKnown: there is no such run, or it has no such metric.
    """
    from core.reports.items import read_items

    return read_items(_store(), run_id, metric)


def item_prompt(run_id: str, prompt: str) -> str:
    """The very text that was scored, by its hash.

    Raises:
        NotKnown: it is not stored here.
    """
    from core.reports.items import read_prompt

    return read_prompt(_store(), run_id, prompt)


def tasks_csv(rows: tuple[TaskRow, ...]) -> str:
    """The table of one λ for a file."""
    return as_csv(rows)


def presets(pair_name: str, line: TradeOff | None) -> tuple[Preset, ...]:
    """Prompts to begin with: the measured few-shot prompts and instructions of each kind."""
    return read_presets(_store(), pair(pair_name).usual, line)


def verdicts(pair_name: str, reference: str) -> "Judged | None":
    """Every judge's verdicts on the pair's stored outputs, or None where there are none."""
    from core.reports.judging import read_judged

    return read_judged(_store(), pair_name, reference, _parents(pair_name).identity)


def equal_length(pair_name: str, reference: str, judge: str, lam: Lam) -> str | None:
    """The win rate at equal length in words (about a second), or None without verdicts."""
    from core.reports.judging import read_equal_length

    here = _parents(pair_name).identity
    found = read_equal_length(_store(), (pair_name, reference, judge, lam), here)
    return None if found is None else found.in_words()


def honesty(line: TradeOff, lam: Lam) -> "Honesty | None":
    """What must stand beside the line's win rate at this λ; None where there is none."""
    from core.reports.judging import read_honesty

    return read_honesty(_store(), line, lam, _parents(line.pair).identity)


def judged(pair_name: str) -> frozenset[str]:
    """The λ that are measured to the end; it grows while a job runs (milliseconds to ask)."""
    from core.reports.joined import judged

    return judged(_store(), pair_name, _parents(pair_name).identity)


def provenance(line: TradeOff) -> Provenance:
    """How the line was measured: command, dates, versions, runs."""
    return read_provenance(_store(), line, pair(line.pair).usual)


def engine_state() -> EngineState:
    """What the engine's process is doing now; starts nothing."""
    return supervisor.engine_state(settings())


def open_engine() -> Engine:
    """An engine that answers; its process is started when there is none (seconds)."""
    return supervisor.ensure_engine(settings())


def stop_engine() -> bool:
    """End the engine's process; False when none was running."""
    return supervisor.stop_engine(settings())


def unload(pair_name: str) -> bool:
    """Let a running engine give back the pair's memory; False when it held none.

    Raises:
        PairInUse: requests work with it.  EngineUnavailable: the engine does not answer.
    """
    client = supervisor.running_engine(settings())
    return client is not None and client.unload(pair_name)


def memory_plan(pair_name: str) -> MemoryPlan | None:
    """How a running engine holds the pair, or would; None when none is running.

    Raises:
        PairError: the parents are not here, or do not fit each other.
    """
    client = supervisor.running_engine(settings())
    return None if client is None else client.plan(pair_name)


def surroundings() -> dict[str, str]:
    """Where things lie and which versions are installed, in words."""
    from core.reports.surroundings import surroundings

    return surroundings(settings())


def start_measuring(pair_name: str, lams: tuple[Lam, ...], line: TradeOff | None = None) -> str:
    """Start a job that measures these λ as the line was measured; returns its id at once.

    Without a line the pair's usual suites are taken whole.
    """
    swept = {sweep.sweep_id: sweep for sweep in _store().sweeps()}
    like = swept.get(line.sweep_id) if line else None
    if like is None:
        usual = pair(pair_name).usual
        plan = SweepPlan(pair_name, lams, usual.icl_suite, usual.instruction_suite)
        return start_job(plan, settings())
    given = next((one.given for one in like.references if one.given), None)
    suites = like.icl_suite, like.instruction_suite
    return start_job(SweepPlan(pair_name, lams, *suites, like.limit, given), settings())


def active_job(pair_name: str) -> JobState | None:
    """The newest sweep that is measuring this pair now."""
    sweeps = [job for job in list_jobs(settings()) if isinstance(job.plan, SweepPlan)]
    return next((job for job in sweeps if job.active and job.plan.pair == pair_name), None)


def job(job_id: str) -> JobState:
    """How far a job is."""
    return read_job(job_id, settings())


def cancel(job_id: str) -> JobState:
    """End a job; what it has measured is kept."""
    return cancel_job(job_id, settings())


def _parents(pair_name: str) -> "Parents":
    """Who the pair's parents are now."""
    from core.reports.own_line import parents_of

    return parents_of(_store(), pair(pair_name), settings())


def _store() -> RunStore:
    return RunStore(settings().results, also=(PUBLISHED,))
