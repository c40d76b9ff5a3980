"""What a run will read and may write, in tokens, before it runs: the very prompts, encoded.

    few_shot_size(reader, spec, suite_task, done).read

The same items in the same parts as `icl.py` and `generations.py` put them, so the numbers are
those that the records then hold. Not here: how long that takes (`core/jobs/probe.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.reading import Reader
from core.evals.batch import in_batches
from core.evals.generations import render
from core.evals.icl import chat_of
from core.spec import RunSpec
from core.tasks.instructions import Instruction
from core.tasks.lmeval import build_task
from core.tasks.suites import SuiteTask

Probe = tuple[Any, ...]  # requests or prompts to try the speed with


@dataclass(frozen=True, slots=True)
class RunSize:
    """One run, or the part of it that is not stored yet."""

    items: int = 0
    read: int = 0  # tokens of every request by itself, as the engine's answers then say
    kept: int = 0  # the same as the records hold it: an item's context once for all its choices
    computed: int = 0  # about so many go through the model, common beginnings once
    alone: int = 0  # that go through it where nothing is shared
    longest: int = 0  # tokens that all answers may have together; 0 where nothing is written

    def __add__(self, other: "RunSize") -> "RunSize":
        return RunSize(
            self.items + other.items,
            self.read + other.read,
            self.kept + other.kept,
            self.computed + other.computed,
            self.alone + other.alone,
            self.longest + other.longest,
        )


def few_shot_size(
    reader: Reader, spec: RunSpec, task: SuiteTask, done: frozenset[str] = frozenset()
) -> RunSize:
    """The items of a few-shot run that are not in `done`.

    Raises:
        TaskError: the task is broken.  ContextOverflow: an answer is longer than the context.
    """
    total = RunSize()
    for part in few_shot_parts(reader, spec, task, done):
        total += part_size(reader, spec, part)
    return total


def few_shot_parts(
    reader: Reader, spec: RunSpec, task: SuiteTask, done: frozenset[str] = frozenset()
) -> Iterator[list[Probe]]:
    """What is asked in one call each: an item is its requests or its one prompt."""
    items = build_task(task, chat_of(reader, spec)).items[: spec.task.limit]
    for part in in_batches([item for item in items if item.id not in done]):
        yield [tuple(map(_request, item.instances)) for item in part]


def part_size(reader: Reader, spec: RunSpec, part: Sequence[Probe]) -> RunSize:
    """One call's items."""
    if spec.decoding is not None:
        prompts = [prompt for item in part for prompt in item]
        return _prompted(reader, prompts, spec.decoding.max_new_tokens, len(part))
    found = reader.scored([request for item in part for request in item])
    contexts, kept = iter(found.contexts), sum(found.continuations)
    for item in part:  # as `IclRecord.tokens`: the longest of an item's contexts
        kept += max(next(contexts) for _ in item)
    return RunSize(len(part), found.read, kept, found.computed, found.alone)


def answers_size(
    reader: Reader,
    spec: RunSpec,
    items: Sequence[Instruction],
    done: frozenset[str] = frozenset(),
) -> RunSize:
    """The instructions of a run of answers that are not in `done`."""
    assert spec.decoding is not None  # `generation_spec` sets it
    prompts = [render(reader, spec, item) for item in items if item.id not in done]
    total = RunSize()
    for part in in_batches(prompts):
        total += _prompted(reader, part, spec.decoding.max_new_tokens, len(part))
    return total


def _prompted(reader: Reader, prompts: Sequence[Prompt], longest: int, items: int) -> RunSize:
    found = reader.prompted(prompts, longest)
    read, most = found.read, longest * len(prompts)
    return RunSize(items, read, read, found.computed, read, most)


def _request(instance: Any) -> ScoreRequest | Prompt:
    if instance.request_type == "loglikelihood":
        return ScoreRequest(*instance.args)
    return Prompt(instance.args[0])
