"""Data sets from the hub: at one commit, pinned at the first use, and from this machine after it.

A hub of our own on the loopback address stands in (fake_hub.py); the packages that speak to it
are the real ones, in a process of their own, because they read HF_ENDPOINT on import.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import TaskError
from core.settings import ROOT, read_settings
from core.tasks.revisions import commit_of, pins_file, read_pins, write_pin
from tests.tasks.fake_hub import COMMIT, fake_hub

HUB = ROOT / "tests" / "data"
LOAD = """
import sys
from core.errors import PartwayError
from core.evals.plan import task_identity
from core.tasks.data import find_data
from core.tasks.definition import read_definition
from core.tasks.hub_rows import load_rows
from core.tasks.suites import load_suite
for name in sys.argv[1:]:
    task = load_suite("icl-classic").task(name)
    definition = read_definition(task.definition)
    try:
        rows = load_rows(definition, find_data(definition))[definition.splits[0]]
        print(name, task_identity(task).data_hash, len(rows))
    except PartwayError as error:
        print(name, error.exit_code, error)
"""


def environment(state: Path, hub: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "PARTWAY_"))}
    return {**inherited, "PARTWAY_STATE": str(state), "HF_HOME": str(state / "hf")} | {
        "HF_ENDPOINT": hub,
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def run(arguments: list[str], state: Path, hub: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(state, hub),
        capture_output=True,
        text=True,
        timeout=120,
    )


def loaded(state: Path, hub: str, *tasks: str) -> dict[str, str]:
    done = run(["-c", LOAD, *tasks], state, hub)
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_first_use_pins_a_commit_and_later_uses_need_no_network(tmp_path: Path) -> None:
    with fake_hub(HUB) as hub:
        first = loaded(tmp_path, hub, "piqa", "arithmetic_2da", "classic_fpb")
    assert first["piqa"].endswith(" 3")
    assert first["arithmetic_2da"].endswith(" 8")
    assert first["classic_fpb"].startswith("6 The data set TheFinAI/flare-fpb is gated.")
    assert "hf auth login" in first["classic_fpb"]
    pins = json.loads((tmp_path / "revisions.json").read_text())
    assert {pin["commit"] for pin in pins.values()} == {COMMIT}

    # The hub is gone; what was read is here, and is never taken for another commit.
    other = "beef" * 10
    write_pin("EleutherAI/arithmetic", None, other, read_settings({"PARTWAY_STATE": str(tmp_path)}))
    again = loaded(tmp_path, hub, "piqa", "arithmetic_2da", "rte")
    assert again["piqa"] == first["piqa"]
    assert again["arithmetic_2da"].startswith("6 ")
    assert other in again["arithmetic_2da"]
    assert again["rte"].startswith("6 The data set nyu-mll/glue cannot be reached")
    write_pin("baber/piqa", None, other, read_settings({"PARTWAY_STATE": str(tmp_path)}))
    assert f"holds commit {COMMIT}, not {other}" in loaded(tmp_path, hub, "piqa")["piqa"]


def test_the_command_pins_a_suite_and_tells_what_it_could_not(tmp_path: Path) -> None:
    command = ["-m", "core", "icl", "pin", "--json"]
    with fake_hub(HUB) as hub:
        done = run(command, tmp_path, hub)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert len(found) == 19
        assert {one["commit"] for one in found} == {COMMIT}
        shown = run(["-m", "core", "icl", "show", "boolq", "--json"], tmp_path, hub)
        assert json.loads(shown.stdout)["commit"] == COMMIT
    (tmp_path / "revisions.json").unlink()
    done = run(command, tmp_path, hub)  # no network
    assert done.returncode == 6
    assert done.stderr.startswith("The hub cannot be reached (")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "revisions.json").exists()


def test_a_pin_is_a_commit_and_a_broken_file_says_so(tmp_path: Path) -> None:
    settings = read_settings({"PARTWAY_STATE": str(tmp_path)})
    write_pin("a/b", None, COMMIT, settings)
    write_pin("a/b", "next", "ab" * 20, settings)
    assert commit_of("a/b", None, settings) == COMMIT
    assert commit_of("a/b", "next", settings) == "ab" * 20
    assert commit_of("a/b", "cd" * 20, settings) == "cd" * 20, "a commit needs no pin"
    pins_file(settings).write_text('{"a/b": {"commit": "main"}}')
    with pytest.raises(TaskError, match="icl pin"):
        read_pins(settings)
