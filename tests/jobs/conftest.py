"""The small world of `sweep_world`, for tests in this process."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import core.jobs.stored_line
import core.jobs.sweep
import core.jobs.work
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.jobs import jobs
from core.settings import Settings
from core.tasks.suites import load_suite
from tests.jobs.sweep_world import BATCH_ITEMS
from tests.small_suite import write_small_suite
from tests.tiny_pair import write_registry, write_tiny_pair


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


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    return write_registry(folder / "pairs.toml", write_tiny_pair(folder))


@pytest.fixture
def held() -> Iterator[list[int]]:
    handles: list[int] = []
    yield handles
    for handle in handles:
        os.close(handle)


@pytest.fixture
def settings(
    tmp_path: Path, pairs: Path, suites: Path, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Workers are not started: the tests hold their locks, or run their work themselves."""

    def launch(
        command: list[str], folder: Path, given: Settings, locks: tuple[int, ...] = ()
    ) -> None:
        held.extend(map(os.dup, locks))

    monkeypatch.setattr(jobs, "launch", launch)
    return Settings(tmp_path / "results", tmp_path / "state", pairs)
