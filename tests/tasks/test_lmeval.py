"""Task objects come from memory, once for all λ, and follow their files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.tasks.lmeval import build_task
from core.tasks.suites import Suite, load_suite
from tests.small_suite import write_small_suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return load_suite("small", write_small_suite(tmp_path))


def refused(*_: Any, **__: Any) -> None:
    raise AssertionError("a data set builder writes below the home folder")


def test_local_data_never_goes_through_a_dataset_builder(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets, "load_dataset", refused)
    assert [len(build_task(task).items) for task in suite.tasks] == [12, 12, 12]


def test_the_second_lam_builds_nothing(suite: Suite) -> None:
    task = suite.tasks[0]
    assert build_task(task) is build_task(task)


@pytest.mark.parametrize("name", ["test.jsonl", "small_choice.yaml"])
def test_a_changed_file_is_built_anew(suite: Suite, name: str) -> None:
    task = suite.tasks[0]
    path = task.definition.parent / name
    before = build_task(task)
    path.write_text(path.read_text().replace("the café", "a café").replace("Answer:", "Reply:"))
    prompts: Callable[[Any], list[str]] = lambda built: [  # noqa: E731
        item.instances[0].args[0] for item in built.items
    ]
    assert prompts(build_task(task)) != prompts(before)
