"""A stored number that does not follow from its records is found, whichever level was changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import core.commands.results
from core.commands.cli import main
from core.jobs.audit import audit
from core.jobs.sweep import run_sweep
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, silent, small_plan

pytestmark = pytest.mark.usefixtures("suites")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "results")


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in ([text] if path.suffix == ".json" else text.splitlines())]


def rewrite(path: Path, **changed: object) -> None:
    """Change the first object of a file."""
    head, *rest = lines(path)
    told = [json.dumps(one, ensure_ascii=False) for one in ({**head, **changed}, *rest)]
    path.write_text("".join(f"{one}\n" for one in told), encoding="utf-8")


def first(results: Path, pattern: str) -> Path:
    return next(path for path in sorted(results.glob(pattern)) if path.stat().st_size)


def swap(results: Path) -> None:
    """Make the target the least probable choice of an item that was right, else the most."""
    path = first(results, "runs/*/records.jsonl")
    item = lines(path)[0]
    values = sorted(item["logprobs"], reverse=not item["correct"])
    at = item["choices"].index(item["target"])
    rewrite(path, logprobs=[*values[1 : at + 1], values[0], *values[at + 1 :]])


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a spec": (lambda r: rewrite(first(r, "runs/*/spec.json"), dtype="float64"), "has the id"),
    "a summary": (lambda r: rewrite(first(r, "runs/*/summary.json"), n=7), "says n = 7"),
    "a record": (
        lambda r: rewrite(first(r, "runs/*/records.jsonl"), metrics={"acc": 0.25}),
        "summary says metrics",
    ),
    "a verdict": (
        lambda r: rewrite(first(r, "judgments/*/records.jsonl"), preference=1.25),
        "summary says verdicts",
    ),
    "log-likelihoods": (swap, "log-likelihoods not"),
    "a prompt": (lambda r: rewrite(first(r, "prompts/*.jsonl"), text="other"), "is another text"),
    "a run gone": (
        lambda r: shutil.rmtree(first(r, "generations/*/summary.json").parent),
        "not here",
    ),
    "a torn summary": (
        lambda r: first(r, "runs/*/summary.json").write_text("{"),
        "",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_found(change: str, store: RunStore) -> None:
    run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    whole = audit(store)
    assert whole.faults == () and whole.runs and whole.records and whole.prompts and whole.choices
    act, expected = CHANGES[change]
    act(store.results)
    found = audit(RunStore(store.results))
    assert any(expected in fault.what for fault in found.faults), found.faults


def test_the_command_says_it_by_its_exit_code(
    store: RunStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(core.commands.results, "PUBLISHED", tmp_path / "none")
    command = ["results", "check", "--results", str(store.results)]
    run_sweep(small_plan("0,1"), CountingEngine(), store, silent)
    assert main(command) == 0 and "all of it holds together" in capsys.readouterr().out
    rewrite(first(store.results, "runs/*/summary.json"), n=7)
    assert main(command) == 5
    assert "says n = 7" in capsys.readouterr().out
