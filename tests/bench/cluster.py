"""A sweep over Ray against the same sweep in one process, on this machine.

    python -m tests.bench.cluster [--grid 0.45,0.55] [--limit 40]

The embedded pair, one thread an engine, results thrown away. Start is everything before the first
item: the cluster, torch in every actor, the pair; the first way also imports lm-eval and builds the
prompts, which the others find there. Afterwards the answers are compared byte for
byte. On two cores two engines can at best halve the rest, and the driver's own work (prompts,
metrics, files) takes a share of them; it says nothing about GPUs or a network.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from core.engine.opening import open_engine
from core.jobs.plan import SweepPlan
from core.jobs.progress import Progress
from core.jobs.sweep import run_sweep
from core.lam import parse_grid
from core.settings import Settings, read_settings
from core.store.runs import RunStore
from tests.jobs.sweep_world import contents

PAIR = "tinyworld"
WAYS = (("one process", "inprocess", None), ("Ray, 1 engine", "ray:local", 1),
        ("Ray, 2 engines", "ray:local", 2))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one way, and what it left behind."""

    way: str
    start: float
    items: int
    rest: float
    found: dict[str, bytes]


def main() -> None:
    """Measure every way once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grid", default="0.45,0.55")
    parser.add_argument("--limit", type=int, default=40)
    given = parser.parse_args()
    plan = SweepPlan(PAIR, parse_grid(given.grid), limit=given.limit)
    settings = replace(read_settings(), threads=1)
    took = [measure(plan, replace(settings, ray_actors=n), way, e) for way, e, n in WAYS]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {took[0].items} items")
    for one in took:
        same = "the same bytes" if one.found == took[0].found else "OTHER BYTES"
        print(
            f"{one.way:15} start {one.start:5.1f} s, then {one.rest:5.1f} s "
            f"({took[0].rest / one.rest:.2f} times as fast; {same})"
        )


def measure(plan: SweepPlan, settings: Settings, way: str, engine_name: str) -> Took:
    """One sweep into a folder of its own."""
    marks: list[float] = []

    def report(progress: Progress) -> None:
        if progress.stage != "loading":
            marks.append(time.monotonic())

    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        engine = open_engine(engine_name, settings)
        outcome = run_sweep(plan, engine, RunStore(Path(folder)), report, settings.threads)
        start, rest = marks[0] - begun, marks[-1] - marks[0]
        return Took(way, start, outcome.computed, rest, contents(Path(folder)))


if __name__ == "__main__":
    main()
