"""Prompts to begin with, taken from what is measured: few-shot prompts and instructions.

A few-shot preset is the very text that was scored, byte for byte; an instruction preset is
the first instruction of its kind. Nothing here is written for show.
"""

from dataclasses import dataclass

from core.errors import NotKnown
from core.pairs.usual import Usual
from core.reports.points import TradeOff
from core.store.records import IclRecord
from core.store.runs import RunStore
from core.tasks.hub import HubUnreachable
from core.tasks.instructions import Instruction, load_instructions
from core.tasks.suites import load_suite


@dataclass(frozen=True, slots=True)
class Preset:
    """A prompt to begin with; `chat` says that the chat template goes around it."""

    group: str  # "Instruction" or "Few-shot"
    title: str
    text: str
    chat: bool
    system: str | None = None


def read_presets(store: RunStore, usual: Usual, line: TradeOff | None) -> tuple[Preset, ...]:
    """Instructions first, one a kind; then one prompt a measured few-shot task."""
    suite = line.instruction_suite if line else usual.instruction_suite
    return (*_instructions(suite), *_few_shot(store, line))


def _instructions(suite_name: str) -> tuple[Preset, ...]:
    try:
        items = load_instructions(load_suite(suite_name))
    except (NotKnown, HubUnreachable):  # results of a suite that is not installed here
        return ()
    first: dict[str, Instruction] = {}
    for item in items:
        first.setdefault(item.kind, item)
    return tuple(
        Preset("Instruction", kind.replace("_", " "), item.instruction, True, item.system)
        for kind, item in first.items()
    )


def _few_shot(store: RunStore, line: TradeOff | None) -> tuple[Preset, ...]:
    tasks = line.points[0].tasks if line and line.points else ()
    found = ((task.task, _first_prompt(store, task.run_id)) for task in tasks)
    return tuple(Preset("Few-shot", name, text, False) for name, text in found if text)


def _first_prompt(store: RunStore, run_id: str) -> str | None:
    if not store.is_complete(run_id):
        return None
    record = next(iter(store.records(run_id)), None)
    return store.prompts(run_id).get(record.prompt) if isinstance(record, IclRecord) else None
