"""How long a pair takes to load for the first time, again, and from files that were read before.

    python -m tests.bench.loading [--millions 500]

A random pair in bfloat16 is written, then loaded by three engines one after another: the first
reads both parents to know them by content and tries whether texts that begin alike can be computed
together; the second knows both; a third, with a folder of its own for what is known, does it all
again from files that the system holds in memory. Steps are told as the engine tells them to whoever
waits. It asserts nothing.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.engine.loading_now import LoadingWatch
from core.engine.torch_engine import TorchEngine
from core.settings import Settings
from tests.bench.large_pair import write_large_pair
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry

MILLION = 10**6
THREADS = 2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        entry = write_large_pair(folder, asked.millions * MILLION)
        settings = settings_for(folder, write_registry(folder / "pairs.toml", entry))
        settings = replace(settings, threads=THREADS)
        first = _load("first", settings)
        for name, state in (("again", settings.state), ("all anew", folder / "other")):
            took = _load(name, replace(settings, state=state))
            _say(f"{'':10} {first / took:.1f} times as fast as the first")


def _load(name: str, settings: Settings) -> float:
    with _steps() as steps:
        engine = TorchEngine(settings)
        begun, used = time.monotonic(), time.process_time()
        loaded = engine.load("large")
        took, used = time.monotonic() - begun, time.process_time() - used
    engine.close()
    parts = ", ".join(f"{step} {seconds:.1f}" for step, seconds in steps.items())
    what = f"{loaded.parameters / MILLION:.0f} M {loaded.dtype}"
    _say(f"{name:10} {what}: {took:.1f} s ({used:.1f} s of processor time): {parts}")
    return took


@contextmanager
def _steps() -> Iterator[dict[str, float]]:
    """Seconds by step, as they end."""
    seconds: dict[str, float] = {}
    stage, end = LoadingWatch.stage, LoadingWatch.end

    def note(watch: LoadingWatch) -> None:
        now = watch.now()
        if now is not None:
            seconds[now.stage] = seconds.get(now.stage, 0.0) + now.seconds

    def next_stage(watch: LoadingWatch, name: str, total: int) -> None:
        note(watch)
        stage(watch, name, total)

    def ended(watch: LoadingWatch) -> None:
        note(watch)
        end(watch)

    setattr(LoadingWatch, "stage", next_stage)  # noqa: B010  # mypy takes methods for constants
    setattr(LoadingWatch, "end", ended)  # noqa: B010
    try:
        yield seconds
    finally:
        setattr(LoadingWatch, "stage", stage)  # noqa: B010
        setattr(LoadingWatch, "end", end)  # noqa: B010


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
