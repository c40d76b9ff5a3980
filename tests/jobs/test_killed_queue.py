"""Whole queues of jobs, killed at random lines of their code, end in the same results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT
from core.store.filmstrips import FilmstripStore, Wanted
from tests.jobs.sweep_world import BATCH_ITEMS, contents
from tests.small_suite import write_small_suite
from tests.tiny_pair import write_registry, write_tiny_pair

KILLS = 10  # that a scenario may have: half of workers, half of commands
# Scenarios, the fewest that must have been killed, and the requests of the largest batch: three
# choices an item of a sweep; two prompts at two λ of a list.
WORLDS = {"sweeps": (8, 50, 3 * BATCH_ITEMS), "studies": (4, 24, 4)}


@pytest.mark.parametrize("world", WORLDS)
def test_queues_killed_at_random_lines_end_in_the_same_bytes(world: str, tmp_path: Path) -> None:
    count, fewest, batch = WORLDS[world]
    suites = write_small_suite(tmp_path / "tasks")
    (tmp_path / "pair").mkdir()
    pairs = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path / "pair"))
    folder = tmp_path / "queues"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.jobs.killed_queue", world),
            *(str(suites), str(pairs), str(folder), str(count), str(KILLS)),
        ],
        cwd=ROOT,
        env={**os.environ, "PARTWAY_PAIRS": str(pairs), "PARTWAY_STATE": str(folder / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = contents(folder / "whole" / "results")
    strips = answers(folder / "whole" / "results")
    assert bool(strips) == (world == "studies")
    whole, *lines = done.stdout.splitlines()
    scenarios = [tuple(map(int, line.split())) for line in lines]
    assert [number for number, *_ in scenarios] == list(range(count))
    for number, killed, cancels, asked in scenarios:
        results = folder / str(number) / "results"
        assert contents(results) == expected, f"scenario {number}"
        assert answers(results) == strips, f"scenario {number}"
        twice = asked - int(whole)
        assert 0 <= twice <= (killed + cancels) * batch, "at most the batch under way"
    assert sum(killed for _, killed, _, _ in scenarios) >= fewest, done.stdout


def answers(results: Path) -> dict[str, object]:
    """What each filmstrip says, without when it was written."""
    shelf = FilmstripStore(results)
    strips = [shelf.read(head.strip_id) for head in shelf.search(Wanted()).heads]
    return {strip.strip_id: (strip.answers, strip.prompts) for strip in strips}
