"""What a person waits for in a real browser, alone and while a sweep of other λ runs.

    python -m tests.bench.page_latency [--moves 32] [--asks 8] [--pictures FOLDER]

Starts the app on the published results and opens it in a Chromium. Two waits are taken in the
page itself: from the arrow key on the dial to the frame after sentence and cards show the new
λ's numbers, and from the click on Generate to the frame after the first character of an answer.
Then the same beside `python -m core sweep` at λ that nobody looks at, through the same engine.
Prints medians, 95th percentiles and their ratio in one run. It asserts nothing: it measures
this machine as it is (the load is printed beside it).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.engine.supervisor import stop_engine
from core.settings import ROOT, read_settings
from tests.bench.first_chart import CHART, PATIENCE_SECONDS, free_port, serve, until_http
from tests.browser.conftest import ARGUMENTS, NAMES, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAIR, GRID = "tinyworld", "0.05:0.95:0.1"
LAMS = 3  # answered at once: base, the chosen one, instruct
PAUSE_MS = 300  # between moves, as a person makes them
DIAL = ".st-key-dial input[type=range]"
# Seconds from an event to the second frame after the page shows something else than before: the
# first of them is being drawn when it is called, at the second it is on the screen.
WATCH = """([kind, parts, empty]) => {
    const read = part => [...document.querySelectorAll(part)].map(one => one.textContent).join();
    const before = parts.map(read);
    let began = null;
    window.waited = new Promise(resolve => {
        addEventListener(kind, () => { began = performance.now(); }, {once: true, capture: true});
        const seen = () => parts.every((part, at) => {
            const now = read(part);
            return now !== before[at] && (empty || now.replaceAll(',', '').trim() !== '');
        });
        const painted = () => requestAnimationFrame(
            () => requestAnimationFrame(() => resolve((performance.now() - began) / 1000)));
        const look = () => began !== null && seen() ? painted() : requestAnimationFrame(look);
        look();
    });
}"""
NUMBERS = [".st-key-sentence p", ".st-key-cards-row"]
ANSWERS = [".st-key-answers-row [data-testid=stText]"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=32, help="a multiple of four")
    parser.add_argument("--asks", type=int, default=8)
    parser.add_argument("--pictures", type=Path, help="a folder for what the page looked like")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _page(Path(folder)) as page:
        _ask(page)  # the engine starts, loads and measures which form is quicker
        alone = _measure(page, asked)
        with _sweep(Path(folder)) as sweep:
            beside = _measure(page, asked)
            if asked.pictures:
                page.screenshot(path=asked.pictures / "beside_a_sweep.png")
            running = sweep.poll() is None
    _print(alone, beside, running)


def _measure(page: "Page", asked: argparse.Namespace) -> dict[str, list[float]]:
    moves = [_move(page, at) for at in range(asked.moves // 4 * 4)]  # back where they began
    asks = [_ask(page) for _ in range(asked.asks)]
    return {"dial moved → new numbers painted": moves, "prompt sent → first character": asks}


def _move(page: "Page", at: int) -> float:
    """Up and down over λ that are measured and λ in between."""
    page.wait_for_timeout(PAUSE_MS)
    page.locator(DIAL).focus()
    page.evaluate(WATCH, ["keydown", NUMBERS, True])
    page.keyboard.press("ArrowLeft" if at // 2 % 2 else "ArrowRight")
    return float(page.evaluate("() => window.waited"))


def _ask(page: "Page") -> float:
    button = page.get_by_role("button", name="Generate")
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(PAUSE_MS)
    page.evaluate(WATCH, ["click", ANSWERS, False])
    button.click()
    seconds = float(page.evaluate("() => window.waited"))
    ended = page.locator(".st-key-answers-row .stMarkdownBadge")
    ended.filter(has_text="ended").or_(ended.filter(has_text="cut at")).nth(LAMS - 1).wait_for()
    return seconds


@contextmanager
def _page(folder: Path) -> Iterator["Page"]:
    """The Trade-off page at λ = 0.8, with its charts drawn."""
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(f"No Chromium is installed; looked for {', '.join(NAMES)}.")
    port = free_port()
    process = serve(ROOT, folder, port)
    try:
        until_http(port, time.perf_counter())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1440, "height": 980})
            page.set_default_timeout(1000 * PATIENCE_SECONDS)
            page.goto(f"http://127.0.0.1:{port}/?lam=0.8")
            page.wait_for_selector(CHART)
            yield page
            browser.close()
    finally:
        process.terminate()
        process.wait()
        stop_engine(read_settings(_environment(folder)))


@contextmanager
def _sweep(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A sweep through the same engine that has begun to measure; its results are its own."""
    results = folder / "swept"
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "sweep", "--pair", PAIR, "--grid", GRID],
        cwd=ROOT,
        env={**_environment(folder), "PARTWAY_RESULTS": str(results)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and not list(results.glob("runs/*/records.jsonl")):
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PARTWAY_STATE": str(folder / "state")}


def _print(alone: dict[str, list[float]], beside: dict[str, list[float]], running: bool) -> None:
    print(f"{'in a browser, ms':<34}{'alone':>8}{'p95':>8}{'sweep':>8}{'p95':>8}{'ratio':>7}")
    for name, times in alone.items():
        mine, theirs = _figures(times), _figures(beside[name])
        ratio = theirs[0] / mine[0]
        print(f"{name:<34}{mine[0]:8.0f}{mine[1]:8.0f}{theirs[0]:8.0f}{theirs[1]:8.0f}{ratio:7.2f}")
    ended = "" if running else "; the sweep ended too early, the last of it were alone"
    counts = " and ".join(str(len(times)) for times in alone.values())
    print(f"{counts} times each; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores{ended}")


def _figures(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(1000 * one for one in times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


if __name__ == "__main__":
    main()
