"""Run by test_killed_queue.py: queues of jobs whose processes are killed at random lines.

    python -m tests.jobs.killed_queue WORLD SUITES PAIRS FOLDER SCENARIOS KILLS

A world is "sweeps" (two of one pair, with λ in common) or "studies" (two studies of reasoning that
share runs, and a list of prompts). Each scenario puts its jobs into a queue, and pauses, cancels,
moves, resumes and retries them at random. Every process that takes part (the workers, and each
command of the person) is forked, so that lm_eval is imported once, and may be killed (SIGKILL) when
it has executed so many lines of core/jobs and core/store; half of the workers leave torn lines.
Prints the requests where nobody stops anything, then one line a scenario: its number, processes
killed, cancels, requests.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import core.evals.reasoning
import core.jobs.batch
import core.jobs.jobs as jobs
import core.jobs.reasoning_run
import core.jobs.steered as steered
import core.jobs.sweep
import core.jobs.worker as worker
from core.engine.pool import Pool, PoolRequest
from core.engine.protocol import Engine, Generation, Prompt
from core.errors import InputError
from core.jobs import steering
from core.jobs.asked import Plan
from core.jobs.batch_plan import BatchPlan
from core.jobs.holding import is_held
from core.jobs.job_folder import TURN, job_folder, jobs_folder
from core.jobs.reasoning_plan import ReasoningPlan
from core.jobs.state import JobState
from core.lam import Lam, parse_grid
from core.settings import ROOT, Settings
from core.spec import Decoding
from core.store.environment import read_environment
from core.store.runs import FOLDERS
from core.tasks.prompt_list import ListedPrompt
from tests.hash_engine import HashEngine
from tests.jobs.sweep_world import FilesEngine, small_plan, use_small_suites

TRACED = (
    *(str(ROOT / "core" / name) + os.sep for name in ("jobs", "store")),
    str(ROOT / "tests" / "hash_engine.py"),  # so that a study dies while it is answered as well
)
TORN = b'{"item":"w3","task":"small_ch'
PATIENCE_SECONDS = 60.0
MOST_HANDLES = 256
COMMAND_LINES = 500  # about as many as each has to its end
Note = Callable[[int], None]  # told before so many requests are answered


@dataclass(frozen=True)
class World:
    """What is queued, and who answers."""

    plans: tuple[Plan, ...]
    engine: Callable[[Settings, Note], Engine]
    worker_lines: int  # about as many as each has to its end


class Sweeping(FilesEngine):
    """Answers sweeps."""

    def __init__(self, settings: Settings, note: Note) -> None:
        super().__init__(settings)
        self._note, self._noted = note, 0

    def before_call(self) -> None:
        self._note(self.asked - self._noted)
        self._noted = self.asked


class Studying(HashEngine):
    """Answers studies, where a request is a problem, and lists of prompts."""

    def __init__(self, settings: Settings, note: Note) -> None:
        super().__init__()
        self._note = note

    def pools(self, pair: str, lam: Lam, asked: Sequence[PoolRequest], *more: Any) -> list[Pool]:
        self._note(len(asked))
        return super().pools(pair, lam, asked, *more)

    def generate(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], *more: Any
    ) -> list[Generation]:
        self._note(len(prompts))
        return super().generate(pair, lam, prompts, *more)


def _study(grid: str, *protocols: str) -> ReasoningPlan:
    lams, parts = parse_grid(grid), ("original", "numbers")
    return ReasoningPlan(
        "hashes", lams, parts=parts, n=4, limit=6, protocols=protocols, graders=("rules",)
    )


PROMPTS = tuple(ListedPrompt(f"Prompt {at}") for at in range(9))
WORLDS = {
    "sweeps": World((small_plan("0,1"), small_plan("0,0.5,1")), Sweeping, 16_000),
    "studies": World(
        (
            _study("0,1", "symmetric"),
            _study("1,0", "symmetric", "published"),
            BatchPlan("hashes", parse_grid("0,1"), PROMPTS, Decoding(8)),
        ),
        Studying,
        14_000,
    ),
}


class Scenario:
    """One queue, and the processes that are to be killed in it."""

    def __init__(
        self, number: int, folder: Path, settings: Settings, kills: int, world: World
    ) -> None:
        self.number, self.settings, self.world = number, settings, world
        self._killed, self._asked = folder / "killed", folder / "asked"
        self._workers, self._commands = folder / "workers", folder / "commands"
        for path in (self._killed, self._asked, self._workers, self._commands):
            path.touch()
        self._draw = random.Random(number)
        self._points = [self._draw.random() for _ in range(kills)]  # of a process's lines
        self._cancels = 0

    def run(self) -> None:
        for plan in self.world.plans:
            self._person(partial(jobs.start_job, plan, self.settings))
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
        for plan in self.world.plans:  # whoever was killed while starting a job starts it again
            if plan not in [job.plan for job in told]:
                self._person(partial(jobs.start_job, plan, self.settings))
        done = [job.plan for job in told if job.status == "done"]
        whole = all(plan in done for plan in self.world.plans)
        return whole and not any(job.active for job in told)

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
        return self._workers.stat().st_size < len(self._points) // 2

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
        self._arm(self.world.worker_lines)
        code = worker.main(command[3:], self._open)
        os._exit(code)

    def _open(self, name: str, settings: Settings) -> Engine:
        return self.world.engine(settings, self._note)

    def _note(self, requests: int) -> None:
        with self._asked.open("ab") as target:
            target.write(b"." * requests)

    def _arm(self, lines: int) -> None:
        """Die after so many lines, if there is a kill left for this process."""
        works = lines == self.world.worker_lines
        with (self._workers if works else self._commands).open("ab") as taken:
            taken.write(b".")
            mine = taken.tell() - 1
        half = len(self._points) // 2  # each sort has its own kills
        points = self._points[:half] if works else self._points[half:]
        left = 1 + int(lines * points[mine]) if mine < len(points) else 0
        torn = works and mine % 2 == 0

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
        for kind in FOLDERS.values()
        for folder in (results / kind).glob("*")
        if (folder / "spec.json").exists() and not (folder / "summary.json").exists()
    ]
    diaries = (results / "jobs").glob("*/events.jsonl")
    for path in [*begun, *diaries, *(results / "batches").glob("*/rows.jsonl")]:
        with path.open("ab") as target:
            target.write(TORN)


def main(name: str, suites: Path, pairs: Path, folder: Path, scenarios: int, kills: int) -> None:
    use_small_suites(suites)
    environment, world = read_environment("none"), WORLDS[name]
    measuring = (core.jobs.sweep, core.jobs.reasoning_run, core.jobs.batch)
    patches: list[tuple[Any, str, object]] = [
        *((module, "read_environment", lambda *_: environment) for module in measuring),  # asks git
        (core.evals.reasoning, "ROWS_A_FLUSH", 8),  # two problems of four answers
        (core.jobs.batch, "PORTION_PROMPTS", 2),
        (steered, "LOOK_SECONDS", 0.005),
        (os, "fsync", lambda handle: None),  # a killed process loses nothing that it has written
    ]
    for module, name, replacement in patches:
        setattr(module, name, replacement)
    whole = Settings(folder / "whole" / "results", folder / "state", pairs)
    print(_undisturbed(world, whole), flush=True)
    for number in range(scenarios):
        own = folder / str(number)
        settings = Settings(own / "results", folder / "state", pairs)
        settings.results.mkdir(parents=True)
        scenario = Scenario(number, own, settings, kills, world)
        jobs.launch = scenario.launch
        scenario.run()
        print(scenario.report(), flush=True)


def _undisturbed(world: World, settings: Settings) -> int:
    """The world's jobs, run to their ends in this process; how many requests they took."""
    asked: list[int] = []
    jobs.launch = lambda *_: None
    for plan in world.plans:
        folder = job_folder(jobs.start_job(plan, settings), settings)
        ending = worker.run_job(folder, settings, lambda *_: world.engine(settings, asked.append))
        assert ending.event == "finished", ending.message
    return sum(asked)


if __name__ == "__main__":
    kind, small, registry, below, *counts = sys.argv[1:]
    main(kind, Path(small), Path(registry), Path(below), *map(int, counts))
