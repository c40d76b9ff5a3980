"""Turns a task's YAML into lm-eval's own task object and its requests.

lm-eval builds every prompt here: its templates, samplers, delimiters. Three things are ours,
and none changes a byte of a prompt (tests/evals/test_against_lmeval.py compares):

* local JSON lines go into the data set in memory. lm-eval's own way, the `datasets` builder,
  writes a cache under the home folder for every file.
* hub data comes at a known commit or from a folder that stands in for the hub (`data.py`).
* templates are compiled once, not once for every rendering.

One sampler is ours, for suites that ask for it: "fixed" draws the exemplars once with the
seed and gives every item the same.

Not here: asking a model, and metrics (core/evals/icl.py).
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from core.canon import text_hash
from core.errors import TaskError
from core.tasks.data import TaskData, find_data
from core.tasks.definition import TaskDefinition, read_definition
from core.tasks.hub_rows import load_rows
from core.tasks.jsonl import read_jsonl
from core.tasks.stamps import Stamp, stamp
from core.tasks.suite_task import SuiteTask

logger = logging.getLogger(__name__)

KEPT_TASKS = 64  # built tasks kept in memory; every λ of a sweep asks for the same ones
KEPT_TEMPLATES = 1024
CLUSTER_DIGITS = 12
NO_ROWS = "out of bounds for size 0"  # what `datasets` says of the first row of an empty set
# What a task file, its functions or its data can make lm-eval raise.
LMEVAL_RAISES = (
    *(AssertionError, AttributeError, ImportError, LookupError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, TemplateError),
)


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


@dataclass(frozen=True, slots=True)
class Chat:
    """A pair's chat template, as lm-eval calls it; equal where it renders alike."""

    instruct: str  # content hash of the parent whose template it is
    render: Callable[..., str] = field(compare=False)


def build_task(task: SuiteTask, chat: Chat | None = None) -> BuiltTask:
    """Build the task and all its requests once in this process, however many λ ask.

    Raises:
        TaskError: the definition is broken or lm-eval refuses it, or it is to be put through a
            chat template and there is none.
    """
    if (chat is None) != (task.prompt == "plain"):
        raise TaskError(
            f"The task {task.name} is put as {task.prompt} here, for which a loaded pair has to "
            "render the prompts. Ask for it without that ending."
        )
    definition = read_definition(task.definition, task.overrides)
    data = find_data(definition, task.revision)
    return _built(task, tuple(stamp(file) for file in _files(definition)), data, chat)


def fresh_task(task: SuiteTask) -> Any:
    """lm-eval's task object, not shared with anybody, its sampler at the beginning."""
    definition = read_definition(task.definition, task.overrides)
    return lmeval_task(task, find_data(definition, task.revision))


def lmeval_task(task: SuiteTask, data: TaskData | None = None) -> Any:
    """lm-eval's task object, with the suite's shots and seed set as lm-eval sets them."""
    definition = read_definition(task.definition, task.overrides)
    rows = _rows(definition, data)
    _refuse_empty(definition, rows)
    try:
        built = _task_class()(config=_lmeval_config(definition, task), rows=rows)
        built.set_config(key="num_fewshot", value=task.shots)
        built.set_fewshot_seed(seed=task.fewshot_seed)
    except LMEVAL_RAISES as error:
        if NO_ROWS in str(error):
            raise TaskError(
                f"The task {task.name} keeps no row of its data, so there is nothing to ask. "
                f"Correct process_docs in {task.definition}, or the data."
            ) from error
        raise TaskError(
            f"lm-eval cannot build the task {task.name} ({type(error).__name__}: {error}). "
            f"Correct {task.definition}."
        ) from error
    return built


def lmeval_names(root: Path) -> tuple[dict[str, str], dict[str, str], dict[str, list[str]]]:
    """Names of tasks and groups → files below `root`, tag → tasks; all of lm-eval's: 5 to 15 s."""
    from lm_eval.tasks import TaskManager

    tasks: dict[str, str] = {}
    groups: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    manager = TaskManager(include_defaults=False, include_path=str(root))
    for name, entry in manager.task_index.items():
        if entry.yaml_path is None:
            tags[name] = sorted(entry.tags)
        else:
            kind = groups if entry.kind.name == "GROUP" else tasks
            kind[name] = entry.yaml_path.resolve().relative_to(root).as_posix()
    return tasks, groups, tags


