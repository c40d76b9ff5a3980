"""A plan is worked out elsewhere; what is seen of it meanwhile and afterwards, however it ends."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs import planner, planning
from core.jobs.account import read_account
from core.jobs.estimate import Estimate
from core.jobs.forecast import Forecast, forecast
from core.jobs.plan import SweepPlan
from core.jobs.planning import begin, key_of, look, stop
from core.lam import parse_grid
from core.settings import PUBLISHED, Settings
from core.store.files import write_json
from core.store.runs import RunStore

STORED = SweepPlan("tinyworld", parse_grid("0,1"))
ASKED = SweepPlan("tinyworld", parse_grid("0.35"), limit=2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    state = tmp_path / "state"
    return Settings(tmp_path / "results", state, state / "pairs.toml")


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Planners that are only noted."""
    folders: list[Path] = []
    monkeypatch.setattr(planning, "_launch", lambda folder, given: folders.append(folder))
    return folders


def ahead(plan: SweepPlan, settings: Settings) -> Forecast:
    return forecast(plan, settings, RunStore(settings.results, (PUBLISHED,)))


def test_the_key_is_the_question_and_what_is_stored(settings: Settings) -> None:
    one = key_of(STORED, ahead(STORED, settings))
    assert one == key_of(STORED, ahead(STORED, settings))
    judged = replace(STORED, judges=("longest",))
    assert one != key_of(judged, ahead(judged, settings))
    bare = forecast(STORED, settings, RunStore(settings.results))
    assert one != key_of(STORED, bare)


def test_a_plan_grows_from_nothing_to_whole(settings: Settings, launched: list[Path]) -> None:
    told = ahead(STORED, settings)
    assert look(key_of(STORED, told), settings).status == "absent"
    key = begin(STORED, told, settings)
    assert look(key, settings).status == "working"
    assert begin(STORED, told, settings) == key and len(launched) == 1  # not twice
    assert planner.work_out(launched[0], settings) == 0
    found = look(key, settings)
    assert found.status == "done" and found.estimate is not None
    assert [(one.items, one.read, one.stored) for one in found.estimate.stages] == [
        (0, 0, 2 * 12 * 100),
        (0, 0, 2 * 264),
    ]


def test_a_plan_that_cannot_run_says_why(settings: Settings, launched: list[Path]) -> None:
    key = begin(ASKED, ahead(ASKED, settings), settings)
    broken = replace(ASKED, judges=("reward:/nowhere",))
    write_json(launched[0] / planning.REQUEST, {"plan": broken.to_json()})
    assert planner.work_out(launched[0], settings) != 0
    found = look(key, settings)
    assert found.status == "failed" and "/nowhere" in found.message


def test_a_planner_that_was_ended_is_seen_and_begun_again(
    settings: Settings, launched: list[Path]
) -> None:
    key = begin(ASKED, ahead(ASKED, settings), settings)
    code = (
        "import sys, time; from pathlib import Path; from core.jobs.planning import at_work\n"
        "with at_work(Path(sys.argv[1])): print('here', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(launched[0])], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"here\n"
    os.utime(launched[0] / planning.REQUEST, (0, time.time() - 3600))
    assert look(key, settings).status == "working"
    stop(key, settings)
    child.wait(timeout=20)
    child.stdout.close()
    found = look(key, settings)
    assert found.status == "failed" and "Try again" in found.message
    begin(ASKED, ahead(ASKED, settings), settings)
    assert look(key, settings).status == "working" and len(launched) == 2


def test_a_started_job_takes_its_estimate_along(
    settings: Settings, launched: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = begin(ASKED, ahead(ASKED, settings), settings)
    estimate = Estimate((), whole=True, made="now")
    write_json(launched[0] / planning.ESTIMATE, estimate.to_json())
    assert look(key, settings).status == "done"
    folder = settings.results / "jobs" / "one"
    monkeypatch.setattr(planning, "start_job", lambda plan, given, engine: "one")
    assert planning.start_with_estimate(ASKED, settings) == "one"
    write_json(
        folder / "before.json", {"runs": {"icl": {}, "generations": {}}, "answers": [], "asked": {}}
    )
    account = read_account(folder, RunStore(settings.results))
    assert account is not None and account.expected == estimate
