"""Turns a task's YAML into lm-eval's own task object and its requests.

lm-eval builds every prompt here: its templates, samplers, delimiters. Two things are ours,
and neither changes a byte of a prompt (tests/evals/test_against_lmeval.py compares):

* local JSON lines go into the data set in memory. lm-eval's own way, the `datasets` builder,
  writes a cache under the home folder for every file.
* templates are compiled once, not once for every rendering.

Not here: asking a model, and metrics (core/evals/icl.py).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from core.errors import TaskError
from core.tasks.definition import TaskDefinition, read_definition
from core.tasks.jsonl import read_jsonl
from core.tasks.stamps import Stamp, stamp
from core.tasks.suites import SuiteTask

logger = logging.getLogger(__name__)

KEPT_TASKS = 64  # built tasks kept in memory; every λ of a sweep asks for the same ones
KEPT_TEMPLATES = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One item with lm-eval's requests for it, which no λ changes."""

    id: str
    cluster: str | None
    doc: Mapping[str, Any]
    instances: tuple[Any, ...]  # lm_eval.api.instance.Instance, one a choice or one in all


@dataclass(frozen=True, slots=True)
class BuiltTask:
    """lm-eval's task object with the requests of all its items, in the data's order."""

    name: str
    task: Any  # lm_eval.api.task.ConfigurableTask
    items: tuple[Item, ...]


def build_task(task: SuiteTask) -> BuiltTask:
    """Build the task and all its requests once in this process, however many λ ask.

    Raises:
        TaskError: the definition is broken or lm-eval refuses it.
    """
    definition = read_definition(task.definition)
    return _built(task, tuple(stamp(file) for file in _files(definition)))


def lmeval_task(task: SuiteTask) -> Any:
    """lm-eval's task object, with the suite's shots and seed set as lm-eval sets them."""
    definition = read_definition(task.definition)
    config = _lmeval_config(definition, task)
    try:
        built = _task_class()(config=config, data_files=dict(definition.data_files))
        built.set_config(key="num_fewshot", value=task.shots)
        built.set_fewshot_seed(seed=task.fewshot_seed)
    except (KeyError, ValueError, TypeError, AssertionError, IndexError) as error:
        raise TaskError(
            f"lm-eval cannot build the task {task.name} ({type(error).__name__}: {error}). "
            f"Correct {task.definition}."
        ) from error
    return built


@lru_cache(maxsize=KEPT_TASKS)
def _built(task: SuiteTask, stamps: tuple[Stamp, ...]) -> BuiltTask:
    built = lmeval_task(task)
    try:
        items = tuple(_items(built, task))
    except (KeyError, ValueError, TypeError, AssertionError) as error:
        raise TaskError(
            f"lm-eval cannot build the prompts of {task.name} ({type(error).__name__}: {error}). "
            f"Correct {task.definition} or its data."
        ) from error
    if len({item.id for item in items}) < len(items):
        raise TaskError(f"The task {task.name} has two items of one id. Correct its data.")
    return BuiltTask(task.name, built, items)


def _items(built: Any, task: SuiteTask) -> list[Item]:
    # As lm-eval's `build_all_requests`, without its progress bar. All items are built in the
    # data's order whatever the limit is: a sampler draws on from item to item.
    return [_item(built, task, number, doc) for number, doc in built.doc_iterator()]


def _item(built: Any, task: SuiteTask, number: int, doc: Mapping[str, Any]) -> Item:
    context = built.fewshot_context(doc, task.shots, gen_prefix=built.doc_to_prefix(doc))
    requests = built.construct_requests(
        doc=doc, ctx=context, metadata=(task.name, number, built.config.repeats)
    )
    cluster = doc.get("cluster")
    return Item(
        id=str(doc.get("id", number)),
        cluster=None if cluster is None else str(cluster),
        doc=doc,
        instances=tuple(requests) if isinstance(requests, list) else (requests,),
    )


def _lmeval_config(definition: TaskDefinition, task: SuiteTask) -> dict[str, Any]:
    # lm-eval's own reader, because it resolves `!function`; the release is pinned.
    from lm_eval.tasks._yaml_loader import load_yaml

    config: dict[str, Any] = load_yaml(definition.path)
    for key in ("tag", "group", "task_list"):
        config.pop(key, None)
    if task.exemplars is not None:
        config["fewshot_split"] = task.exemplars
    return config


@cache
def _task_class() -> Any:
    from datasets import Dataset, DatasetDict
    from lm_eval import utils
    from lm_eval.api.task import ConfigurableTask

    # lm-eval compiles a template anew for every rendering, which was 9/10 of the time.
    # Compiled templates hold no state, so keeping them changes nothing else.
    utils.env.from_string = lru_cache(maxsize=KEPT_TEMPLATES)(utils.env.from_string)

    class LocalTask(ConfigurableTask):  # type: ignore[misc]
        """A task whose local JSON lines go into the data set in memory."""

        def __init__(self, config: dict[str, Any], data_files: dict[str, Path]) -> None:
            self._files = data_files
            super().__init__(config=config)

        def download(self, dataset_kwargs: Any = None, **kwargs: Any) -> None:
            if not self._files:
                super().download(dataset_kwargs, **kwargs)
                return
            rows = {split: read_jsonl(file) for split, file in self._files.items()}
            self.dataset = DatasetDict(
                {split: Dataset.from_list(part) for split, part in rows.items()}
            )

    return LocalTask


def _files(definition: TaskDefinition) -> tuple[Path, ...]:
    return (*definition.sources, *definition.data_files.values())
