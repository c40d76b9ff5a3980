"""How fast the Trade-off page redraws with 18 pairs × 13 λ × 21 tasks stored. SYNTHETIC numbers.

    python -m tests.bench.many_pairs [--moves 40] [--store FOLDER] [--tree FOLDER …]

Writes an invented store (its numbers say nothing about any model; real pairs are too large for
this bench), serves the app on it and speaks Streamlit's own protocol: the first run, moves of λ
and of r, another view, another pair, fewer tasks, four pairs beside. Milliseconds from the
message to the end of the script run, so network and browser are not in it. With several trees
each is measured on the same store, and the ratio of processor time (which other work on the
machine changes little) to the first is printed. It asserts nothing.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect

from core.settings import ROOT
from tests.bench.first_chart import free_port, serve, until_http
from tests.bench.slider import AIM_MS, PAUSE_SECONDS, Run, Slider, _move, _p95, _run, cpu_seconds
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep

GRID = "0:1:0.1,1.1,1.2"
CATEGORIES = ("general knowledge", "commonsense", "language", "symbols", "reading", "finance")
TASKS = tuple((f"task{at:02d}", CATEGORIES[at % 6], "MC", 5, "acc", 0.5) for at in range(21))
REPEATS = 6


@dataclass(slots=True)
class Found:
    """Milliseconds by what was done, in the order of the table."""

    server: int  # its process
    times: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    async def run(self, what: str, socket: ClientConnection, message: BackMsg) -> Run:
        """One script run, by the clock and by the server's processor."""
        before = cpu_seconds(self.server)
        run = await _run(socket, message)
        self.times.setdefault(what, []).append(1000 * run.seconds)
        self.cpu.setdefault(what, []).append(1000 * (cpu_seconds(self.server) - before))
        return run


def main() -> None:
    """Write, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=18)
    parser.add_argument("--items", type=int, default=40, help="of each task")
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--store", type=Path, help="a folder to keep the store in, for next time")
    parser.add_argument("--tree", type=Path, nargs="*", default=[ROOT])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.store or Path(name)
        began = time.perf_counter()
        if not (folder / "pairs.toml").exists():
            _write(folder, asked.pairs, asked.items)
        print(
            f"SYNTHETIC store: {asked.pairs} pairs × 13 λ × {len(TASKS)} tasks × {asked.items} "
            f"items, written in {time.perf_counter() - began:.0f} s"
        )
        os.environ["PARTWAY_PAIRS"] = str(folder / "pairs.toml")
        found = {tree: _one(tree.resolve(), folder, asked.moves) for tree in asked.tree}
    _print(found)


def _write(folder: Path, pairs: int, items: int) -> None:
    """The embedded pair first, so that one is shown with its parents here; others by name."""
    usual = Invented(grid=GRID, items=items, tasks=TASKS, suite="icl-classic")
    write_synthetic_sweep(folder / "results", replace(usual, parents=parents_now()))
    names = [f"invented-{at:02d}" for at in range(1, pairs)]
    for name in names:
        write_synthetic_sweep(folder / "results", replace(usual, pair=name, content=name))
    entries = (
        f'[[pair]]\nname = "{n}"\nbase = "nobody/{n}"\ninstruct = "nobody/{n}-it"\n' for n in names
    )
    (folder / "pairs.toml").write_text("\n".join(entries), encoding="utf-8")


def _one(tree: Path, folder: Path, moves: int) -> Found:
    port = free_port()
    process = serve(tree, folder, port)
    try:
        until_http(port, time.perf_counter())
        return asyncio.run(_measure(port, Found(process.pid), moves))
    finally:
        process.terminate()
        process.wait()


async def _measure(port: int, found: Found, moves: int) -> Found:
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        first = await found.run("first run on a fresh server", socket, _page("lam=0"))
        await asyncio.sleep(1)
        await _slide(socket, found, "λ moved", first.sliders[0], moves)
        await _slide(socket, found, "r moved", first.sliders[1], moves)
    for what, queries in _asked().items():
        for query in queries:
            async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
                await found.run(what, socket, _page(query))
    four = "with=" + ",".join(f"invented-{at:02d}" for at in range(1, 5))
    async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        beside = await _run(socket, _page(f"lam=0&{four}"))
        await _slide(socket, found, "λ moved with four pairs beside", beside.sliders[0], moves)
    return found


def _asked() -> dict[str, list[str]]:
    """A visit each, with what it asks for; the first of a kind computes, later ones may not."""
    four = [",".join(f"invented-{at + o:02d}" for o in range(4)) for at in range(1, 1 + REPEATS)]
    return {
        "the same page once more": ["lam=0"] * REPEATS,
        "another view": [f"view={view}" for view in ("difference", "fractional", "corrected")] * 2,
        "fewer tasks, first time": [f"tasks=task{at:02d},task20" for at in range(REPEATS)],
        "fewer tasks, again": [f"tasks=task{at:02d},task20" for at in range(REPEATS)],
        "another pair, first time": [f"pair=invented-{at:02d}" for at in range(1, 1 + REPEATS)],
        "another pair, again": [f"pair=invented-{at:02d}" for at in range(1, 1 + REPEATS)],
        "four pairs beside, first time": [f"with={four[-1]}"],
        "four pairs beside, again": [f"with={four[-1]}"] * REPEATS,
    }


async def _slide(
    socket: ClientConnection, found: Found, what: str, slider: Slider, moves: int
) -> None:
    for at in range(moves):
        await asyncio.sleep(PAUSE_SECONDS)
        await found.run(what, socket, _move(slider, at))


def _page(query: str) -> BackMsg:
    return BackMsg(rerun_script={"query_string": query})  # type: ignore[arg-type]


def _print(found: dict[Path, Found]) -> None:
    reference = next(iter(found.values()))
    heads = ("median", "p95", "aim", "processor", "ratio")
    for tree, one in found.items():
        print(f"{tree}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"  {'milliseconds, server side':<32}" + "".join(f"{head:>10}" for head in heads))
        for what, times in one.times.items():
            middle, late = statistics.median(times), _p95(sorted(times))
            aim = f"{AIM_MS}" if "moved" in what else ""
            spent = statistics.fmean(one.cpu[what])
            ratio = spent / max(statistics.fmean(reference.cpu.get(what, one.cpu[what])), 1e-9)
            print(f"  {what:<32}{middle:>10.0f}{late:>10.0f}{aim:>10}{spent:>10.0f}{ratio:>10.2f}")


if __name__ == "__main__":
    main()
