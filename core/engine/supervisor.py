"""Finding, starting and replacing the engine host; torch-free.

`ensure_engine` is what pages and jobs call: it returns a client of a host that runs this very
code with these settings, and starts one where there is none. A host given by address
(PARTWAY_ENGINE_URL, through a tunnel) is used as it is and never started, stopped or replaced.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Literal

from core.engine import address
from core.engine.client import HostClient
from core.engine.fingerprint import code_fingerprint, settings_fingerprint
from core.errors import EngineUnavailable
from core.settings import ROOT, Settings

logger = logging.getLogger(__name__)
Status = Literal["absent", "starting", "ready", "busy", "failed"]
START_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.05
LOG_TAIL_CHARACTERS = 400
HIGHEST_LOG_BYTES = 5_000_000  # a longer log begins anew


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is known of the engine now, without starting anything."""

    status: Status
    url: str | None = None
    pid: int | None = None
    pairs: tuple[str, ...] = ()
    device: str | None = None
    message: str = ""


def engine_state(settings: Settings) -> EngineState:
    """Look at the engine; takes milliseconds and changes nothing."""
    client = _known_client(settings)
    if client is None:
        return EngineState("absent", message="No engine is running; it starts when first needed.")
    try:
        health = client.health()
    except EngineUnavailable as error:
        status: Status = "starting" if address.living_pid(settings.state) else "absent"
        return EngineState(status, client.url, message=str(error))
    return _state(client, health)


def ensure_engine(settings: Settings, wait_seconds: float = START_SECONDS) -> HostClient:
    """A client of a host that answers; starts or replaces one when needed.

    The host may still be importing: calls then wait in its queue.

    Raises:
        EngineUnavailable: it cannot be started, does not answer, or one of other code is busy.
    """
    if settings.engine_url:
        return _remote(settings)
    address.make_state_folder(settings.state)
    with address.start_lock(settings.state):
        client = _usable(settings)
        if client is None:
            _start(settings)
            client = _wait(settings, time.monotonic() + wait_seconds)
    return client


def stop_engine(settings: Settings) -> bool:
    """End the host of this state folder; False when none was running.

    Raises:
        EngineUnavailable: it does not end.
    """
    pid = address.living_pid(settings.state)
    if pid is None or settings.engine_url:
        return False
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        _signal(pid, number)
        if _ended(settings, pid, time.monotonic() + patience):
            return True
    raise EngineUnavailable(f"The engine (pid {pid}) does not end. End that process yourself.")


def _known_client(settings: Settings) -> HostClient | None:
    if settings.engine_url:
        return HostClient(settings.engine_url, settings.engine_token or "")
    known, token = address.read_address(settings.state), address.read_token(settings.state)
    if known is None or token is None or address.living_pid(settings.state) != known.pid:
        return None
    return HostClient(known.url, token)


def _remote(settings: Settings) -> HostClient:
    client = HostClient(settings.engine_url or "", settings.engine_token or "")
    client.health()
    return client


def _usable(settings: Settings) -> HostClient | None:
    """The living host, if it runs this code with these settings; else it is ended."""
    pid = address.living_pid(settings.state)
    if pid is None:
        return None
    client = _known_client(settings)
    health = _patient_health(client) if client else None
    if client is not None and health is not None and _same(health, settings):
        return client
    if health is not None and health["waiting"]:
        raise EngineUnavailable(
            f"An engine with other code or settings is at work (pid {pid}). "
            "Wait until it is done, or set PARTWAY_STATE to another folder."
        )
    logger.info("replacing the engine with pid %d", pid)
    stop_engine(settings)
    return None


def _patient_health(client: HostClient) -> dict[str, Any] | None:
    for _ in range(3):
        try:
            return client.health(timeout_seconds=5.0)
        except EngineUnavailable:
            time.sleep(LOOK_SECONDS)
    return None


def _same(health: dict[str, Any], settings: Settings) -> bool:
    asked = (code_fingerprint(), settings_fingerprint(settings))
    return (health["code"], health["settings"]) == asked


def _start(settings: Settings) -> None:
    """The host forks itself into the background, so it is nobody's child and outlives us."""
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


def _wait(settings: Settings, until: float) -> HostClient:
    while time.monotonic() < until:
        client = _known_client(settings)
        if client is not None:
            try:
                client.health()
            except EngineUnavailable:
                pass
            else:
                return client
        time.sleep(LOOK_SECONDS)
    raise EngineUnavailable(
        f"The engine does not start. Its log {settings.state / address.LOG} ends: "
        f"{_log_tail(settings)}"
    )


def _log_tail(settings: Settings) -> str:
    try:
        text = (settings.state / address.LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "nothing"
    return " ".join(text[-LOG_TAIL_CHARACTERS:].split()) or "nothing"


def _state(client: HostClient, health: dict[str, Any]) -> EngineState:
    return EngineState(
        status=health["status"],
        url=client.url,
        pid=health["pid"],
        pairs=tuple(pair["identity"]["name"] for pair in health["pairs"]),
        device=health["device"],
        message=health["message"],
    )


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
