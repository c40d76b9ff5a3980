"""A host in a thread of the test's own process, on a free loopback port."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import uvicorn

from core.engine.client import HostClient
from core.engine.host_app import make_app
from core.engine.host_server import HostServer
from core.engine.host_state import HostState
from core.engine.stepwise import StepwiseEngine

TOKEN = "a-token-of-this-test"


@contextmanager
def serving(
    make_engine: Callable[[], StepwiseEngine], registered: Sequence[str] = ()
) -> Iterator[tuple[HostClient, HostState]]:
    """A client of a running host, and what the host holds."""
    state = HostState(make_engine, TOKEN, "code", "settings", lambda: registered)
    config = uvicorn.Config(make_app(state), log_level="error", timeout_graceful_shutdown=1)
    server = HostServer(config, state)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield HostClient(f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN, 10), state
        finally:
            server.should_exit = True
            thread.join(10)
            state.stop()


def ask(
    client: HostClient,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request, as any program would send it; POST when it has a body."""
    given = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
    host, port = client.url.removeprefix("http://").split(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as connection:
        connection.request("GET" if body is None else "POST", path, body, given)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
