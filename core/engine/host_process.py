"""The host as a process: starting it, ending it, reading the end of its log; torch-free.

Not here: whether it should be started or ended (`core/engine/supervisor.py`).
"""

import os
import signal
import subprocess
import sys
import time

from core.engine import address
from core.settings import ROOT, Settings

STOP_SECONDS = 15.0
LOOK_SECONDS = 0.05
LOG_TAIL_CHARACTERS = 400
HIGHEST_LOG_BYTES = 5_000_000  # a longer log begins anew


def start_host(settings: Settings) -> None:
    """Start a host that forks itself into the background: nobody's child, it outlives us."""
    command = [sys.executable, "-m", "core.engine.host", "--detach"]
    log_file = settings.state / address.LOG
    too_long = log_file.is_file() and log_file.stat().st_size > HIGHEST_LOG_BYTES
    with log_file.open("wb" if too_long else "ab") as log:
        subprocess.run(
            command,
            cwd=ROOT,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )


def _environment(settings: Settings) -> dict[str, str]:
    """This process's environment with the settings made explicit."""
    given = {
        "PARTWAY_RESULTS": settings.results.resolve(),
        "PARTWAY_STATE": settings.state.resolve(),
        "PARTWAY_PAIRS": settings.pairs_file,
        "PARTWAY_DEVICE": settings.device or "",
        "PARTWAY_THREADS": settings.threads or "",
        "PARTWAY_ENGINE_URL": "",
        "PARTWAY_ENGINE_TOKEN": "",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": os.environ.get("TOKENIZERS_PARALLELISM", "true"),
    }
    return {**os.environ, **{name: str(value) for name, value in given.items()}}


def end_host(settings: Settings, pid: int) -> bool:
    """Ask the host to end, then end it; False when it goes on even so."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(pid, number)
        if _ended(settings, pid, time.monotonic() + STOP_SECONDS):
            known = address.read_address(settings.state)
            if known is not None and known.pid == pid:
                address.remove_address(settings.state)  # an end that was asked for is no death
            return True
    return False


def log_tail(settings: Settings) -> str:
    """The last words of the log in one line."""
    try:
        text = (settings.state / address.LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "nothing"
    return " ".join(text[-LOG_TAIL_CHARACTERS:].split()) or "nothing"


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _ended(settings: Settings, pid: int, until: float) -> bool:
    while time.monotonic() < until:
        if address.living_pid(settings.state) != pid:
            return True
        time.sleep(LOOK_SECONDS)
    return False
