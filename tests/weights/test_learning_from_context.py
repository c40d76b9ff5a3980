"""The shipped base model learns from examples in its prompt, and from nothing else there.

The label words of these tasks mean nothing outside the prompt. So without examples accuracy is
chance, with five it is far above, and with the examples' labels shuffled it comes back down.
"""

from dataclasses import replace
from functools import cache

import pytest

from core.engine.torch_engine import TorchEngine
from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.lam import BASE
from core.stats.wilson import wilson
from core.store.records import IclRecord
from core.tasks.suites import SuiteTask, load_suite

pytestmark = pytest.mark.weights
WANTED_TASKS = 4
GAIN = 0.25
SHUFFLED = "dev_shuffled"


def correct(engine: TorchEngine, task: SuiteTask) -> tuple[int, int]:
    """Right answers and items at λ = 0."""
    spec = icl_spec(task, engine.load("tinyworld"), BASE)
    records = [record for batch in score_items(engine, spec, task) for record in batch.records]
    right = sum(record.correct for record in records if isinstance(record, IclRecord))
    return right, len(records)


@cache
def learns_from_context(engine: TorchEngine, task: SuiteTask) -> dict[str, float | bool]:
    assert task.chance is not None
    none, n = correct(engine, replace(task, shots=0))
    five, _ = correct(engine, task)
    shuffled, _ = correct(engine, replace(task, exemplars=SHUFFLED))
    around = wilson(none, n)
    assert around is not None
    return {
        "0-shot": none / n,
        "0-shot at chance": around.low <= task.chance <= around.high,
        "5-shot": five / n,
        "5-shot far above": five / n >= task.chance + GAIN,
        "shuffled": shuffled / n,
        "shuffled back down": shuffled / n <= (task.chance + five / n) / 2,
    }


def test_at_least_four_tasks_measure_learning_from_context(shipped: TorchEngine) -> None:
    tasks = [task for task in load_suite("tinyworld-icl").tasks if task.measures_context]
    found = {task.name: learns_from_context(shipped, task) for task in tasks}
    held = [
        name
        for name, seen in found.items()
        if seen["0-shot at chance"] and seen["5-shot far above"] and seen["shuffled back down"]
    ]
    assert len(held) >= WANTED_TASKS, found
