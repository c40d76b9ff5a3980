"""The engine's speed as ratios, each measured in one run on this machine.

    python -m tests.bench.engine [--mergekit ENV/bin/mergekit-yaml] [--parameters 500]
                                 [--scratch DIR] [--only write,merge,latency,many,join]

* write    a λ written into the live weights, against the machine's own copy bandwidth
* merge    from λ to a usable model, against mergekit writing the same merge and loading it
           (a random bfloat16 pair made on the spot; skipped where mergekit is not given)
* latency  a one-token conversation with the host, alone and while a sweep runs
* many     several λ at once; see `tests/bench/many_lams.py`
* join     several clients at one λ, in one batch against by turns; see `tests/bench/join.py`

What a GPU does with 8 billion parameters: `tests/bench/gpu.py`. Every pair of numbers is taken by
turns and the fastest of several is kept, by the clock and in processor time, which other programs
disturb less; each ratio is given for both, the clock's first. It asserts nothing; the load of the
machine is printed beside it. With a busy machine PARTWAY_THREADS=1 gives the steadier numbers.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from core.engine.device import choose_device, use_threads
from core.engine.loading import load_pair
from core.engine.protocol import Prompt
from core.engine.resident import Resident
from core.engine.supervisor import ensure_engine, stop_engine
from core.lam import Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry, find_pair
from core.settings import ROOT, Settings, read_settings
from core.spec import Decoding
from tests.bench import join, many_lams
from tests.bench.large_pair import write_large_pair
from tests.bench.mergekit_peer import Merge, run_command, run_in_process

PAIR = "tinyworld"
LAM = Lam(370)
TURNS = 9
MILLION = 1_000_000
ASKED = 40  # one-token conversations
PAUSE_SECONDS = 0.05
ROWS = ("write", "merge", "latency", "many", "join")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of the processor."""

    wall: float
    processor: float

    def plus(self, other: "Took") -> "Took":
        """One after the other."""
        return Took(self.wall + other.wall, self.processor + other.processor)

    def per(self, other: "Took") -> str:
        """Two ratios: by the clock and in processor time."""
        if not other.processor:
            return f"{self.wall / other.wall:.2f}"
        return f"{self.wall / other.wall:.2f} and {self.processor / other.processor:.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--mergekit", type=Path, help="the mergekit-yaml of an environment")
    parser.add_argument(
        "--parameters", type=int, default=500, help="of the random pair, in millions"
    )
    parser.add_argument("--scratch", type=Path, help="folder for some GB of random weights")
    parser.add_argument("--only", default=",".join(ROWS))
    given = parser.parse_args()
    transformers_logging.disable_progress_bar()
    settings = read_settings()
    use_threads(settings)
    wanted = set(given.only.split(","))
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        if wanted & {"write", "merge"}:
            _weights(settings, given, Path(scratch), wanted)
        if "latency" in wanted:
            measure_latency(Path(scratch))
    sys.argv[1:] = []  # the others read what is given to them
    if "many" in wanted:
        many_lams.main()
    if "join" in wanted:
        join.main()
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    say(f"{torch.get_num_threads()} threads; {load}")


def _weights(
    settings: Settings, given: argparse.Namespace, scratch: Path, wanted: set[str]
) -> None:
    large = write_large_pair(scratch, given.parameters * MILLION)
    for entry in (find_pair(PAIR, settings), large):
        resident = load_pair(check_pair(entry, settings), choose_device(settings))
        if "write" in wanted:
            measure_write(resident)
    if "merge" in wanted:
        measure_merge(resident, large, given.mergekit, scratch)


def measure_write(resident: Resident) -> None:
    """λ between the ends reads two copies and writes one; a copy reads one and writes one."""
    merged = resident.merged
    size = sum(slot.live.nbytes for slot in merged.slots)
    source, target = (torch.zeros(size, dtype=torch.uint8, device=resident.device) for _ in "ab")
    lams = [Lam(t) for t in range(100, 100 + 2 * TURNS)]

    def write() -> None:
        merged.set_lam(lams.pop())

    copying, writing = fastest((lambda: target.copy_(source), write), resident.device)
    title = f"write λ, {resident.loaded.parameters / MILLION:.1f} M {resident.loaded.dtype}"
    traffic = Took(1.5 * copying.wall, 1.5 * copying.processor)  # the same bytes, merely copied
    say(
        f"{title:<40}{1000 * writing.wall:>9.2f} ms  {3 * size / writing.wall / 1e9:.1f} GB/s of "
        f"{2 * size / copying.wall / 1e9:.1f} copied: {traffic.per(writing)} (aim ≥ 0.9 on a CPU)"
    )


