"""A worker whose engine is made up and slow: python -m tests.jobs.slow_worker SUITES JOB_DIR."""

import sys
import time
from pathlib import Path

import core.jobs.jobs
from core.engine.protocol import Engine
from core.jobs.worker import main
from core.settings import Settings
from tests.jobs.sweep_world import CountingEngine, use_small_suites

SECONDS_A_CALL = 0.2
OURS = ("-m", "tests.jobs.slow_worker")


class SlowEngine(CountingEngine):
    """Takes its time."""

    def before_call(self) -> None:
        time.sleep(SECONDS_A_CALL)


def open_slow(name: str, settings: Settings) -> Engine:
    return SlowEngine()


def launch_slow(
    command: list[str], folder: Path, settings: Settings, held: tuple[int, ...] = ()
) -> None:
    """The next job of the queue gets such a worker too."""
    launch([command[0], *OURS, sys.argv[1], *command[3:]], folder, settings, held)


if __name__ == "__main__":
    launch = core.jobs.jobs.launch
    setattr(core.jobs.jobs, "launch", launch_slow)  # noqa: B010
    use_small_suites(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:], open_slow))
