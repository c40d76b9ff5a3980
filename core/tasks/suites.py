"""A suite: a named list of tasks with shots and metric, read from `suites/NAME.toml`.

Not here: prompts and data. An ICL task's are in its lm-eval YAML (`definition.py` reads it,
`lmeval.py` builds it); an instruction suite's are in its data file (`instructions.py`).
Nothing here imports lm_eval, so pages can list suites. The format, paths being relative to
the folder above `suites/`:

    name = "tinyworld-icl"            # the file's own name
    kind = "icl"                      # icl, instructions or reasoning
    title = "Tiny world, in context"
    description = "Twelve few-shot tasks."
    folder = "tinyworld"              # where the YAML files are (kind icl and reasoning)

    [[tasks]]
    name = "tw_capitals"              # folder/tw_capitals.yaml
    form = "MC"                       # MC answer text, FMC option letter, G generation
    category = "General knowledge"
    shots = 5
    fewshot_seed = 1234
    metric = "acc"                    # the headline among the YAML's metrics
    chance = 0.25                     # absent where chance has no meaning
    measures_context = false
    version = "1"

An instruction suite has no tasks; it names `data`, `outputs` (reference outputs in
AlpacaEval's format), `version`, `max_new_tokens` and, if it wants one, `system`.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.canon import safe_name
from core.errors import NotKnown, TaskError

SUITES = Path(__file__).resolve().parent / "suites"
DEFAULT_FEWSHOT_SEED = 1234

SuiteKind = Literal["icl", "instructions", "reasoning"]
TaskForm = Literal["MC", "FMC", "G"]


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """One task of a suite and how it is run there."""

    name: str
    form: TaskForm
    category: str
    shots: int
    fewshot_seed: int
    metric: str
    chance: float | None  # 0–1
    measures_context: bool
    version: str
    definition: Path  # the task's YAML
    exemplars: str | None = None  # another split than the YAML's to draw exemplars from


@dataclass(frozen=True, slots=True)
class InstructionData:
    """Where an instruction suite's items are and how they are answered."""

    data: Path
    outputs: Path | None
    version: str
    max_new_tokens: int
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of tasks, or a set of instructions."""

    name: str
    kind: SuiteKind
    title: str
    description: str
    tasks: tuple[SuiteTask, ...]
    instructions: InstructionData | None = None

    def task(self, name: str) -> SuiteTask:
        """The task of that name.

        Raises:
            NotKnown: the suite has no such task.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        known = ", ".join(task.name for task in self.tasks)
        raise NotKnown(f"The suite {self.name} has no task {name!r}. It has {known}.")


def list_suites(folder: Path = SUITES) -> tuple[str, ...]:
    """The names of all suites, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def load_suite(name: str, folder: Path = SUITES) -> Suite:
    """Read one suite.

    Raises:
        NotKnown: no suite of that name.  TaskError: its file is broken.
    """
    path = folder / f"{safe_name(name, 'suite')}.toml"
    if not path.is_file():
        known = ", ".join(list_suites(folder)) or "none"
        raise NotKnown(f"No suite is called {name!r}. Known suites: {known}.")
    try:
        return _suite(tomllib.loads(path.read_text(encoding="utf-8")), path)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise TaskError(
            f"The suite file {path} is broken ({type(error).__name__}: {error}). "
            "Compare it with the format in core/tasks/suites.py."
        ) from error


def _suite(content: dict[str, Any], path: Path) -> Suite:
    root = path.parent.parent
    if content["name"] != path.stem:
        raise ValueError(f"name = {content['name']!r} is not the file's name")
    tasks = tuple(_task(task, root / content["folder"]) for task in content.get("tasks", ()))
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
    return SuiteTask(
        name=safe_name(content["name"], "task"),
        form=_one_of(content["form"], TaskForm),
        category=str(content["category"]),
        shots=_whole(content["shots"]),
        fewshot_seed=_whole(content.get("fewshot_seed", DEFAULT_FEWSHOT_SEED)),
        metric=str(content["metric"]),
        chance=None if content.get("chance") is None else float(content["chance"]),
        measures_context=bool(content.get("measures_context", False)),
        version=str(content["version"]),
        definition=folder / f"{content['name']}.yaml",
    )


def _instructions(content: dict[str, Any], root: Path) -> InstructionData:
    outputs = content.get("outputs")
    return InstructionData(
        data=root / content["data"],
        outputs=None if outputs is None else root / outputs,
        version=str(content["version"]),
        max_new_tokens=_whole(content["max_new_tokens"]),
        system=content.get("system"),
    )


def _one_of(value: Any, choices: Any) -> Any:
    if value not in get_args(choices):
        raise ValueError(f"{value!r} is not one of {', '.join(get_args(choices))}")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a whole number from 0")
    return value
