"""A suite: a named list of tasks with shots and metric, read from `suites/NAME.toml`.

Not here: prompts and data. An ICL task's are in its lm-eval YAML (`definition.py` reads it,
`lmeval.py` builds it); an instruction suite's are in its data file (`instructions.py`).
Nothing here imports lm_eval, so pages can list suites. Your own suites lie in the folder
PARTWAY_TASKS. The format, paths being relative to the folder above `suites/`:

    name = "tinyworld-icl"            # the file's own name
    kind = "icl"                      # icl, instructions or reasoning
    title = "Tiny world, in context"
    description = "Twelve few-shot tasks."
    folder = "tinyworld"              # where the YAML files are (kind icl and reasoning)

    [[tasks]]
    name = "tw_capitals"              # folder/tw_capitals.yaml, else lm-eval's task of that name
    file = "lm_eval:piqa/piqa.yaml"   # if given: a file of the installed lm-eval (no search)
    form = "MC"                       # MC answer text, FMC option letter, G generation
    category = "General knowledge"
    shots = 5
    fewshot_seed = 1234
    metric = "acc"                    # the headline among the YAML's metrics
    chance = 0.25                     # "computed" where items differ; absent: no meaning
    sampler = "fixed"                 # fixed, first_n or default; absent: as the YAML says
    cluster = "passage"               # field that items share; they are resampled together
    revision = "unverified"           # of a hub data set, 40 hex digits; see `core icl pin`
    measures_context = false
    version = "1"

A few-shot suite's name may end in `:chat` or `:chat-turns`: the same tasks, put through the
instruct parent's chat template.

An instruction suite has no tasks; it names `data`, `outputs` (reference outputs in
AlpacaEval's format), `version`, `max_new_tokens` and, if it wants one, `system`. With `hub` the
two files are those of that data set (core/tasks/hub_file.py), `count` how many items it has.
"""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from core.canon import safe_name
from core.errors import InputError, NotKnown, TaskError
from core.settings import Settings, read_settings
from core.tasks.suite_task import (
    DEFAULT_FEWSHOT_SEED,
    IclPrompt,
    InstructionData,
    Sampler,
    Suite,
    SuiteKind,
    SuiteTask,
    TaskForm,
)
from core.tasks.task_index import expand
from core.tasks.task_yaml import task_file
from core.tasks.typed import TYPED, typed_suite

__all__ = [
    "DEFAULT_FEWSHOT_SEED",
    "InstructionData",
    "Suite",
    "SuiteKind",
    "SuiteTask",
    "TaskForm",
    "list_suites",
    "load_suite",
]
SUITES = Path(__file__).resolve().parent / "suites"
UNVERIFIED = "unverified"  # a revision that nobody could look up yet
T = TypeVar("T")
PROMPTS: dict[str, IclPrompt] = {"chat": "chat", "chat-turns": "chat-turns"}
SAID_OF: dict[IclPrompt, str] = {
    "chat": "put through the chat template",
    "chat-turns": "put through the chat template, examples as turns",
}
COMPUTED = "computed"  # a chance level that differs from item to item


