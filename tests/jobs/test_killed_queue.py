"""Whole queues of jobs, killed at random lines of their code, end in the same results."""

import os
import subprocess
import sys
from pathlib import Path

from core.settings import ROOT
from tests.jobs.sweep_world import BATCH_ITEMS, contents
from tests.small_suite import write_small_suite
from tests.tiny_pair import write_registry, write_tiny_pair

SCENARIOS, KILLS = 8, 9
FEWEST_KILLED = 50
REQUESTS_A_BATCH = 3 * BATCH_ITEMS  # three choices an item


def test_queues_killed_at_random_lines_end_in_the_same_bytes(tmp_path: Path) -> None:
    suites = write_small_suite(tmp_path / "tasks")
    (tmp_path / "pair").mkdir()
    pairs = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path / "pair"))
    folder = tmp_path / "queues"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.jobs.killed_queue"),
            *(str(suites), str(pairs), str(folder), str(SCENARIOS), str(KILLS)),
        ],
        cwd=ROOT,
        env={**os.environ, "PARTWAY_PAIRS": str(pairs), "PARTWAY_STATE": str(folder / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = contents(folder / "whole")
    whole, *lines = done.stdout.splitlines()
    scenarios = [tuple(map(int, line.split())) for line in lines]
    assert [number for number, *_ in scenarios] == list(range(SCENARIOS))
    for number, killed, cancels, asked in scenarios:
        assert contents(folder / str(number) / "results") == expected, f"scenario {number}"
        twice = asked - int(whole)
        assert 0 <= twice <= (killed + cancels) * REQUESTS_A_BATCH, "at most the batch under way"
    assert sum(killed for _, killed, _, _ in scenarios) >= FEWEST_KILLED, done.stdout
