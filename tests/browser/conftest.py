"""A real server and a real Chromium for tests with the marker `browser`.

Without a Chromium the tests are skipped on a person's machine; where CI is set they fail,
because there one is installed. PARTWAY_CHROMIUM names one that is not on the path.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.engine.supervisor import stop_engine
from core.settings import ROOT, read_settings
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 120.0
PROBED = tuple(
    f"/{page}/_stcore/{what}"
    for page in ("system", "items", "side_by_side", "share", "judge")
    for what in ("health", "host-config")
)
NOTE_MENUS = """
window.menus = [];
new MutationObserver(() => {
  const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
  const menu = links.map((link) => link.innerText.trim()).join(", ");
  if (menu && menu !== window.menus.at(-1)) window.menus.push(menu);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# No call leaves this machine, and none waits for a display or a GPU.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of the running app, and everything the browser complained about.

    On a deep link Streamlit asks for two of its own addresses below the page's path first and
    takes their 404 as "one level up": those are not complaints.
    """

    page: "Page"
    url: str
    complaints: list[str] = field(default_factory=list)


def find_chromium() -> str | None:
    """The one that PARTWAY_CHROMIUM names, or one on the path."""
    return os.environ.get("PARTWAY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where a Chromium is."""
    found = find_chromium()
    if found is None:
        words = "No Chromium is installed (or name one in PARTWAY_CHROMIUM)."
        if os.environ.get("CI"):
            pytest.fail(f"{words} Here one is needed.")
        pytest.skip(words)
    return found


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps its results and state."""
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[str]:
    """The app on a free port, with an invented sweep and an engine of its own."""
    write_synthetic_sweep(
        folder / "results", Invented(items=20, instructions=20, parents=parents_now())
    )
    environment = {
        **os.environ,
        "PARTWAY_RESULTS": str(folder / "results"),
        "PARTWAY_STATE": str(folder / "state"),
        "PARTWAY_THREADS": "1",
        "PARTWAY_DEVICE": "cpu",
    }
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(START_SECONDS)
            stop_engine(read_settings(environment))


@pytest.fixture(scope="session")
def cold_menus(server: str, chromium: str) -> list[str]:
    """Every menu that is seen on the server's first visit ever, a link straight to a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = browser.new_page()
        page.add_init_script(NOTE_MENUS)
        page.goto(f"{server}/system?lam=0.4")
        page.locator("h1").wait_for(timeout=START_SECONDS * 1000)
        assert page.url == f"{server}/system?lam=0.4"
        seen: list[str] = page.evaluate("window.menus")
        browser.close()
    return seen


@pytest.fixture
def visit(server: str, chromium: str, cold_menus: list[str]) -> Iterator[Visit]:
    """A fresh tab; console errors, failed requests and page errors are collected."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 980})
        page.set_default_timeout(START_SECONDS * 1000)
        seen = Visit(page, server)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("requestfailed", lambda request: seen.complaints.append(request.url))
        page.on("console", lambda said: _note(seen, said))
        yield seen
        browser.close()


def _note(seen: Visit, said: "ConsoleMessage") -> None:
    if said.type == "error" and not said.location["url"].endswith(PROBED):
        seen.complaints.append(said.text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The app did not start: {log.read_text()[-2000:]}")
