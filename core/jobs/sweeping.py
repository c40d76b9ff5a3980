"""Everything a page asks about sweeps that are yet to be made, and the jobs that make them.

    api.sweeping.forecast(api.sweeping.SweepPlan("tinyworld", grid))

A part of the pages' door (`core.api`): settings come from the environment, importing it is
cheap. Not here: measuring (`sweep.py`), and what was measured (`core.reports`).
"""

from typing import TYPE_CHECKING

from core.jobs.grid import Asked, Grid
from core.jobs.jobs import JobState, list_jobs
from core.jobs.plan import SweepPlan
from core.pairs.registry import find_pair
from core.pairs.usual import Usual
from core.settings import PUBLISHED, read_settings
from core.store.runs import RunStore

if TYPE_CHECKING:
    from core.jobs.account_words import AccountRow
    from core.jobs.asked import Plan
    from core.jobs.estimate import Estimate, StageEstimate
    from core.jobs.forecast import Forecast, RunsAhead
    from core.jobs.measured import Measured
    from core.jobs.planning import Planning
    from core.tasks.overview import TaskOverview
    from core.tasks.suites import Suite

__all__ = [
    "PROMPTS",
    "TYPED",
    "AccountRow",
    "Asked",
    "Forecast",
    "Grid",
    "JobState",
    "Measured",
    "Planning",
    "RunsAhead",
    "Suite",
    "SweepPlan",
    "TaskOverview",
]
TYPED = "lm-eval:"  # how a suite's name begins whose tasks a person typed
PROMPTS = ("plain", "chat", "chat-turns")


def few_shot_suites() -> "tuple[Suite, ...]":
    """Every suite of few-shot tasks, shipped and your own."""
    from core.tasks.overview import icl_suites

    return tuple(suite for suite in icl_suites() if suite.kind == "icl")


def instruction_suites() -> "tuple[Suite, ...]":
    """Every suite of instructions, shipped and your own."""
    from core.tasks.overview import instruction_suites

    return instruction_suites()


def suite_tasks(name: str) -> "tuple[TaskOverview, ...]":
    """The tasks of a suite, or of a typed name such as "lm-eval:mmlu_stem@5", groups expanded.

    The first typed name makes lm-eval walk its files (`api.task_names_known`).

    Raises:
        TaskError: nobody knows a name (the nearest ones are told), or a file is broken.
        InputError: what was typed is no list of names, or its shots are no number.
    """
    from core.tasks.overview import overview
    from core.tasks.suites import load_suite

    return tuple(overview(task, read_settings()) for task in load_suite(name).tasks)


def expansions(name: str) -> dict[str, int]:
    """How many tasks each part of a typed name stands for, as the person wrote it."""
    from core.tasks.task_index import expand

    listed = name.removeprefix(TYPED).partition("@")[0].split(",")
    return {one: len(expand(one, read_settings())) for one in listed}


def put(suite: str, prompt: str) -> str:
    """The suite's name when its tasks are put in this way, one of `PROMPTS`.

    Raises:
        InputError: there is no such way.
    """
    from core.tasks.suites import prompted_name

    return prompted_name(suite, prompt)


def judge_names(text: str) -> tuple[str, ...]:
    """Judges as a person lists them, with commas; the verifier, which always judges, left out.

    Raises:
        NotKnown: there is no such judge.  LambdaError: what stands behind @ is no λ.
    """
    from core.jobs.judge_plan import VERIFIER
    from core.judges.named import parse_judge

    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        parse_judge(name)
    return tuple(name for name in dict.fromkeys(names) if name != VERIFIER)


def dollars(text: str) -> str:
    """The amount as it was typed.

    Raises:
        InputError: it is none.
    """
    from core.judges.spending import parse_limit

    parse_limit(text)
    return text


def grid(text: str, asked: Asked) -> Grid:
    """The λ of a grid as it was typed, with what a person should know about them.

    Raises:
        LambdaError, InputError, NotKnown: it is no grid, or there is nothing to refine.
    """
    from core.jobs.grid import read_grid

    settings = read_settings()
    return read_grid(text, asked, settings, RunStore(settings.results, (PUBLISHED,)))


