"""Finding, starting and replacing the engine host; torch-free.

`ensure_engine` is what pages and jobs call: it returns a client of a host that runs this very
code with these settings, and starts one where there is none. A host that ends unexpectedly is
started anew, at growing distances when it ends again (`core/engine/deaths.py`). A host given by
address (PARTWAY_ENGINE_URL, through a tunnel) is used as it is and never started, stopped or
replaced.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any, Literal

from core.engine import address
from core.engine.client import HostClient
from core.engine.deaths import Deaths, ended_unclosed, note_death, read_deaths
from core.engine.fingerprint import code_fingerprint, settings_fingerprint
from core.engine.host_process import LOOK_SECONDS, end_host, log_tail, start_host
from core.engine.host_status import HostStatus
from core.errors import EngineError, EngineUnavailable
from core.settings import Settings

logger = logging.getLogger(__name__)
Status = Literal["absent", "starting", "ready", "busy", "failed"]
START_SECONDS = 60.0
PATIENCE_SECONDS = 5.0  # a longer wait after repeated ends is told instead of waited
NO_DEATHS = Deaths(())
OTHER_CODE = "It runs another version of Partway than this program; use the same on both sides."
FAR_ADVICE = (
    "Start it there with python -m core.engine.host --port PORT and open the tunnel, or unset "
    "PARTWAY_ENGINE_URL to use this machine."
)


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is known of the engine now, without starting anything."""

    status: Status
    url: str | None = None
    pid: int | None = None
    pairs: tuple[str, ...] = ()
    device: str | None = None
    message: str = ""
    died: int = 0  # unexpected ends over the last ten minutes
    host: HostStatus | None = None  # what the host says of itself, when it answers


def engine_state(settings: Settings) -> EngineState:
    """Look at the engine; takes milliseconds and changes nothing."""
    client = _known_client(settings)
    if client is None:
        return _absent(settings)
    try:
        status = client.status()
    except EngineUnavailable as error:
        phase: Status = "starting" if _near_pid(settings) else "absent"
        return EngineState(phase, client.url, message=str(error))
    except EngineError as error:  # it answers, and refuses the token
        return EngineState("failed", client.url, message=_refused(client.url, error))
    return _state(settings, client, status)


def ensure_engine(
    settings: Settings,
    wait_seconds: float = START_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> HostClient:
    """A client of a host that answers; starts or replaces one when needed.

    The host may still be importing: calls then wait in its queue.

    Raises:
        EngineUnavailable: it cannot be started, does not answer, ended too often to be started
            within the patience given, or one of other code is busy.
        EngineError: the host given by address refuses the token.
    """
    if settings.engine_url:
        return _remote(settings)
    address.make_state_folder(settings.state)
    until = time.monotonic() + patience_seconds
    while True:
        with address.start_lock(settings.state):
            client = _usable(settings)
            if client is not None:
                return client
            deaths = note_death(settings.state)
            left_alone = deaths.wait_seconds(time.time())
            if not left_alone:
                start_host(settings)
                return _wait(settings, time.monotonic() + wait_seconds)
        _wait_to_start(settings, deaths, left_alone, until)


def running_engine(settings: Settings) -> HostClient | None:
    """A client of the host that is known now; starts nothing, and it may not answer."""
    return _known_client(settings)


def stop_engine(settings: Settings) -> bool:
    """End the host of this state folder; False when none was running.

    Raises:
        EngineUnavailable: it does not end.
    """
    pid = address.living_pid(settings.state)
    if pid is None or settings.engine_url:
        return False
    if end_host(settings, pid):
        return True
    raise EngineUnavailable(f"The engine (pid {pid}) does not end. End that process yourself.")


def _known_client(settings: Settings) -> HostClient | None:
    if settings.engine_url:
        return _far_client(settings)
    known, token = address.read_address(settings.state), address.read_token(settings.state)
    if known is None or token is None or address.living_pid(settings.state) != known.pid:
        return None
    return HostClient(known.url, token)


def _far_client(settings: Settings) -> HostClient:
    return HostClient(settings.engine_url or "", settings.engine_token or "", advice=FAR_ADVICE)


def _near_pid(settings: Settings) -> int | None:
    return None if settings.engine_url else address.living_pid(settings.state)


def _remote(settings: Settings) -> HostClient:
    client = _far_client(settings)
    try:
        client.health()
    except EngineUnavailable:
        raise
    except EngineError as error:
        raise EngineError(_refused(client.url, error)) from error
    return client


def _refused(url: str, error: EngineError) -> str:
    return (
        f"The engine at {url} refuses this program ({str(error).split('.')[0]}). Set "
        "PARTWAY_ENGINE_TOKEN to what engine.token holds in the state folder of its machine."
    )


def _wait_to_start(settings: Settings, deaths: Deaths, seconds: float, until: float) -> None:
    """Leave alone a host that ended unexpectedly, unless that takes longer than there is."""
    if time.monotonic() + seconds > until:
        raise EngineUnavailable(
            f"{deaths.in_words()} It may start again in {seconds:.0f} s. "
            f"Its log {settings.state / address.LOG} ends: {log_tail(settings)}"
        )
    logger.info("%s Starting again in %.0f s", deaths.in_words(), seconds)
    time.sleep(seconds)


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
        f"{log_tail(settings)}"
    )


def _absent(settings: Settings) -> EngineState:
    """No host; the reason, when the last one ended unexpectedly."""
    deaths = read_deaths(settings.state)
    if ended_unclosed(settings.state):
        told = "The engine ended unexpectedly. It starts anew when next needed."
        return EngineState("absent", message=told, died=deaths.count + 1)
    told = f"{deaths.in_words()} No engine is running; it starts when first needed.".strip()
    return EngineState("absent", message=told, died=deaths.count)


def _state(settings: Settings, client: HostClient, status: HostStatus) -> EngineState:
    deaths = read_deaths(settings.state)
    told = [status.message, deaths.in_words() and f"{deaths.in_words()} It was started anew."]
    if settings.engine_url:
        other = status.code != code_fingerprint()
        told, deaths = [status.message, OTHER_CODE if other else ""], NO_DEATHS
    return EngineState(
        status=status.status,
        url=client.url,
        pid=status.pid,
        pairs=tuple(pair.identity.name for pair in status.pairs),
        device=status.device,
        message=" ".join(part for part in told if part),
        died=deaths.count,
        host=status,
    )