def measure_merge(
    resident: Resident, entry: PairEntry, command: Path | None, scratch: Path
) -> None:
    """The parents of ours are loaded; mergekit reads them from files the system has cached."""
    if command is None:
        say("λ to a usable model: skipped, give --mergekit ENV/bin/mergekit-yaml")
        return
    merge = Merge(Path(entry.base), Path(entry.instruct), LAM)
    token = torch.zeros((1, 1), dtype=torch.long, device=resident.device)
    lams = [Lam(t) for t in range(100, 100 + 4 * TURNS)]
    with torch.inference_mode():
        ours, first = fastest(
            (lambda: resident.at(lams.pop()), lambda: resident.at(lams.pop())(token)),
            resident.device,
        )
    out = scratch / "theirs"
    written = took(lambda: run_command(command, merge, scratch, out))
    (loading,) = fastest((lambda: _load(out),), resident.device, 3)
    theirs = written.plus(loading)
    warm = Took(*run_in_process(command, merge, scratch, scratch / "warm")).plus(loading)
    millions = f"{resident.loaded.parameters / MILLION:.0f} M"
    say(f"λ to a usable model, {millions:<19}{1000 * ours.wall:>9.2f} ms")
    say(f"{'  and its first token':<40}{1000 * first.wall:>9.2f} ms")
    ratio = f"{theirs.per(ours)} times ours (aim ≥ 50)"
    say(f"{'  mergekit-yaml, then loading':<40}{theirs.wall:>9.2f} s   {ratio}")
    ratio = f"{warm.per(ours)} times ours"
    say(f"{'  mergekit in a warm process, loading':<40}{warm.wall:>9.2f} s   {ratio}")


def _load(folder: Path) -> Tensor:
    """A model whose weights have been read, not only mapped."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    return torch.stack([p.view(-1)[::1024].float().sum() for p in model.parameters()]).sum()


def measure_latency(scratch: Path) -> None:
    """A host and a sweep of its own, in processes of their own."""
    environment = {
        **os.environ,
        "PARTWAY_RESULTS": str(scratch / "results"),
        "PARTWAY_STATE": str(scratch / "state"),
    }
    settings = read_settings(environment)
    client = ensure_engine(settings)
    try:
        client.load(PAIR)

        def one_token() -> None:
            list(client.stream(PAIR, LAM, Prompt("The river"), Decoding(1)))

        alone = _times(one_token)
        sweep = subprocess.Popen(
            [sys.executable, "-m", "core", "sweep", "--pair", PAIR, "--grid", "0.05:0.95:0.1"],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for_records(scratch / "results", sweep)
            beside = _times(one_token)
            status = "still running" if sweep.poll() is None else "it had ended: too short a sweep"
        finally:
            sweep.terminate()
            sweep.wait()
    finally:
        stop_engine(settings)
    for title, times in (("alone", alone), (f"beside a sweep ({status})", beside)):
        middle, p95 = statistics.median(times), sorted(times)[int(0.95 * len(times))]
        say(f"one token from the host, {title}: {1000 * middle:.0f} ms, p95 {1000 * p95:.0f} ms")


def fastest(
    acts: Sequence[Callable[[], object]], device: torch.device, turns: int = TURNS
) -> list[Took]:
    """The least that each takes, by turns."""
    found = [[took(act, device) for act in acts] for _ in range(turns)]
    return [
        Took(min(one.wall for one in each), min(one.processor for one in each))
        for each in zip(*found, strict=True)
    ]


def took(act: Callable[[], object], device: torch.device | None = None) -> Took:
    """How long it takes, the device's own work and ended child processes included."""
    began, busy = time.perf_counter(), _processor_seconds()
    act()
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)
    return Took(time.perf_counter() - began, _processor_seconds() - busy)


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _times(act: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(ASKED):
        found.append(took(act).wall)
        time.sleep(PAUSE_SECONDS)
    return found


def _wait_for_records(results: Path, sweep: "subprocess.Popen[bytes]") -> None:
    """Until the sweep measures, and no longer loads."""
    while sweep.poll() is None and not list(results.glob("runs/*/records.jsonl")):
        time.sleep(0.1)


def say(line: str) -> None:
    """One line of the table, as soon as it is known."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
