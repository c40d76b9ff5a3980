"""Run by test_ray.py: a sweep over a Ray cluster of its own, whose driver stops half-way.

    python -m tests.jobs.ray_driver FOLDER        (suites, state and results lie in it)

Prints a line when as many items are there as should be, and waits to be killed, while an
engine computes.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from core.engine.opening import open_engine
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.store.runs import RunStore
from tests.jobs.sweep_world import small_plan, use_small_suites
from tests.private_settings import settings_for

GRID = "0,0.5,1"
HALF = 50
HOURS_SECONDS = 3600


def wait_in_the_middle(progress: Progress) -> None:
    if progress.done >= HALF:
        sys.stdout.write("half\n")
        sys.stdout.flush()
        time.sleep(HOURS_SECONDS)


def main(folder: Path) -> None:
    use_small_suites(folder / "tasks" / "suites")
    settings = settings_for(folder, folder / "pairs.toml")
    engine = open_engine("ray:local", replace(settings, device="fake", ray_actors=2))
    run_sweep(small_plan(GRID), engine, RunStore(folder / "results"), wait_in_the_middle)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
