"""A sweep that is killed at any moment goes on to the very same results."""

import subprocess
import sys
from pathlib import Path

from core.settings import ROOT
from tests.jobs.sweep_world import contents
from tests.small_suite import write_small_suite

CALLS = 24  # two λ, each 3 tasks × 3 batches and 3 answers


def test_killed_at_every_second_engine_call(tmp_path: Path) -> None:
    suites = write_small_suite(tmp_path / "tasks")
    command = [sys.executable, "-m", "tests.jobs.killed_sweeps"]
    done = subprocess.run(
        [*command, str(suites), str(tmp_path / "results"), str(CALLS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = contents(tmp_path / "results" / "whole")
    assert len(expected) > CALLS
    lines = [list(map(int, line.split())) for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == list(range(1, CALLS + 1, 2))
    for call, kept, computed, whole in lines:
        assert kept + computed == whole, f"call {call}: nothing flushed is asked for again"
        assert contents(tmp_path / "results" / str(call)) == expected, f"killed at call {call}"
