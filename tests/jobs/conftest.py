"""The small world of `sweep_world`, for tests in this process."""

from functools import partial
from pathlib import Path

import pytest

import core.jobs.stored_line
import core.jobs.sweep
import core.jobs.work
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.tasks.suites import load_suite
from tests.jobs.sweep_world import BATCH_ITEMS
from tests.small_suite import write_small_suite


@pytest.fixture
def suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small suites in place of the shipped ones."""
    folder = write_small_suite(tmp_path / "tasks")
    monkeypatch.setattr(core.jobs.work, "load_suite", partial(load_suite, folder=folder))
    monkeypatch.setattr(core.jobs.stored_line, "load_suite", partial(load_suite, folder=folder))
    few = partial(score_items, batch_items=BATCH_ITEMS)
    monkeypatch.setattr(core.jobs.sweep, "score_items", few)
    one = partial(answer_items, batch_items=1)
    monkeypatch.setattr(core.jobs.sweep, "answer_items", one)
    return folder
