"""The command that the Evaluate page shows starts the very plan that the page would start."""

import json
import shlex
from importlib.metadata import version
from pathlib import Path

import pytest

import core.commands.sweep
from core.commands.cli import main
from core.jobs.command import grid_text, sweep_command
from core.jobs.plan import SweepPlan
from core.lam import parse_grid
from core.pairs.registry import find_pair
from core.settings import Settings, read_settings
from core.tasks.task_yaml import lmeval_tasks
from core.tasks.typed import typed_name

GRID = parse_grid("0:1:0.1,1.1,1.15")
USUAL = find_pair("tinyworld", read_settings({})).usual
PLANS = [
    SweepPlan("tinyworld", parse_grid("0,1")),
    SweepPlan("tinyworld", GRID, "tinyworld-icl:chat-turns", "general-instructions", limit=5),
    SweepPlan("tinyworld", GRID, typed_name("arc_*, piqa", 5), judges=("longest", "first")),
    SweepPlan("tinyworld", GRID, f"{typed_name('piqa')}:chat", judges=("openai:m",), spend="2.50"),
    SweepPlan("tinyworld", parse_grid("-0.5:0.5:0.1")),
    SweepPlan("tinyworld", GRID, reference="tinyworld@0.5"),
]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[SweepPlan]:
    """Plans of jobs, which are not started; some of lm-eval's names."""
    state = tmp_path / "state"
    state.mkdir()
    tasks = {"arc_easy": "arc/arc_easy.yaml", "piqa": "piqa/piqa.yaml"}
    told = {"layout": 1, "root": str(lmeval_tasks()), "tasks": tasks, "groups": {}, "tags": {}}
    (state / f"lm-eval-{version('lm-eval')}.json").write_text(json.dumps(told))
    monkeypatch.setenv("PARTWAY_STATE", str(state))
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    plans: list[SweepPlan] = []

    def start(plan: SweepPlan, settings: Settings, engine: str) -> str:
        plans.append(plan)
        return "job"

    monkeypatch.setattr(core.commands.sweep, "start_with_estimate", start)
    return plans


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: sweep_command(plan, USUAL))
def test_the_command_gives_the_same_plan(plan: SweepPlan, started: list[SweepPlan]) -> None:
    python, dash_m, package, *arguments = shlex.split(sweep_command(plan, USUAL))
    assert (python, dash_m, package) == ("python", "-m", "core")
    assert main([*arguments, "--background"]) == 0
    assert started == [plan]


@pytest.mark.parametrize(
    "grid", ["0", "1,0", "0:1:0.1", "-0.5:2:0.05,1.501", "0,0.1,0.3,0.5,0.6", "0:1:0.001"]
)
def test_a_grid_is_told_so_that_it_is_read_again(grid: str) -> None:
    wanted = parse_grid(grid)
    told = grid_text(SweepPlan("tinyworld", wanted))
    assert parse_grid(told) == wanted
    assert len(told) <= len(",".join(map(str, wanted)))