@lru_cache(maxsize=KEPT_TASKS)
def _built(
    task: SuiteTask, stamps: tuple[Stamp, ...], data: TaskData | None, chat: Chat | None
) -> BuiltTask:
    built = lmeval_task(task, data)
    try:
        items = tuple(_items(built, task, chat))
    except LMEVAL_RAISES as error:
        raise TaskError(
            f"lm-eval cannot build the prompts of {task.name} ({type(error).__name__}: {error}). "
            f"Correct {task.definition} or its data."
        ) from error
    _refuse_without_targets(built, items)
    ids = _told_apart(task.name, [item.id for item in items], data)
    items = tuple(replace(item, id=one) for item, one in zip(items, ids, strict=True))
    return BuiltTask(task.name, built, items)


def item_ids(task: SuiteTask) -> tuple[str, ...]:
    """Every item's id in the data's order; no prompt is built, so no pair has to be loaded."""
    definition = read_definition(task.definition, task.overrides)
    data = find_data(definition, task.revision)
    docs = lmeval_task(task, data).doc_iterator()
    return _told_apart(task.name, [_id(doc, number) for number, doc in docs], data)


def _id(doc: Mapping[str, Any], number: int) -> str:
    return str(doc.get("id", number))


def _told_apart(name: str, ids: Sequence[str], data: TaskData | None) -> tuple[str, ...]:
    if len(set(ids)) == len(ids):
        return tuple(ids)
    if data is None:
        raise TaskError(f"The task {name} has two items of one id. Correct its data.")
    # A public data set is as it is: its items are told apart by their place.
    return tuple(map(str, range(len(ids))))


def _rows(definition: TaskDefinition, data: TaskData | None) -> Mapping[str, Any] | None:
    """Every split; None where the task's own function makes them."""
    from datasets import Dataset, DatasetDict, load_dataset

    if data is not None:
        return load_rows(definition, data)
    if not definition.data_files:
        return None
    if definition.config["dataset_path"] == "json":
        rows = {split: read_jsonl(file) for split, file in definition.data_files.items()}
        made: Mapping[str, Any] = DatasetDict(
            {split: Dataset.from_list(part) for split, part in rows.items()}
        )
        return made
    files = {split: str(file) for split, file in definition.data_files.items()}
    loaded: Mapping[str, Any] = load_dataset(definition.config["dataset_path"], data_files=files)
    return loaded


def _refuse_empty(definition: TaskDefinition, rows: Mapping[str, Any] | None) -> None:
    asked = definition.splits[:1]
    if rows is None or not asked:
        return
    if asked[0] not in rows:
        raise TaskError(
            f"The data of the task {definition.name} has no split {asked[0]!r}; it has "
            f"{', '.join(rows)}. Correct {definition.path} or the data."
        )
    if not len(rows[asked[0]]):
        raise TaskError(
            f"The split {asked[0]!r} of the task {definition.name} is empty, so there is nothing "
            "to ask. Fill it, or take the task out of the suite."
        )


def _refuse_without_targets(built: Any, items: Sequence[Item]) -> None:
    """Where no right answer is among the choices, lm-eval warns and counts every item as wrong."""
    if built.OUTPUT_TYPE != "multiple_choice" or built.multiple_input:
        return
    if not any(_has_target(built, item.doc) for item in items):
        target = built.doc_to_target(items[0].doc)
        raise TaskError(
            f"No item of {built.config.task} has a right answer among its choices (the first one's "
            f"is {target!r:.60}). Hidden answers cannot be scored: take another split or column."
        )


def _has_target(built: Any, doc: Mapping[str, Any]) -> bool:
    choices, target = built.doc_to_choice(doc), built.doc_to_target(doc)
    wanted = target if isinstance(target, list) else [target]
    return any(
        0 <= one < len(choices) if isinstance(one, int) else one in choices for one in wanted
    )


