"""How long the server takes from a slider's release to the redrawn page.

    python -m tests.bench.slider [--moves 60]

Starts the app on an invented sweep, speaks Streamlit's own websocket protocol without a
browser, moves λ (and then r, the worth of a point) from stop to stop and prints a table:
milliseconds from the message to the end of the script run, cold start to first chart, and bytes
sent. It asserts nothing: it measures this machine as it is, other work included (the load is
printed beside it).
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from core.settings import ROOT
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep

PORT = 8599
PAUSE_SECONDS = 0.15  # between moves, as a person makes them
AIM_MS = 150


@dataclass(frozen=True, slots=True)
class Slider:
    """A slider on the page: λ is the first, r the second."""

    id: str
    fragment: str
    stops: tuple[str, ...]


@dataclass(slots=True)
class Run:
    """What one script run sent."""

    seconds: float
    size: int
    charts: int
    sliders: tuple["Slider", ...] = ()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=60)
    moves = parser.parse_args().moves
    with tempfile.TemporaryDirectory() as folder:
        write_synthetic_sweep(Path(folder) / "results", Invented(parents=parents_now()))
        process = _serve(Path(folder))
        try:
            first, runs, weighed, cpu = asyncio.run(_measure(moves, process.pid))
        finally:
            process.terminate()
            process.wait()
    _print(first, runs, weighed, cpu)


def _serve(folder: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "PARTWAY_RESULTS": str(folder / "results"),
        "PARTWAY_STATE": str(folder / "state"),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={PORT}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, **quiet)  # type: ignore[call-overload]
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=1).close()
            return process  # type: ignore[no-any-return]
        except OSError:
            time.sleep(0.05)


async def _measure(moves: int, server: int) -> tuple[Run, list[Run], list[Run], float]:
    address = f"ws://127.0.0.1:{PORT}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        first = await _run(socket, BackMsg(rerun_script={"query_string": "lam=0"}))  # type: ignore[arg-type]
        await asyncio.sleep(1)
        before = cpu_seconds(server)
        runs = await _moves(socket, first.sliders[0], moves)
        cpu = (cpu_seconds(server) - before) / moves
        weighed = await _moves(socket, first.sliders[1], moves)
    return first, runs, weighed, cpu


async def _moves(socket: ClientConnection, slider: Slider, moves: int) -> list[Run]:
    runs = []
    for at in range(moves):
        await asyncio.sleep(PAUSE_SECONDS)
        runs.append(await _run(socket, _move(slider, at)))
    return runs


def cpu_seconds(pid: int) -> float:
    """Processor time of the server so far, which other work on the machine does not change."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _move(slider: Slider, at: int) -> BackMsg:
    """The slider at its next stop, as the browser would send it."""
    message = BackMsg()
    message.rerun_script.query_string = "lam=0"
    message.rerun_script.fragment_id = slider.fragment
    state = WidgetState(id=slider.id)
    state.string_array_value.data.append(slider.stops[1 + at % (len(slider.stops) - 1)])
    message.rerun_script.widget_states.widgets.append(state)
    return message


async def _run(socket: ClientConnection, message: BackMsg) -> Run:
    began = time.perf_counter()
    await socket.send(message.SerializeToString())
    run = Run(0.0, 0, 0)
    while True:
        data = await socket.recv()
        assert isinstance(data, bytes)
        run.size += len(data)
        received = ForwardMsg.FromString(data)
        _note(run, received)
        if received.WhichOneof("type") == "script_finished":
            run.seconds = time.perf_counter() - began
            return run


def _note(run: Run, message: ForwardMsg) -> None:
    if message.WhichOneof("type") != "delta":
        return
    element = message.delta.new_element
    if element.WhichOneof("type") == "plotly_chart":
        run.charts += 1
    if element.WhichOneof("type") == "slider":
        slider = Slider(element.slider.id, message.delta.fragment_id, tuple(element.slider.options))
        run.sliders = (*run.sliders, slider)


def _print(first: Run, runs: list[Run], weighed: list[Run], cpu: float) -> None:
    times, others = _milliseconds(runs), _milliseconds(weighed)
    load = os.getloadavg()[0]
    print(f"{'what':<44}{'measured':>12}{'aim':>10}")
    print(f"{'first run on a fresh server, to all charts':<44}{first.seconds:>10.2f} s{'3 s':>10}")
    print(f"{'slider move, median':<44}{statistics.median(times):>9.0f} ms")
    print(f"{'slider move, p95':<44}{_p95(times):>9.0f} ms{f'{AIM_MS} ms':>10}")
    print(f"{'slider move, slowest':<44}{times[-1]:>9.0f} ms")
    print(f"{'slider move, processor time of the server':<44}{1000 * cpu:>9.0f} ms")
    print(f"{'move of r, median':<44}{statistics.median(others):>9.0f} ms")
    print(f"{'move of r, p95':<44}{_p95(others):>9.0f} ms{f'{AIM_MS} ms':>10}")
    print(f"{'charts redrawn by a move':<44}{runs[-1].charts:>12}")
    print(f"{'bytes sent by a move':<44}{runs[-1].size:>12,}")
    print(f"{len(runs)} moves; load {load:.1f} on {os.cpu_count()} cores")


def _milliseconds(runs: list[Run]) -> list[float]:
    return sorted(1000 * run.seconds for run in runs)


def _p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(0.95 * len(times)))]


if __name__ == "__main__":
    main()
