"""What can be said of few-shot tasks without loading any rows: for lists, pages and `icl show`.

    overview(suite_task)             one task of a suite
    find_tasks("mmlu_stem", s)       any name that lm-eval or you know, groups expanded
    data_sets(suite)                 the hub data sets behind a suite, each once

Not here: prompts and scores.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.settings import Settings
from core.tasks.data import data_state, local_copy
from core.tasks.definition import TaskDefinition, read_definition
from core.tasks.revisions import pinned
from core.tasks.suite_task import Suite, SuiteTask
from core.tasks.suites import list_suites, load_suite
from core.tasks.task_index import expand
from core.tasks.typed import typed_task


@dataclass(frozen=True, slots=True)
class TaskOverview:
    """One task: how it is run, and where its rows would come from now."""

    name: str
    form: str
    category: str
    shots: int
    fewshot_seed: int
    sampler: str  # fixed, first_n or default
    examples_from: str  # which split, in words
    metric: str
    chance: float | None  # 0–1; None: no meaning, or it differs from item to item
    version: str
    answered_by: str  # lm-eval's output_type
    data_set: str | None  # on the hub; None where the data lies beside the task file
    data_name: str | None
    split: str | None  # whose items are asked
    commit: str | None  # None: not verified
    data: str  # where the rows come from, in words
    file: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """A hub data set that tasks need."""

    repo: str
    asked: str | None  # the revision that a suite or task names
    tasks: tuple[str, ...]
    commit: str | None
    local: str | None  # the folder that stands in for the hub


def overview(task: SuiteTask, settings: Settings) -> TaskOverview:
    """Everything above, from files alone.

    Raises:
        TaskError: the task's file is missing or broken.
    """
    definition = read_definition(task.definition, task.overrides)
    return TaskOverview(
        name=task.name,
        form=task.form,
        category=task.category,
        shots=task.shots,
        fewshot_seed=task.fewshot_seed,
        sampler=task.sampler or _own_sampler(definition),
        examples_from=_examples_from(definition),
        metric=task.metric,
        chance=task.chance,
        version=task.version,
        answered_by=definition.output_type,
        data_set=definition.repo,
        data_name=definition.data_name,
        split=next(iter(definition.splits), None),
        commit=_commit(definition, task, settings),
        data=data_state(definition, task.revision, settings),
        file=str(task.definition),
    )


def icl_suites() -> tuple[Suite, ...]:
    """Every suite of few-shot tasks that can be measured by name."""
    suites = (load_suite(name) for name in list_suites())
    return tuple(suite for suite in suites if suite.kind != "instructions")


def instruction_suites() -> tuple[Suite, ...]:
    """Every suite of instructions that can be measured by name."""
    suites = (load_suite(name) for name in list_suites())
    return tuple(suite for suite in suites if suite.kind == "instructions")


def find_tasks(name: str, settings: Settings) -> tuple[SuiteTask, ...]:
    """A suite's task of that name, else lm-eval's; a group or pattern gives all its tasks.

    Raises:
        TaskError: nobody knows the name; the nearest ones are told.
    """
    for suite in icl_suites():
        for task in suite.tasks:
            if task.name == name:
                return (task,)
    return tuple(typed_task(ref) for ref in expand(name, settings))


def data_sets(tasks: Iterable[SuiteTask], settings: Settings) -> tuple[DataSet, ...]:
    """The hub data sets of these tasks, in the tasks' order."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for task in tasks:
        definition = read_definition(task.definition, task.overrides)
        if definition.repo is not None:
            asked = definition.asked_revision or task.revision
            found.setdefault((definition.repo, asked), []).append(task.name)
    return tuple(_data_set(repo, asked, names, settings) for (repo, asked), names in found.items())


def _data_set(repo: str, asked: str | None, tasks: list[str], settings: Settings) -> DataSet:
    folder = local_copy(repo, settings)
    return DataSet(
        repo=repo,
        asked=asked,
        tasks=tuple(tasks),
        commit=pinned(repo, asked, settings),
        local=None if folder is None else str(folder),
    )


def _commit(definition: TaskDefinition, task: SuiteTask, settings: Settings) -> str | None:
    if definition.repo is None or local_copy(definition.repo, settings) is not None:
        return None
    return pinned(definition.repo, definition.asked_revision or task.revision, settings)


def _examples_from(definition: TaskDefinition) -> str:
    split = definition.example_split
    if split is None:
        return "the task file"
    asked = split in definition.splits[:1]
    return f"{split}, which is asked as well" if asked else split


def _own_sampler(definition: TaskDefinition) -> str:
    given = definition.config.get("fewshot_config") or {}
    return str(given.get("sampler", "default")) if isinstance(given, dict) else "default"
