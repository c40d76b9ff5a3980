"""The engine host: one process that owns the device and answers over HTTP on loopback.

    python -m core.engine.host                      # any free port, address in the state folder
    python -m core.engine.host --port 8765          # for an SSH tunnel to a GPU server
    python -m core.engine.host --detach             # go to the background (what the app does)

It is the only host of its state folder, ends when nobody has asked for anything for a while,
and on SIGTERM after the current step. Its token is fresh at every start, in engine.token of the
state folder, unless PARTWAY_ENGINE_TOKEN gives one. PARTWAY_DEVICE=fake serves made-up answers
without a model, for trying pages and clients. Not here: what it computes
(`core/engine/torch_engine.py`).
"""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.engine import address
from core.errors import PartwayError
from core.settings import Settings, read_settings

if TYPE_CHECKING:  # imported late, so that --detach forks a small process
    import uvicorn

    from core.engine.stepwise import StepwiseEngine

logger = logging.getLogger("core.engine.host")
DEFAULT_IDLE_MINUTES = 60.0
GRACE_SECONDS = 3
FAKE_DEVICE = "fake"
IDLE_LOOK_SECONDS = 5.0
ALREADY_RUNNING = 3


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve until told to stop."""
    given = _parse(arguments)
    if given.detach and os.fork():
        return 0  # before any thread exists; the child goes on alone
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        settings = read_settings()
        address.make_state_folder(settings.state)
        lock = address.take_lock(settings.state)
    except PartwayError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    if lock is None:
        sys.stderr.write(f"A host is already running for {settings.state}; stop it first.\n")
        return ALREADY_RUNNING
    with lock:
        try:
            return _serve(settings, given)
        except PartwayError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.engine.host",
        description="Serve Partway's engine on 127.0.0.1.",
        epilog="example: python -m core.engine.host --port 8765 --idle-minutes 0",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument(
        "--idle-minutes",
        type=float,
        default=DEFAULT_IDLE_MINUTES,
        help="end after this long without work; 0 never ends",
    )
    parser.add_argument("--detach", action="store_true", help="go to the background")
    return parser.parse_args(arguments)


def _serve(settings: Settings, given: argparse.Namespace) -> int:
    import uvicorn

    from core.engine.fingerprint import code_fingerprint, settings_fingerprint
    from core.engine.host_app import make_app
    from core.engine.host_server import HostServer
    from core.engine.host_state import HostState
    from core.engine.usable_pairs import usable_pairs

    token = address.write_token(settings.state, settings.engine_token)
    try:
        listener = socket.create_server(("127.0.0.1", given.port))
    except OSError as error:
        sys.stderr.write(f"Port {given.port} cannot be used ({error.strerror}). Give another.\n")
        return ALREADY_RUNNING
    code, asked = code_fingerprint(), settings_fingerprint(settings)
    state = HostState(_engine_maker(settings), token, code, asked, lambda: usable_pairs(settings))
    config = uvicorn.Config(
        make_app(state),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = HostServer(config, state)
    _watch_idle(server, state.idle_seconds, given.idle_minutes * 60)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    address.write_address(settings.state, address.Address(url, os.getpid(), code, asked))
    logger.info("listening on %s", url)
    # uvicorn raises the signal again once it has closed; then there is still an address to remove.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        logger.info("interrupted, ending")
    finally:
        address.remove_address(settings.state)
        state.stop()
    return 0


def _engine_maker(settings: Settings) -> "Callable[[], StepwiseEngine]":
    def make() -> "StepwiseEngine":
        if settings.device == FAKE_DEVICE:
            from core.engine.stepwise import StepwiseFake

            return StepwiseFake()
        from core.engine.torch_engine import TorchEngine

        return TorchEngine(settings)

    return make


def _watch_idle(
    server: "uvicorn.Server", idle_seconds: Callable[[], float], limit_seconds: float
) -> None:
    if limit_seconds <= 0:
        return

    def watch() -> None:
        while not stop.wait(IDLE_LOOK_SECONDS):
            if idle_seconds() > limit_seconds:
                logger.info("nobody asked for %.0f s, ending", limit_seconds)
                server.should_exit = True
                return

    stop = threading.Event()
    threading.Thread(target=watch, name="idle-watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
