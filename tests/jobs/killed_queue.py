"""Run by test_killed_queue.py: queues of jobs whose processes are killed at random lines.

    python -m tests.jobs.killed_queue SUITES PAIRS FOLDER SCENARIOS KILLS

Each scenario puts two jobs of one pair, with λ in common, into a queue, and pauses, cancels, moves,
resumes and retries them at random. Every process that takes part (the workers, and each command
of the person) is forked, so that lm_eval is imported once, and may be killed (SIGKILL) when it has
executed so many lines of core/jobs and core/store; half of the workers leave torn lines.
Prints the requests of a sweep that nobody stops, then one line a scenario: its number, processes
killed, cancels, requests.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import core.jobs.jobs as jobs
import core.jobs.steered as steered
import core.jobs.sweep
import core.jobs.worker as worker
from core.engine.protocol import Engine
from core.errors import InputError
from core.jobs import steering
from core.jobs.holding import is_held
from core.jobs.job_folder import TURN, jobs_folder
from core.jobs.state import JobState
from core.settings import ROOT, Settings
from core.store.environment import read_environment
from core.store.runs import RunStore
from tests.jobs.sweep_world import FilesEngine, silent, small_plan, use_small_suites

GRIDS = ("0,1", "0,0.5,1")
TRACED = tuple(str(ROOT / "core" / name) + os.sep for name in ("jobs", "store"))
TORN = b'{"item":"w3","task":"small_ch'
PATIENCE_SECONDS = 60.0
MOST_HANDLES = 256
WORKER_LINES, COMMAND_LINES = 16_000, 500  # about as many as each has to its end


class Scenario:
    """One queue, and the processes that are to be killed in it."""

    def __init__(self, number: int, folder: Path, settings: Settings, kills: int) -> None:
        self.number, self.settings = number, settings
        self._taken, self._killed = folder / "taken", folder / "killed"
        self._asked = folder / "asked"
        for path in (self._taken, self._killed, self._asked):
            path.touch()
        self._draw = random.Random(number)
        self._points = [self._draw.random() for _ in range(kills)]  # of a process's lines
        self._cancels = 0

    def run(self) -> None:
        for grid in GRIDS:
            self._person(partial(jobs.start_job, small_plan(grid), self.settings))
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._finished():
            assert time.monotonic() < end, jobs.list_jobs(self.settings)
            for job in jobs.list_jobs(self.settings):
                self._meddle(job)
            self._person(lambda: jobs.advance(self.settings))
            time.sleep(0.01)
        while is_held(jobs_folder(self.settings) / TURN):
            time.sleep(0.005)

    def report(self) -> str:
        killed, asked = (path.stat().st_size for path in (self._killed, self._asked))
        return f"{self.number} {killed} {self._cancels} {asked}"

    def _finished(self) -> bool:
        told = jobs.list_jobs(self.settings)
        done = {str(job.plan.grid) for job in told if job.status == "done"}
        if len(done) < len(GRIDS) and len({str(job.plan.grid) for job in told}) < len(GRIDS):
            for grid in GRIDS:  # whoever was killed while starting a job starts it again
                if small_plan(grid).grid not in {job.plan.grid for job in told}:
                    self._person(partial(jobs.start_job, small_plan(grid), self.settings))
        return len(done) == len(GRIDS) and not any(job.active for job in told)

    def _meddle(self, job: JobState) -> None:
        """As an impatient person would; everything that stands is set going again at last."""
        again = {"paused": steering.resume, "cancelled": steering.retry}
        again["interrupted"] = steering.retry
        assert job.status != "failed", job.message
        moves: list[Callable[[], object]] = []
        if (change := again.get(job.status)) and not job.ready:
            moves.append(lambda: change(job.job_id, self.settings))
        elif job.active and self._draw.random() < 0.3 and self._left():
            what = self._draw.choice(("pause", "pause", "cancel", "next"))
            if what == "next":
                moves.append(lambda: steering.move(job.job_id, "next", self.settings))
            else:
                self._cancels += what == "cancel"
                moves.append(lambda: getattr(steering, what)(job.job_id, self.settings))
        for move in moves:
            self._person(move)

    def _left(self) -> bool:
        return self._taken.stat().st_size < len(self._points)

    def _person(self, command: Callable[[], object]) -> None:
        """A command in a process of its own, waited for."""
        child = os.fork()
        if child == 0:
            self._arm(COMMAND_LINES)
            try:
                command()
            except InputError:  # the job went on meanwhile: the person is told, and nothing more
                pass
            except BaseException as error:
                print(f"scenario {self.number}: {error!r}", file=sys.stderr, flush=True)
            os._exit(0)
        os.waitpid(child, 0)

    def launch(
        self, command: list[str], folder: Path, settings: Settings, held: tuple[int, ...] = ()
    ) -> None:
        """In place of `jobs.launch`: the worker is forked; it inherits the locks all the same."""
        sys.settrace(None)
        if os.fork():
            return
        os.setsid()
        log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for handle in set(range(3, MOST_HANDLES)).difference(held):  # as `subprocess` does
            with suppress(OSError):
                os.close(handle)
        self._arm(WORKER_LINES)
        code = worker.main(command[3:], self._open)
        os._exit(code)

    def _open(self, name: str, settings: Settings) -> Engine:
        scenario = self

        class Noting(FilesEngine):
            def before_call(self) -> None:
                with scenario._asked.open("ab") as target:
                    target.write(b"." * (self.asked - self.noted))
                self.noted = self.asked

            noted = 0

        return Noting(settings)

    def _arm(self, lines: int) -> None:
        """Die after so many lines, if there is a kill left for this process."""
        with self._taken.open("ab") as taken:
            taken.write(b".")
            mine = taken.tell() - 1
        left = 1 + int(lines * self._points[mine]) if mine < len(self._points) else 0
        torn = lines == WORKER_LINES and mine % 2 == 0

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal left
            if event == "line":
                left -= 1
                if left == 0:
                    self._die(torn)
            return line

        def call(frame: FrameType, event: str, argument: Any) -> Any:
            return line if frame.f_code.co_filename.startswith(TRACED) else None

        if left:
            sys.settrace(call)

    def _die(self, torn: bool) -> None:
        sys.settrace(None)
        if torn:
            _tear(self.settings.results)
        with self._killed.open("ab") as killed:
            killed.write(b".")
        os.kill(os.getpid(), signal.SIGKILL)


def _tear(results: Path) -> None:
    """Half a line behind the last whole one, as a write that was cut short leaves it."""
    begun = [
        folder / "records.jsonl"
        for kind in ("runs", "generations", "judgments")
        for folder in (results / kind).glob("*")
        if (folder / "spec.json").exists() and not (folder / "summary.json").exists()
    ]
    for path in [*begun, *(results / "jobs").glob("*/events.jsonl")]:
        with path.open("ab") as target:
            target.write(TORN)


def main(suites: Path, pairs: Path, folder: Path, scenarios: int, kills: int) -> None:
    use_small_suites(suites)
    environment = read_environment("none")
    patches: list[tuple[Any, str, object]] = [
        (core.jobs.sweep, "read_environment", lambda *_: environment),  # it asks git each time
        (steered, "LOOK_SECONDS", 0.005),
        (os, "fsync", lambda handle: None),  # a killed process loses nothing that it has written
    ]
    for module, name, replacement in patches:
        setattr(module, name, replacement)
    whole = Settings(folder / "whole", folder / "state", pairs)
    engine = FilesEngine(whole)
    for grid in GRIDS:
        store = RunStore(whole.results)
        core.jobs.sweep.run_sweep(small_plan(grid), engine, store, silent)
    print(engine.asked, flush=True)
    for number in range(scenarios):
        own = folder / str(number)
        settings = Settings(own / "results", folder / "state", pairs)
        settings.results.mkdir(parents=True)
        scenario = Scenario(number, own, settings, kills)
        jobs.launch = scenario.launch
        scenario.run()
        print(scenario.report(), flush=True)


if __name__ == "__main__":
    small, registry, below, *counts = sys.argv[1:]
    main(Path(small), Path(registry), Path(below), *map(int, counts))
