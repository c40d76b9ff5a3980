"""What a suite and a task of it are, as values; reading them is in `suites.py`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import NotKnown

DEFAULT_FEWSHOT_SEED = 1234

SuiteKind = Literal["icl", "instructions", "reasoning"]
TaskForm = Literal["MC", "FMC", "G"]
# "fixed": drawn once with the seed and the same for every item, so that items share a prefix;
# "first_n" and "default" (drawn anew for every item) are lm-eval's own.
Sampler = Literal["fixed", "first_n", "default"]
# How an item is put: as plain text; through the instruct parent's chat template, examples and
# question in one message; or with every example as a turn of its own.
IclPrompt = Literal["plain", "chat", "chat-turns"]


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
    sampler: Sampler | None = None  # another sampler than the YAML's
    revision: str | None = None  # of a hub data set; None: not verified, see `icl pin`
    cluster: str | None = None  # field that items share, such as their passage
    overrides: str | None = None  # JSON laid over the YAML, as lm-eval's groups do
    prompt: IclPrompt = "plain"


@dataclass(frozen=True, slots=True)
class InstructionData:
    """Where an instruction suite's items are and how they are answered."""

    data: Path
    outputs: Path | None
    version: str
    max_new_tokens: int
    system: str | None = None
    hub: str | None = None  # the data set whose files `data` and `outputs` are, by bare name
    count: int | None = None  # how many instructions there must be, where that is known


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
