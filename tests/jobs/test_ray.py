"""A sweep on a real Ray cluster of two worker processes on this machine, and nobody else's.

One worker is killed in the middle of an answer; in another test it is the driver. Everything
is on loopback, behind a token, under a home folder of the test's own.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import core.engine.ray_fleet
from core.engine.fake import FakeEngine
from core.engine.opening import open_engine
from core.engine.protocol import Chunk, Prompt
from core.engine.ray_cluster import FOLDER, FOLDERS, _own_folder
from core.engine.ray_engine import RayEngine
from core.errors import PairError
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.lam import INSTRUCT
from core.settings import ROOT, Settings
from core.spec import Decoding
from core.store.environment import read_environment
from core.store.runs import RunStore
from tests.jobs.ray_driver import GRID, HALF
from tests.jobs.sweep_world import contents, silent, small_plan

pytestmark = [
    pytest.mark.usefixtures("suites", "own_home"),
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]
CALLS, ITEMS = 36, 3 * (36 + 3)
FATAL_CALL = 8
IN_MID_ANSWER_SECONDS = 0.3
GONE_SECONDS = 20.0


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of the test's own, and a look at what Ray leaves behind."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        monkeypatch.delenv(name)
    answer = signal.getsignal(signal.SIGTERM)
    yield
    assert [name for name in os.environ if name.startswith("RAY_")] == []
    assert signal.getsignal(signal.SIGTERM) == answer
    assert list(home.iterdir()) == [], "no token is written"


class Hunt:
    """Stops a worker before it is asked its n-th question, and kills it while it is waited for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls, self.killed = 0, list[int]()
        original = RayEngine._ask_many

        def ask(engine: RayEngine, method: str, *given: Any) -> list[Any]:
            self.calls += 1
            if self.calls == FATAL_CALL:
                self._kill_soon(engine.sight.pid)
            return original(engine, method, *given)

        monkeypatch.setattr(RayEngine, "_ask_many", ask)

    def _kill_soon(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        self.killed.append(pid)
        threading.Timer(IN_MID_ANSWER_SECONDS, os.kill, (pid, signal.SIGKILL)).start()


def test_a_killed_worker_costs_one_batch_and_changes_nothing(
    tiny_settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(core.engine.ray_fleet, "START_SECONDS", 400.0)  # beside other work
    hunt, seen, store = Hunt(monkeypatch), list[Progress](), RunStore(tmp_path / "ray")
    others = descendants(os.getpid())  # of tests before this one
    engine = open_engine("ray:local", replace(tiny_settings, ray_actors=2))
    assert isinstance(engine, RayEngine)
    fleet = engine.fleet
    assert len({one.sight.pid for one in fleet.engines} | {os.getpid()}) == 3
    assert outer_listeners(descendants(os.getpid()) - others) == []
    loaded = engine.load("tiny")
    other = replace(loaded, identity=replace(loaded.identity, base="0" * 20))
    with pytest.raises(PairError, match=r"base parent of tiny on 127.0.0.1 is not the one"):
        fleet.refuse_other_parents(other, engine.sight)
    told = list(engine.stream("tiny", INSTRUCT, Prompt("the river"), Decoding(4)))
    started = descendants(os.getpid()) - others

    outcome = run_sweep(small_plan(GRID), engine, store, seen.append)
    assert len(hunt.killed) == 1
    assert (outcome.computed, outcome.judged, hunt.calls) == (ITEMS, 6, CALLS + 1)
    assert (seen[-1].done, seen[-1].total) == (ITEMS, ITEMS)
    assert_gone(started)
    assert capfd.readouterr().out == "", "what Ray tells of the lost one does not mix with JSON"

    here, local = open_engine("inprocess", tiny_settings), RunStore(tmp_path / "local")
    assert told == list(here.stream("tiny", INSTRUCT, Prompt("the river"), Decoding(4)))
    assert isinstance(told[0], Chunk)
    run_sweep(small_plan(GRID), here, local, silent, tiny_settings.threads)
    here.close()
    assert contents(store.results) == contents(local.results)
    times = {"started": None, "finished": None}
    for run in local.complete("icl"):
        assert store.environment(run.run_id) | times == local.environment(run.run_id) | times
    assert read_environment("cpu").packages == store.environment(run.run_id)["packages"]


def test_a_killed_driver_leaves_nothing_running_and_is_gone_on_with(tmp_path: Path) -> None:
    whole, store = RunStore(tmp_path / "whole"), RunStore(tmp_path / "results")
    run_sweep(small_plan(GRID), FakeEngine(), whole, silent)
    command = [sys.executable, "-m", "tests.jobs.ray_driver", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "half\n"
        started = descendants(driver.pid)
        agents = {mark for mark in started if "Agent" in name(mark[0])}
        driver.kill()
    assert len(started - agents) >= 4
    assert_gone(started - agents)
    for pid, _ in agents:  # Ray's own; they look for their head for a minute
        os.kill(pid, signal.SIGKILL)
    assert [path.name for path in FOLDERS.glob(f"{FOLDER}{driver.pid}-*")]
    _own_folder().rmdir()  # as the next one begins
    assert [path.name for path in FOLDERS.glob(f"{FOLDER}{driver.pid}-*")] == []
    kept = sum(path.read_bytes().count(b"\n") for path in store.results.glob("*/*/records.jsonl"))
    outcome = run_sweep(small_plan(GRID), FakeEngine(), store, silent)
    assert kept >= HALF and outcome.computed == ITEMS - kept
    assert contents(store.results) == contents(whole.results)


def descendants(pid: int) -> set[tuple[int, str]]:
    """Every process below that one, by pid and start."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (found := stat(int(folder.name))) is not None:
            parents.setdefault(int(found[1]), []).append((int(folder.name), found[19]))
    below, next_ones = set[tuple[int, str]](), parents.get(pid, [])
    while next_ones:
        below |= set(next_ones)
        next_ones = [one for mark in next_ones for one in parents.get(mark[0], [])]
    return below


def stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the command; None for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields


def name(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


def assert_gone(processes: set[tuple[int, str]]) -> None:
    end = time.monotonic() + GONE_SECONDS
    while left := [one for one in processes if (now := stat(one[0])) and now[19] == one[1]]:
        assert time.monotonic() < end, [name(pid) for pid, _ in left]
        time.sleep(0.1)


def outer_listeners(processes: set[tuple[int, str]]) -> list[str]:
    """Sockets of these processes that listen on other than the loopback address."""
    inodes = set()
    for pid, _ in processes:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(os.readlink(link).removeprefix("socket:[").rstrip("]"))
            except OSError:
                continue
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            local, state, inode = fields[1], fields[3], fields[9]
            if state == "0A" and inode in inodes and "0100007F:" not in local:
                found.append(line)
    return found
