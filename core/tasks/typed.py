"""Any lm-eval task, group, tag or pattern as a suite that nobody wrote down.

    --icl-task arc_easy,mmlu_stem --icl-shots 5     is the suite  lm-eval:arc_easy,mmlu_stem@5

The suite's name says everything, so a job, a page or a later λ of the same line can ask for
it again. Without shots each task takes its own `num_fewshot`, or none, as lm-eval does.
"""

import json
import re
from pathlib import Path
from typing import Any

from core.errors import InputError, TaskError
from core.settings import Settings
from core.tasks.definition import TaskDefinition, read_definition
from core.tasks.suite_task import DEFAULT_FEWSHOT_SEED, Suite, SuiteTask, TaskForm
from core.tasks.task_index import TaskRef, expand
from core.tasks.task_yaml import lmeval_tasks

TYPED = "lm-eval:"
CATEGORY = "Chosen tasks"
PREFERRED = ("exact_match", "acc_norm", "acc", "em", "f1")
MOST_SHOTS = 100
_NAMES = re.compile(r"[A-Za-z0-9_.*?+() -]+(,[A-Za-z0-9_.*?+() -]+)*")
_LETTERS = [chr(ord("A") + at) for at in range(26)]


def typed_name(names: str, shots: int | None = None) -> str:
    """The suite's name for what a person typed.

    Raises:
        InputError: no names, odd characters, or a number of shots that is none.
    """
    listed = ",".join(name.strip() for name in names.split(","))
    if not _NAMES.fullmatch(listed):
        raise InputError(
            f"{names[:80]!r} is no list of task names. Give names such as arc_easy,piqa."
        )
    if shots is None:
        return f"{TYPED}{listed}"
    if not 0 <= shots <= MOST_SHOTS:
        raise InputError(f"{shots} shots cannot be given. Choose from 0 to {MOST_SHOTS}.")
    return f"{TYPED}{listed}@{shots}"


def typed_suite(name: str, settings: Settings) -> Suite:
    """The suite of a name that `typed_name` made.

    Raises:
        TaskError: an unknown task, with the nearest names; a task that cannot be run.
    """
    listed, _, shots = name.removeprefix(TYPED).partition("@")
    if shots and not shots.isdigit():
        raise InputError(f"{shots!r} is no number of shots in {name[:80]!r}. Give one such as @5.")
    typed_name(listed, int(shots) if shots else None)
    refs = {ref.name: ref for one in listed.split(",") for ref in expand(one, settings)}
    tasks = tuple(typed_task(ref, int(shots) if shots else None) for ref in refs.values())
    return Suite(
        name=name,
        kind="icl",
        title=", ".join(listed.split(",")),
        description=f"{len(tasks)} tasks chosen by name, as lm-eval defines them.",
        tasks=tasks,
    )


def typed_task(ref: TaskRef, shots: int | None = None) -> SuiteTask:
    """One task with what its own YAML says, and shots if they were asked for."""
    definition = read_definition(ref.path, ref.overrides)
    own = definition.config.get("num_fewshot")
    # As lm-eval: a task whose YAML says 0 shots keeps them.
    wanted = shots if shots is not None and own != 0 else int(own or 0)
    return SuiteTask(
        name=ref.name,
        form=form_of(definition),
        category=_category(ref.path),
        shots=wanted,
        fewshot_seed=DEFAULT_FEWSHOT_SEED,
        metric=headline(definition),
        chance=None,
        measures_context=False,
        version=task_version(definition),
        definition=ref.path,
        overrides=ref.overrides,
    )


def form_of(definition: TaskDefinition) -> TaskForm:
    """MC, FMC where the choices are the letters A, B, …; G for one right text."""
    if definition.output_type != "multiple_choice":
        return "G"
    choices = definition.config.get("doc_to_choice")
    if isinstance(choices, str) and choices.strip().startswith("["):
        choices = _literal(choices)
    lettered = isinstance(choices, list) and choices == _LETTERS[: len(choices)]
    return "FMC" if lettered and len(choices or ()) > 1 else "MC"


def headline(definition: TaskDefinition) -> str:
    """The metric that stands for the task; with several filters "metric,filter", the first.

    Raises:
        TaskError: the task has no metric that every item has.
    """
    if definition.output_type == "loglikelihood_rolling":
        raise TaskError(
            f"The task {definition.name} measures perplexity, which has no items to be right or "
            "wrong. Choose a task with answers."
        )
    default = "exact_match" if definition.generates else "acc"
    listed = definition.config.get("metric_list") or [{"metric": default}]
    names = [str(one["metric"]) for one in listed]
    best = next((name for name in PREFERRED if name in names), names[0])
    filters = [str(one["name"]) for one in definition.config.get("filter_list") or ()]
    return f"{best},{filters[0]}" if len(filters) > 1 else best


def task_version(definition: TaskDefinition) -> str:
    """The version in the YAML's metadata, as text."""
    metadata = definition.config.get("metadata") or {}
    return str(metadata.get("version", "0")) if isinstance(metadata, dict) else "0"


def _category(path: Path) -> str:
    """The folder of the task: lm-eval's own grouping."""
    root = lmeval_tasks()
    return path.relative_to(root).parts[0] if path.is_relative_to(root) else CATEGORY


def _literal(text: str) -> Any:
    try:
        return json.loads(text.replace("'", '"'))
    except ValueError:
        return None
