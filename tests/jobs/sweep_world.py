"""A world in which sweeps take a second: small suites, a made-up engine that counts."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

import core.jobs.sweep
import core.jobs.work
from core.engine.fake import FakeEngine
from core.engine.protocol import (
    Generation,
    LoadedPair,
    OnProgress,
    Prompt,
    Score,
    ScoreRequest,
)
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.jobs.plan import SweepPlan
from core.jobs.progress import Progress
from core.jobs.work import pair_before_loading
from core.lam import Lam, parse_grid
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.spec import Decoding
from core.tasks.suites import load_suite

BATCH_ITEMS = 4
SECONDS = re.compile(rb',"seconds":[0-9.e-]+')  # how long an item took is never the same twice


class CountingEngine(FakeEngine):
    """Counts what it is asked; `before_call` may end the world."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = self.asked = 0

    def before_call(self) -> None:
        """For those who want to intervene."""

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        self.calls += 1
        self.asked += len(requests)
        self.before_call()
        return super().score(pair, lam, requests, on_progress)

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        self.calls += 1
        self.asked += len(prompts)
        self.before_call()
        return super().generate(pair, lam, prompts, decoding, on_progress)


def small_plan(grid: str = "0,0.5,1", limit: int | None = None) -> SweepPlan:
    return SweepPlan("tiny", parse_grid(grid), "small", "small-instructions", limit)


def use_small_suites(suites: Path) -> None:
    """Read suites from that folder and flush every few items (for a process of its own)."""
    patches: list[tuple[ModuleType, str, object]] = [
        (core.jobs.work, "load_suite", partial(load_suite, folder=suites)),
        (core.jobs.sweep, "score_items", partial(score_items, batch_items=BATCH_ITEMS)),
        (core.jobs.sweep, "answer_items", partial(answer_items, batch_items=1)),
    ]
    for module, name, replacement in patches:
        setattr(module, name, replacement)


def silent(progress: Progress) -> None:
    """A report that nobody reads."""


def contents(results: Path) -> dict[str, bytes]:
    """What a sweep leaves behind, without times (env.json, the sweep's `created`, `seconds`)."""
    wanted = ("summary.json", "records.jsonl", "spec.json")
    files = [path for path in results.rglob("*") if path.name in wanted]
    prompts = list((results / "prompts").glob("*"))
    return {
        str(path.relative_to(results)): SECONDS.sub(b"", path.read_bytes())
        for path in files + prompts
    }


class FilesEngine(CountingEngine):
    """Knows a pair as its files tell it, so that a plan and a measurement have the same ids."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def load(self, pair: str) -> LoadedPair:
        report = check_pair(find_pair(pair, self._settings), self._settings)
        return pair_before_loading(report)
