"""Joins a Ray cluster as its driver, and undoes in this process what that changes.

    connection = connect("auto", cpus=None)      # the cluster that runs on this machine
    connection = connect("local", cpus=2)        # one of its own, on loopback, for this process
    connection.close()

The mode of authentication is always `token`, said explicitly: Ray leaves it off for a bare
`ray start`, and would join such a cluster without a word. A token is never written; one that
is read from a file must be its owner's alone. A cluster of our own ends with this process,
also when that is killed; two small agents of Ray's follow within about a minute. Not here:
actors (`ray_fleet.py`).
"""

import importlib.util
import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import EngineError, EngineUnavailable, InputError
from core.settings import ROOT

logger = logging.getLogger(__name__)
RAY_VERSION = "2.60.0"  # the one that Partway is tested with; tests/requirements.txt pins it
LOCAL, AUTO = "local", "auto"
LOOPBACK = "127.0.0.1"
REACH_SECONDS = 5.0  # Ray itself goes on trying for minutes where nothing listens
STORE_BYTES = 128 * 2**20  # for what is on its way; a batch with its answers is a few MB
FOLDERS, FOLDER = Path("/tmp"), "partway-ray-"
MODE, TOKEN, TOKEN_PATH = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
CHANGED = ("RAY_", "PYTHONBREAKPOINT")  # beginnings of the variables that Ray sets or reads
EVERYWHERE: Mapping[str, str] = {
    MODE: "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray will do by itself, and warns of now
}


class Connection:
    """This process as the driver of one cluster."""

    def __init__(self, before: Mapping[str, str], folder: Path | None) -> None:
        self._before, self._folder = dict(before), folder
        self._open = True
        self.undo = ExitStack()  # what was changed in this process for as long as it is open

    def close(self) -> None:
        """Leave the cluster, which ends this driver's actors; harmless when done already."""
        if not self._open:
            return
        self._open = False
        import ray

        with suppress(Exception):  # a cluster that is gone already
            ray.shutdown()
        self.undo.close()
        _restore(self._before)
        _read_mode_again()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def connect(address: str, cpus: int | None, gpus: int | None = None) -> Connection:
    """Join the cluster, or start one for this process alone (`local`, of so many slots).

    Raises:
        EngineUnavailable: no cluster answers there, or it does not take the token.
        EngineError: Ray is not installed.  InputError: without a safe token.
    """
    require_ray()
    _refuse_other_modes()
    if address != LOCAL:
        _refuse_unsafe_token()
        _refuse_unreachable(address)
    before = {name: value for name, value in os.environ.items() if name.startswith(CHANGED)}
    folder = _own_folder() if address == LOCAL else None
    connection = Connection(before, folder)
    try:
        os.environ.update(EVERYWHERE)  # before Ray is imported, which reads some of it
        connection.undo.enter_context(_messages_to_the_log())
        _join(address, folder, cpus, gpus)
    except BaseException:
        connection.close()
        raise
    return connection


def require_ray() -> None:
    """Say how to get Ray where it is missing.

    Raises:
        EngineError: it is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise EngineError(
            "Ray is not installed here, so a sweep cannot be spread over a cluster. Install it "
            f"with pip install ray=={RAY_VERSION}, or leave out --ray and PARTWAY_RAY_ADDRESS."
        )


def _refuse_other_modes() -> None:
    mode = os.environ.get(MODE)
    if mode is not None and mode.lower() != "token":
        raise InputError(
            f"{MODE} = {mode!r} would leave the cluster open to everyone who reaches it. "
            "Unset it, and start every node with a token (README, On a Ray cluster)."
        )


def _refuse_unsafe_token() -> None:
    if os.environ.get(TOKEN):
        return
    path = Path(os.environ.get(TOKEN_PATH) or Path.home() / ".ray" / "auth_token")
    if not path.is_file() or not path.read_text(encoding="utf-8").strip():
        raise InputError(
            f"There is no token for the cluster in {path}. Copy the file that its nodes were "
            f"started with, or name it in {TOKEN_PATH}."
        )
    if path.stat().st_mode & 0o077:
        raise InputError(
            f"The token in {path} can be read by others on this machine. "
            f"Make it yours alone: chmod 600 {path}."
        )


def _refuse_unreachable(address: str) -> None:
    if address == AUTO:
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), REACH_SECONDS).close()
    except OSError as error:
        raise EngineUnavailable(_no_cluster(address, error.strerror or str(error))) from error


def _join(address: str, folder: Path | None, cpus: int | None, gpus: int | None) -> None:
    given: dict[str, Any] = {"address": address}
    if folder is not None:
        os.environ[TOKEN] = _own_token()
        for name in ("RAY_ADDRESS", TOKEN_PATH):
            os.environ.pop(name, None)
        given = _own_cluster(folder, cpus, gpus)
    import ray

    _read_mode_again()
    try:
        with _own_signals(), _on_loopback(address):
            ray.init(
                **given,
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}},
            )
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".") or type(error).__name__
        raise EngineUnavailable(_no_cluster(address, reason)) from error


def _own_cluster(folder: Path, cpus: int | None, gpus: int | None) -> dict[str, Any]:
    return {
        "num_cpus": cpus,
        "num_gpus": gpus,
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
        "_node_ip_address": LOOPBACK,
        "_temp_dir": str(folder / "ray"),
    }


def _own_folder() -> Path:
    """For one cluster's sockets and logs; those that killed drivers left behind are removed.

    Ray opens its folder to everyone, so it lies inside one that is closed; and not below TMPDIR,
    because the path of a socket has room for 107 characters and Ray needs 70 of them.
    """
    for folder in FOLDERS.glob(f"{FOLDER}*"):
        pid = folder.name.removeprefix(FOLDER).partition("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=FOLDERS))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


@cache
def _own_token() -> str:
    """One for all clusters of this process; only its children see it, in their environment."""
    return secrets.token_hex(32)


def _no_cluster(address: str, reason: str) -> str:
    return (
        f"No Ray cluster can be joined at {address!r} ({reason}). Start one with a token "
        "(README, On a Ray cluster), run this on one of its nodes, and give its token; or give "
        "--ray local to use this machine alone."
    )


def _read_mode_again() -> None:
    """Ray keeps mode and token from when it first looked; its own tools reset them like this."""
    from ray._raylet import AuthenticationTokenLoader, Config

    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()


@contextmanager
def _messages_to_the_log() -> Iterator[None]:
    """What Ray tells of lost nodes and workers goes to the log, not between lines of JSON."""
    from ray._private import worker

    def write(data: Mapping[str, Any], ignore_prefix: bool) -> None:
        logger.info("%s", "\n".join(data["lines"]))

    before, worker.print_to_stdstream = worker.print_to_stdstream, write
    try:
        yield
    finally:
        worker.print_to_stdstream = before


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's answer to SIGTERM, which `ray.init` replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ray leaves it alone there
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _on_loopback(address: str) -> Iterator[None]:
    """Keep a cluster of our own on 127.0.0.1, which Ray would turn into the outer address."""
    if address != LOCAL:
        yield
        return
    from ray._private import services

    before = services.resolve_ip_for_localhost
    services.resolve_ip_for_localhost = lambda host: host
    try:
        yield
    finally:
        services.resolve_ip_for_localhost = before


def _restore(before: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith(CHANGED)]:
        if name not in before:
            del os.environ[name]
    os.environ.update(before)
