"""The engine's speed as ratios, each measured in one run on this machine.

    python -m tests.bench.engine [--mergekit ENV/bin/mergekit-yaml] [--parameters 500]
                                 [--scratch DIR] [--only write,merge,latency,many]

* write    a λ written into the live weights, against the machine's own copy bandwidth
* merge    from λ to a usable model, against mergekit writing the same merge and loading it
           (a random bfloat16 pair made on the spot; skipped where mergekit is not given)
* latency  a one-token conversation with the host, alone and while a sweep runs
* many     several λ at once; see `tests/bench/many_lams.py`

Every pair of numbers is taken by turns and the fastest of several is kept, because other
programs disturb. It asserts nothing; the load of the machine is printed beside it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
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
from tests.bench import many_lams
from tests.bench.large_pair import write_large_pair
from tests.bench.mergekit_peer import Merge, run_command, run_in_process

PAIR = "tinyworld"
LAM = Lam(370)
TURNS = 9
MILLION = 1_000_000
ASKED = 40  # one-token conversations
PAUSE_SECONDS = 0.05
ROWS = ("write", "merge", "latency", "many")


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
    if "many" in wanted:
        sys.argv[1:] = []
        many_lams.main()
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

    copying, writing = fastest(lambda: target.copy_(source), write, resident.device)
    ratio = (3 * size / writing) / (2 * size / copying)
    title = f"write λ, {resident.loaded.parameters / MILLION:.1f} M {resident.loaded.dtype}"
    say(
        f"{title:<40}{1000 * writing:>9.2f} ms  {3 * size / writing / 1e9:6.1f} GB/s of "
        f"{2 * size / copying / 1e9:.1f} GB/s copied: {ratio:.2f} (aim ≥ 0.9 on a CPU)"
    )


def fastest(
    one: Callable[[], object], other: Callable[[], object], device: torch.device
) -> tuple[float, float]:
    """Seconds of each, by turns, the fastest of several."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for act, found in zip((one, other), times, strict=True):
            found.append(seconds(act, device))
    return min(times[0]), min(times[1])


def seconds(act: Callable[[], object], device: torch.device | None = None) -> float:
    """How long it takes, the device's own work included."""
    began = time.perf_counter()
    act()
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def measure_merge(
    resident: Resident, entry: PairEntry, command: Path | None, scratch: Path
) -> None:
    """The parents of ours are loaded; mergekit reads them from files that the system has cached."""
    if command is None:
        say("λ to a usable model: skipped, give --mergekit ENV/bin/mergekit-yaml")
        return
    merge = Merge(Path(entry.base), Path(entry.instruct), LAM)
    ours = min(seconds(lambda lam=lam: resident.at(lam)) for lam in _other_lams())  # type: ignore[misc]
    token = torch.zeros((1, 1), dtype=torch.long, device=resident.device)
    with torch.inference_mode():
        first = min(seconds(lambda lam=lam: resident.at(lam)(token)) for lam in _other_lams())  # type: ignore[misc]
    out = scratch / "theirs"
    written = min(run_command(command, merge, scratch, out) for _ in range(2))
    loading = min(seconds(lambda: _load(out)) for _ in range(3))
    warm = run_in_process(command, merge, scratch, scratch / "warm")
    theirs = written + loading
    millions = f"{resident.loaded.parameters / MILLION:.0f} M"
    say(f"λ to a usable model, {millions:<19}{1000 * ours:>9.2f} ms")
    say(f"{'  and its first token':<40}{1000 * first:>9.2f} ms")
    for title, theirs, aim in (
        ("  mergekit-yaml, then loading", written + loading, "aim ≥ 50"),
        ("  mergekit in a warm process, loading", warm + loading, "20 to 30 expected"),
    ):
        say(f"{title:<40}{theirs:>9.2f} s   {theirs / ours:.0f} times ours ({aim})")


def _other_lams() -> Sequence[Lam]:
    return [Lam(t) for t in (310, 640, 120, 870, 450)]


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


def _times(act: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(ASKED):
        found.append(seconds(act))
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
