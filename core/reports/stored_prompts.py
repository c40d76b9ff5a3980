"""Few-shot prompts as they were scored, item by item: examples to read with, not made up for show.

for_reading = few_shot(store, line)      # task → run
item(store, run_id, 3)                   # the fourth item's text, choices and target
"""

from dataclasses import dataclass

from core.errors import InputError
from core.reports.points import TradeOff
from core.store.records import IclRecord
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """One item's prompt, byte for byte, and what would be right."""

    item: str
    text: str
    choices: tuple[str, ...]  # empty where the answer is written freely
    target: str
    items: int  # of the task


def few_shot(store: RunStore, line: TradeOff | None) -> dict[str, str]:
    """Measured tasks with the run that has their prompts (which do not depend on λ)."""
    tasks = line.points[0].tasks if line and line.points else ()
    return {task.task: task.run_id for task in tasks if store.is_complete(task.run_id)}


def item(store: RunStore, run_id: str, number: int) -> StoredPrompt:
    """The item at this place, counted from 0.

    Raises:
        NotKnown: no such run.  InputError: no such item, or its prompt is not stored here.
    """
    records = [one for one in store.records(run_id) if isinstance(one, IclRecord)]
    if not 0 <= number < len(records):
        raise InputError(f"There is no item {number + 1}; this task has {len(records)}.")
    record = records[number]
    text = store.prompts(run_id).get(record.prompt)
    if text is None:
        raise InputError(f"The prompt of item {record.item} is not stored here. Take another.")
    return StoredPrompt(record.item, text, record.choices, record.target, len(records))
