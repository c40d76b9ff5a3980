"""Tasks chosen by name go the whole way: planned, measured, read, exported, asked for again."""

from dataclasses import asdict
from pathlib import Path

import pytest

from core.evals.lmeval_files import write_lmeval
from core.evals.replay import StoredTask
from core.jobs.plan import SweepPlan
from core.jobs.sweep import run_sweep
from core.lam import Lam, parse_grid
from core.reports.few_shot_runs import few_shot_runs, records_of
from core.reports.trade_off import read_trade_off
from core.store.runs import RunStore
from core.tasks.suites import load_suite
from core.tasks.typed import typed_name
from tests.jobs.sweep_world import CountingEngine, silent
from tests.small_suite import write_jsonl, write_small_suite

pytestmark = pytest.mark.usefixtures("suites")
UNEVEN = """\
include: small_choice.yaml
task: uneven
dataset_kwargs: {data_files: {test: uneven.jsonl, dev: dev.jsonl, shuffled: shuffled.jsonl}}
"""
GROUP = "{group: woods, task: [uneven, {task: small_text, num_fewshot: 1}]}"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small tasks in a person's own folder, one of whose choices differ in number."""
    root = tmp_path / "own"
    write_small_suite(root)
    folder = root / "small"
    (folder / "uneven.yaml").write_text(UNEVEN)
    (folder / "woods.yaml").write_text(GROUP)
    rows = [
        {"thing": f"thing {n}", "options": ["ash", "birch", "elm", "oak"][: 2 + n % 3], "label": 0}
        for n in range(6)
    ]
    write_jsonl(folder / "uneven.jsonl", rows)
    monkeypatch.setenv("PARTWAY_TASKS", str(folder))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    return folder


def plan(names: str = "woods", shots: int | None = 2) -> SweepPlan:
    return SweepPlan("tiny", parse_grid("0,1"), typed_name(names, shots), "small-instructions")


def test_a_group_is_measured_and_read(own: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "results")
    outcome = run_sweep(plan(), CountingEngine(), store, silent)
    assert outcome.runs == 2 * 3
    again = CountingEngine()
    run_sweep(plan(), again, store, silent)
    assert again.asked == 0
    line = read_trade_off(store, "tiny")
    assert line is not None
    assert line.icl_suite == "lm-eval:woods@2"
    point = line.at(Lam(0))
    assert point is not None
    uneven, text = point.tasks
    assert uneven.chance == pytest.approx(100 * (1 / 2 + 1 / 3 + 1 / 4) / 3)
    assert (uneven.outcomes, text.chance) == (None, None)
    assert text.outcomes is not None
    assert sum(asdict(text.outcomes).values()) == 12
    assert text.outcomes.unknown == 0
    assert text.outcomes.out_of_tokens > 0, "the made-up engine breaks some answers off"


def test_what_was_typed_is_exported_and_asked_for_again(own: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "results")
    run_sweep(plan(), CountingEngine(), store, silent)
    runs = few_shot_runs(store, "tiny", None)
    suite = load_suite(runs.sweep.icl_suite)
    assert [task.shots for task in suite.tasks] == [2, 2]
    stored = [
        StoredTask(suite.task(name), *records_of(store, run), store.environment_of(run))
        for name, run in runs.at(Lam(0)).items()
    ]
    assert len(write_lmeval(stored, tmp_path / "out")) == 3


def test_changed_data_is_measured_anew(own: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "results")
    run_sweep(plan("uneven"), CountingEngine(), store, silent)
    rows = own / "uneven.jsonl"
    rows.write_text(rows.read_text().replace("birch", "beech"))
    outcome = run_sweep(plan("uneven"), CountingEngine(), store, silent)
    assert outcome.computed == 2 * 6  # the instructions' answers stay


def test_a_name_says_how_it_is_put_as_well(own: Path) -> None:
    suite = load_suite("lm-eval:woods@2:chat-turns")
    assert {task.prompt for task in suite.tasks} == {"chat-turns"}
    assert [task.shots for task in suite.tasks] == [2, 2]