def forecast(plan: SweepPlan) -> "Forecast":
    """What a sweep would do, from files alone: no model, no network.

    Raises:
        PairError: the parents are not here.  NotKnown, TaskError, InputError: a bad choice.
    """
    from core.jobs.forecast import forecast

    settings = read_settings()
    return forecast(plan, settings, RunStore(settings.results, (PUBLISHED,)))


def planning(plan: SweepPlan, ahead: "Forecast") -> "Planning":
    """How far the plan's tokens, time and memory are worked out; starts nothing."""
    from core.jobs.planning import key_of, look

    return look(key_of(plan, ahead), read_settings())


def plan_now(plan: SweepPlan, ahead: "Forecast") -> None:
    """Work the plan out in a process of its own; returns at once.

    Raises:
        StoreError: the state folder cannot be written.
    """
    from core.jobs.planning import begin

    begin(plan, ahead, read_settings())


def stop_planning(key: str) -> None:
    """End the working out of a plan; harmless when it has ended."""
    from core.jobs.planning import stop

    stop(key, read_settings())


def plan_headline(estimate: "Estimate") -> str:
    """The time of the whole plan in a few words."""
    from core.jobs.plan_words import headline

    return headline(estimate)


def plan_notes(estimate: "Estimate") -> tuple[str, ...]:
    """What the estimate rests on; memory, disk and judges."""
    from core.jobs.plan_words import notes

    return notes(estimate)


def stage_words(stage: "StageEstimate") -> tuple[str, str, str]:
    """A stage's name, tokens that may be written, and time."""
    from core.jobs.plan_words import stage_words

    return stage_words(stage)


def account(job_id: str) -> "tuple[tuple[AccountRow, ...], str]":
    """What a job was expected to take and what it took; no rows while nothing is known.

    Raises:
        NameRefused: no id of a job.
    """
    from core.jobs.account import account_of
    from core.jobs.account_words import account_rows, account_sentence

    settings = read_settings()
    found = account_of(job_id, settings, RunStore(settings.results, (PUBLISHED,)))
    return ((), "") if found is None else (account_rows(found), account_sentence(found))


def measured(plan: SweepPlan) -> "tuple[Measured, ...]":
    """What the plan's few-shot runs say, as far as they are stored.

    Raises:
        PairError, NotKnown, TaskError: what was measured is not here any more.
    """
    from core.jobs.measured import measured

    settings = read_settings()
    return measured(plan, settings, RunStore(settings.results, (PUBLISHED,)))


def command(plan: SweepPlan) -> str:
    """The command line that does the same, in the same place."""
    from core.jobs.command import sweep_command

    settings = read_settings()
    cluster = f" --ray {settings.ray_address}" if settings.ray_address else ""
    actors = f" --ray-actors {settings.ray_actors}" if cluster and settings.ray_actors else ""
    return f"{sweep_command(plan, usual(plan.pair))}{cluster}{actors}"


def usual(pair: str) -> Usual:
    """What the pair is measured with unless something else is chosen.

    Raises:
        NotKnown: no such pair.
    """
    return find_pair(pair, read_settings()).usual


def where() -> str:
    """Where a job would measure, in a sentence."""
    settings = read_settings()
    if settings.ray_address is None:
        return "Runs in a process of its own."
    named = {"auto": "the Ray cluster that runs here", "local": "this machine by Ray"}
    place = named.get(settings.ray_address, f"the Ray cluster at {settings.ray_address}")
    actors = "" if settings.ray_actors is None else f", with {settings.ray_actors} engines"
    return (
        f"Runs in a process of its own, spread over {place}{actors} (PARTWAY_RAY_ADDRESS); times "
        "above are for one engine."
    )


def grid_text(plan: "Plan") -> str:
    """The plan's λ as a person would type them."""
    from core.jobs.command import grid_text

    return grid_text(plan)


def start(plan: SweepPlan) -> str:
    """Start a job that does what the plan says; returns its id at once.

    An estimate that was worked out for this plan goes with it.

    Raises:
        StoreError: results cannot be written.
    """
    from core.jobs.planning import start_with_estimate

    return start_with_estimate(plan, read_settings())


def jobs(most: int) -> tuple[JobState, ...]:
    """The newest jobs, running or ended."""
    return list_jobs(read_settings(), most)
