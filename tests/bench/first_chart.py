"""How long a person waits for the first chart, from starting the server.

    python -m tests.bench.first_chart [--times 3] [--tree FOLDER …]

Starts the app on an invented sweep and opens it in a real Chromium (one is started beforehand,
with an empty profile each time). Prints seconds from the server's start to its first HTTP
answer and to the first chart on screen, cold and once more on the warm server. With several
trees of the project they take turns, so that other work on the machine meets all of them, and
the ratio to the first is printed. It asserts nothing.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import ROOT
from tests.bench.slider import cpu_seconds
from tests.browser.conftest import ARGUMENTS, NAMES, find_chromium
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHART = ".js-plotly-plot .main-svg"
# Told by the page itself: a browser that draws the next charts answers nobody meanwhile.
NOTE_SEEN = """
new MutationObserver((_, watch) => {
  if (!document.querySelector("CHART")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.seen = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
""".replace("CHART", CHART)
PATIENCE_SECONDS = 120.0
AIM_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds of one start."""

    http: float  # server start → first HTTP answer
    first: float  # first HTTP answer → first chart
    warm: float  # a second visit, new tab and empty cache, to its first chart
    cpu: float  # processor time of the server until the first chart: other work changes it little


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--tree", type=Path, nargs="*", default=[ROOT])
    asked = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(f"No Chromium is installed; looked for {', '.join(NAMES)}.")
    found: dict[Path, list[Wait]] = {tree: [] for tree in asked.tree}
    with tempfile.TemporaryDirectory() as folder:
        write_synthetic_sweep(Path(folder) / "results", Invented(parents=parents_now()))
        for _ in range(asked.times):
            for tree, waits in found.items():
                waits.append(_visit(tree.resolve(), Path(folder), chromium))
    _print(found)


def _visit(tree: Path, folder: Path, chromium: str) -> Wait:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        browser.new_page().close()  # Chromium's own start is not the server's
        port = free_port()
        began = time.perf_counter()
        process = serve(tree, folder, port)
        try:
            http = until_http(port, began)
            first, cpu = _until_chart(browser, port), cpu_seconds(process.pid)
            return Wait(http, first, _until_chart(browser, port), cpu)
        finally:
            process.terminate()
            process.wait()
            browser.close()


def serve(tree: Path, folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """The app of that tree, with results and state of its own."""
    environment = {
        **os.environ,
        "PARTWAY_RESULTS": str(folder / "results"),
        "PARTWAY_STATE": str(folder / "state"),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    return subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def until_http(port: int, began: float) -> float:
    """Seconds until the server answers."""
    while time.perf_counter() - began < PATIENCE_SECONDS:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.02)
    raise SystemExit("The app does not start.")


def _until_chart(browser: "Browser", port: int) -> float:
    from playwright.sync_api import TimeoutError as Late

    page = browser.new_context(viewport={"width": 1440, "height": 980}).new_page()
    page.add_init_script(NOTE_SEEN)
    page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    try:
        page.wait_for_function("() => window.seen", timeout=1000 * PATIENCE_SECONDS)
    except Late:
        raise SystemExit(
            f"No chart within {PATIENCE_SECONDS:.0f} s (load {os.getloadavg()[0]:.1f} on "
            f"{os.cpu_count()} cores). Try again when the machine is less busy."
        ) from None
    seconds = float(page.evaluate("window.seen")) / 1000  # since the page was asked for
    page.context.close()
    return seconds


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(found: dict[Path, list[Wait]]) -> None:
    reference = None
    for tree, waits in found.items():
        http, first, warm, cpu = (
            statistics.median(getattr(wait, name) for wait in waits)
            for name in ("http", "first", "warm", "cpu")
        )
        reference = reference or first
        print(f"{tree} (median of {len(waits)}; load {os.getloadavg()[0]:.1f})")
        print(f"  server start → HTTP               {http:6.2f} s")
        print(f"  HTTP → first chart, cold          {first:6.2f} s   aim {AIM_SECONDS:.0f} s")
        print(f"  second visit → first chart        {warm:6.2f} s")
        print(f"  server's processor time, cold      {cpu:6.2f} s")
        print(f"  cold, against the first tree      {first / reference:6.2f}")


if __name__ == "__main__":
    main()
