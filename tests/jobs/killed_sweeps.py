"""Run by test_killed.py: sweeps in child processes that are killed at every possible moment.

    python -m tests.jobs.killed_sweeps SUITES RESULTS CALLS

For every second engine call k there is a child that dies at call k with a half-written line behind
its last whole one, and is followed by one that runs to the end. Forked, so that lm_eval is
imported once. Prints one line a kill: k, items asked twice.
"""

import os
import signal
import sys
from pathlib import Path

from core.jobs.sweep import run_sweep
from core.jobs.work import plan_work
from core.store.runs import RunStore
from tests.jobs.sweep_world import CountingEngine, silent, small_plan, use_small_suites

GRID = "0,1"
TORN = b'{"item":"w3","task":"small_ch'


class DyingEngine(CountingEngine):
    """Kills its process at a given call."""

    def __init__(self, last_call: int, results: Path) -> None:
        super().__init__()
        self._last_call, self._results = last_call, results

    def before_call(self) -> None:
        if self.calls == self._last_call:
            for folder in self._results.glob("*/*"):
                if (folder / "spec.json").exists() and not (folder / "summary.json").exists():
                    with (folder / "records.jsonl").open("ab") as records:
                        records.write(TORN)
            os.kill(os.getpid(), signal.SIGKILL)


def die_at(call: int, results: Path) -> None:
    child = os.fork()
    if child == 0:
        run_sweep(small_plan(GRID), DyingEngine(call, results), RunStore(results), silent)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, status


def main(suites: Path, results: Path, calls: int) -> None:
    use_small_suites(suites)
    engine = CountingEngine()
    run_sweep(small_plan(GRID), engine, RunStore(results / "whole"), silent)
    assert engine.calls == calls, engine.calls
    work = plan_work(small_plan(GRID), engine.load("tiny"))
    whole = sum(work.count(step) for step in work.all_steps())
    for call in range(1, calls + 1, 2):
        folder = results / str(call)
        die_at(call, folder)
        kept = sum(
            path.read_bytes().count(b"\n")
            for kind in ("runs", "generations")
            for path in (folder / kind).glob("*/records.jsonl")
        )
        outcome = run_sweep(small_plan(GRID), CountingEngine(), RunStore(folder), silent)
        print(call, kept, outcome.computed, whole, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
