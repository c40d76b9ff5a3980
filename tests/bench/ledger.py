"""How long the Items page takes with 100,000 item rows, server side.

    python -m tests.bench.ledger [--items 385] [--times 15] [--keep FOLDER]

Writes a made-up store (20 tasks × 385 items × 13 λ, labelled as such), starts the app on it and
speaks Streamlit's own websocket protocol without a browser: the first view of a fresh server,
which reads the records, the page opened again, and then each action as often as asked, with
medians and 95th percentiles from the message to the end of the script run. It asserts nothing:
it measures this machine as it is (the load is printed beside it).
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from core.settings import ROOT
from tests.bench.first_chart import free_port, serve, until_http
from tests.bench.made_ledger import write_made_ledger
from tests.bench.slider import cpu_seconds
from tests.synthetic_sweep import parents_now

PAUSE_SECONDS = 0.1
AIM_MS, FIRST_AIM_S = 150, 1.5
Fill = Callable[[WidgetState, int], None]


@dataclass(slots=True)
class Run:
    """One script run: how long, how much was sent, and the widgets it sent (key → id)."""

    seconds: float = 0.0
    size: int = 0
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)  # key → (id, fragment)
    said: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a person does, by the widget's key."""

    name: str
    key: str
    fill: Fill


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=385, help="of each of 20 tasks")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="write the store here, or use the one there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.keep or Path(folder)
        began = time.perf_counter()
        if not (home / "results" / "sweeps").is_dir():
            write_made_ledger(home / "results", asked.items, parents_now())
        print(f"made-up store ready after {time.perf_counter() - began:.0f} s", flush=True)
        port = free_port()
        process = serve(ROOT, home, port)
        try:
            until_http(port, time.perf_counter())
            asyncio.run(_measure(port, process.pid, asked.times, asked.items))
        finally:
            process.terminate()
            process.wait()


def _actions() -> Iterator[Action]:
    texts = ("river", "copper lamp", "item made_up_07", "stone", "no such text")
    groups = ("gained", "mixed", "never", "always", "lost")
    yield Action("first search of a text", "flip_find", _text(("orchard",)))
    yield Action("search", "flip_find", _text(texts))
    yield Action("search taken back", "flip_find", _text(("",)))
    yield Action("open the next item (j)", "flip_Next", _press)
    yield Action("next 100 items", "ledger_Next", _press)
    yield Action("another group", "flip_groups", _choice(groups))
    yield Action("both λ right", "cell_both", _press)
    yield Action("another λ", "flip_item_lam", _choice(("0.2", "0.9", "0.5", "0", "1.2")))
    yield Action("another order", "flip_sort", _option(("flip", "-margin", "flips", "task")))
    yield Action("another task", "flip_task", _option(("made_up_03", "made_up_09", "")))


async def _measure(port: int, server: int, times: int, items: int) -> None:
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    before = cpu_seconds(server)
    cold = await _open(address)
    spent = cpu_seconds(server) - before
    warm = await _open(address)
    if f"Of {20 * items:,} few" not in cold.said:
        raise SystemExit(f"The page does not show the made-up store. It says: {cold.said[:300]}")
    print(f"{'what':<34}{'median':>10}{'p95':>10}{'aim':>12}{'processor':>11}{'sent':>10}")
    print(f"{'first view of a fresh server':<34}{cold.seconds:>8.2f} s{spent:>31.2f} s")
    aim = f"{FIRST_AIM_S} s"
    print(f"{'first view after that':<34}{warm.seconds:>8.2f} s{'':>10}{aim:>12}{warm.size:>21,}")
    async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        page = await _run(socket, _first())
        for action in _actions():
            often = 1 if action.name.startswith("first") else times
            before = cpu_seconds(server)
            runs = [await _act(socket, page, action, at) for at in range(often)]
            _print(action.name, runs, (cpu_seconds(server) - before) / often)
    print(f"{times} times each; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


async def _open(address: str) -> Run:
    """A visit of its own, as a new tab makes it."""
    async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        return await _run(socket, _first())


def _first() -> BackMsg:
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.page_name = "items"
    return message


async def _act(socket: ClientConnection, page: Run, action: Action, at: int) -> Run:
    await asyncio.sleep(PAUSE_SECONDS)
    where, fragment = page.widgets[action.key]
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.fragment_id = fragment
    state = WidgetState(id=where)
    action.fill(state, at)
    message.rerun_script.widget_states.widgets.append(state)
    run = await _run(socket, message)
    page.widgets |= run.widgets
    return run


async def _run(socket: ClientConnection, message: BackMsg) -> Run:
    began = time.perf_counter()
    await socket.send(message.SerializeToString())
    run = Run()
    while True:
        data = await socket.recv()
        assert isinstance(data, bytes)
        run.size += len(data)
        received = ForwardMsg.FromString(data)
        if received.WhichOneof("type") == "delta":
            _note(run, received)
        if received.WhichOneof("type") == "script_finished":
            run.seconds = time.perf_counter() - began
            return run


def _note(run: Run, message: ForwardMsg) -> None:
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "markdown":
        run.said += element.markdown.body
    inner = getattr(element, kind) if kind else None
    where = getattr(inner, "id", "")
    if isinstance(where, str) and where.startswith("$$ID-"):
        key = where.split("-", 2)[2]
        run.widgets[key] = (where, message.delta.fragment_id)


def _press(state: WidgetState, at: int) -> None:
    state.trigger_value = True


def _text(texts: tuple[str, ...]) -> Fill:
    return lambda state, at: setattr(state, "string_value", texts[at % len(texts)])


def _choice(values: tuple[str, ...]) -> Fill:
    def fill(state: WidgetState, at: int) -> None:
        state.string_array_value.data.append(values[at % len(values)])

    return fill


def _option(values: tuple[str, ...]) -> Fill:
    return lambda state, at: setattr(state, "string_value", values[at % len(values)])


def _print(name: str, runs: list[Run], cpu: float) -> None:
    """A row; processor time does not change with other work on the machine."""
    times = sorted(1000 * run.seconds for run in runs)
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    size = max(run.size for run in runs)
    aim = f"{AIM_MS} ms"
    took = f"{statistics.median(times):>7.0f} ms{p95:>7.0f} ms{aim:>12}"
    print(f"{name:<34}{took}{1000 * cpu:>8.0f} ms{size:>10,}")


if __name__ == "__main__":
    main()