def list_suites(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all suites (those that ship and your own), in alphabetical order."""
    return tuple(sorted({path.stem for root in _roots(folder) for path in root.glob("*.toml")}))


def load_suite(name: str, folder: Path | None = None) -> Suite:
    """Read one suite, or make the one that a typed name such as `lm-eval:piqa@5` stands for.

    A name that ends in `:chat` or `:chat-turns` is that suite, put in this way.

    Without a folder, the shipped suites are looked through first and then your own, below the
    folder PARTWAY_TASKS.

    Raises:
        NotKnown: no suite of that name.  TaskError: its file is broken, or a task unknown.
    """
    base, _, ending = name.rpartition(":")
    if ending in PROMPTS and base and f"{base}:" != TYPED:
        return _prompted(load_suite(base, folder), PROMPTS[ending])
    if name.startswith(TYPED):
        return typed_suite(name, read_settings())
    file = f"{safe_name(name, 'suite')}.toml"
    path = next((root / file for root in _roots(folder) if (root / file).is_file()), None)
    if path is None:
        known = ", ".join(list_suites(folder)) or "none"
        raise NotKnown(f"No suite is called {name!r}. Known suites: {known}.")
    try:
        return _suite(tomllib.loads(path.read_text(encoding="utf-8")), path)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InputError) as error:
        raise TaskError(
            f"The suite file {path} is broken ({type(error).__name__}: {error}). "
            "Compare it with the format in core/tasks/suites.py."
        ) from error


def prompted_name(name: str, prompt: str) -> str:
    """The name of a suite that is put in this way.

    Raises:
        InputError: there is no such way.
    """
    if prompt not in get_args(IclPrompt):
        known = ", ".join(get_args(IclPrompt))
        raise InputError(f"A task cannot be put as {prompt!r}. Choose one of: {known}.")
    return name if prompt == "plain" else f"{name}:{prompt}"


def _prompted(suite: Suite, prompt: IclPrompt) -> Suite:
    if suite.kind == "instructions":
        raise NotKnown(
            f"The suite {suite.name} holds instructions, which are always put as chats. "
            f"Give its name without {prompt!r}."
        )
    return replace(
        suite,
        name=f"{suite.name}:{prompt}",
        title=f"{suite.title}, {SAID_OF[prompt]}",
        tasks=tuple(replace(task, prompt=prompt) for task in suite.tasks),
    )


def _roots(folder: Path | None) -> tuple[Path, ...]:
    if folder is not None:
        return (folder,)
    own = read_settings().tasks
    return (SUITES,) if own is None else (SUITES, own / "suites")


def _suite(content: dict[str, Any], path: Path) -> Suite:
    root = path.parent.parent
    if content["name"] != path.stem:
        raise ValueError(f"name = {content['name']!r} is not the file's name")
    folder = root / content.get("folder", ".")
    tasks = tuple(_task(task, folder) for task in content.get("tasks", ()))
    suite = Suite(
        name=content["name"],
        kind=_one_of(content["kind"], SuiteKind),
        title=content["title"],
        description=content["description"],
        tasks=tasks,
        instructions=_instructions(content, root) if content["kind"] == "instructions" else None,
    )
    if len({task.name for task in tasks}) < len(tasks):
        raise ValueError("two tasks have one name")
    if not tasks and suite.instructions is None:
        raise ValueError("it has no [[tasks]]")
    return suite


def _task(content: dict[str, Any], folder: Path) -> SuiteTask:
    name = safe_name(content["name"], "task")
    file = task_file(content.get("file", f"{name}.yaml"), folder)
    return SuiteTask(
        name=name,
        form=_one_of(content["form"], TaskForm),
        category=str(content["category"]),
        shots=_whole(content["shots"]),
        fewshot_seed=_whole(content.get("fewshot_seed", DEFAULT_FEWSHOT_SEED)),
        metric=str(content["metric"]),
        chance=_unless(content.get("chance"), COMPUTED, float),
        measures_context=bool(content.get("measures_context", False)),
        version=str(content["version"]),
        definition=file if file.is_file() or "file" in content else _by_name(name, file),
        sampler=_unless(content.get("sampler"), None, lambda one: _one_of(one, Sampler)),
        revision=_unless(content.get("revision"), UNVERIFIED, str),
        cluster=_unless(content.get("cluster"), None, str),
    )


def _by_name(name: str, file: Path) -> Path:
    """A task without a file beside the suite is one of lm-eval's (or your own) of that name."""
    settings = read_settings()
    try:
        return _single(name, settings)
    except TaskError as error:
        raise TaskError(f"There is no task file {file}, and: {error}") from error


def _single(name: str, settings: Settings) -> Path:
    refs = expand(name, settings)
    if [ref.name for ref in refs] != [name]:
        raise TaskError(
            f"{name} is a group of {len(refs)} tasks. Give each of them an entry of its own, or "
            f"sweep it by name: --icl-task {name}."
        )
    return refs[0].path


def _instructions(content: dict[str, Any], root: Path) -> InstructionData:
    hub, outputs = content.get("hub"), content.get("outputs")
    folder = root if hub is None else Path()
    return InstructionData(
        data=folder / content["data"],
        outputs=None if outputs is None else folder / outputs,
        version=str(content["version"]),
        max_new_tokens=_whole(content["max_new_tokens"]),
        system=content.get("system"),
        hub=hub,
        count=_unless(content.get("count"), None, _whole),
    )


def _one_of(value: Any, choices: Any) -> Any:
    if value not in get_args(choices):
        raise ValueError(f"{value!r} is not one of {', '.join(get_args(choices))}")
    return value


def _unless(value: Any, absent: str | None, read: Callable[[Any], T]) -> T | None:
    return None if value is None or value == absent else read(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a whole number from 0")
    return value