def _items(built: Any, task: SuiteTask, chat: Chat | None) -> list[Item]:
    # As lm-eval's `build_all_requests`, without its progress bar. All items are built in the
    # data's order whatever the limit is: a sampler draws on from item to item.
    return [_item(built, task, chat, number, doc) for number, doc in built.doc_iterator()]


def _item(
    built: Any, task: SuiteTask, chat: Chat | None, number: int, doc: Mapping[str, Any]
) -> Item:
    put = {
        "apply_chat_template": chat is not None,
        "chat_template": None if chat is None else chat.render,
    }
    context = built.fewshot_context(
        doc,
        task.shots,
        gen_prefix=built.doc_to_prefix(doc),
        fewshot_as_multiturn=task.prompt == "chat-turns",
        **put,
    )
    requests = built.construct_requests(
        doc=doc, ctx=context, metadata=(task.name, number, built.config.repeats), **put
    )
    return Item(
        id=_id(doc, number),
        cluster=_cluster(doc, task.cluster),
        doc=doc,
        instances=tuple(requests) if isinstance(requests, list) else (requests,),
    )


def _cluster(doc: Mapping[str, Any], field: str | None) -> str | None:
    """What the item shares with others: its own mark, or its passage by hash."""
    if field is None:
        return None if doc.get("cluster") is None else str(doc["cluster"])
    return text_hash(str(doc[field]))[:CLUSTER_DIGITS]


def _lmeval_config(definition: TaskDefinition, task: SuiteTask) -> dict[str, Any]:
    # lm-eval's own reader, because it resolves `!function`; the release is pinned.
    from lm_eval.tasks._yaml_loader import load_yaml

    config: dict[str, Any] = load_yaml(definition.path)
    config |= json.loads(task.overrides or "{}")
    for key in ("tag", "group", "task_list"):
        config.pop(key, None)
    if task.exemplars is not None:
        config["fewshot_split"] = task.exemplars
    if task.sampler is not None:
        sampler = _fixed_sampler() if task.sampler == "fixed" else task.sampler
        config["fewshot_config"] = {**(config.get("fewshot_config") or {}), "sampler": sampler}
    return config


@cache
def _fixed_sampler() -> Any:
    from lm_eval.api.samplers import ContextSampler

    class FixedSampler(ContextSampler):  # type: ignore[misc]
        """The same exemplars for every item, but never the item itself."""

        def set_rnd(self, rnd: int | None) -> Any:
            self._drawn: dict[int, list[Any]] = {}
            return super().set_rnd(rnd)

        def sample(self, n: int, eval_doc: Any = None, df: Any = None, **kwargs: Any) -> list[Any]:
            if n not in self._drawn:  # one more than wanted, in case the item is among them
                pool = self.fewshot_docs()
                self._drawn[n] = self.rnd.sample(pool, min(n + 1, len(pool)))
            drawn = [doc for doc in self._drawn[n] if doc != eval_doc][:n]
            if len(drawn) < n:
                raise ValueError(f"{n} exemplars are wanted and {len(drawn)} are there")
            return drawn

    return FixedSampler


@cache
def _task_class() -> Any:
    from lm_eval import utils
    from lm_eval.api.task import ConfigurableTask

    # lm-eval compiles a template anew for every rendering, which was 9/10 of the time.
    # Compiled templates hold no state, so keeping them changes nothing else.
    utils.env.from_string = lru_cache(maxsize=KEPT_TEMPLATES)(utils.env.from_string)

    class LoadedTask(ConfigurableTask):  # type: ignore[misc]
        """A task whose rows are loaded already."""

        def __init__(self, config: dict[str, Any], rows: Mapping[str, Any] | None) -> None:
            self._loaded_rows = rows
            super().__init__(config=config)

        def download(self, dataset_kwargs: Any = None, **kwargs: Any) -> None:
            if self._loaded_rows is None:
                super().download(dataset_kwargs, **kwargs)
            else:
                self.dataset = self._loaded_rows

    return LoadedTask


def _files(definition: TaskDefinition) -> tuple[Path, ...]:
    return (*definition.sources, *definition.data_files.values())
