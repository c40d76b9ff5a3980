"""A server of the OpenAI protocol that does what a test's script says, and remembers the asking.

with scripted(lambda asked: letter("m")) as server: …  server.url, server.asked
"""

import json
import math
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted-1"


@dataclass(frozen=True, slots=True)
class Said:
    """One response; `body` is sent as it is."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scripted:
    """A running server."""

    url: str
    asked: list[dict[str, Any]]  # every request's body, in order
    keys: list[str | None]  # and its Authorization header


Script = Callable[[int, dict[str, Any]], Said]  # number of the request (from 0), its body


class _Quiet(ThreadingHTTPServer):
    """A client that gave up waiting is part of some scripts."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    """Serve on a free loopback port until the end of the block."""
    asked: list[dict[str, Any]] = []
    keys: list[str | None] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                number = len(asked)
                asked.append(body)
                keys.append(self.headers.get("Authorization"))
            said = script(number, body)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Scripted(f"http://127.0.0.1:{server.server_address[1]}/v1", asked, keys)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def reply(
    text: str,
    tops: Mapping[str, float] | None = None,
    model: str = MODEL,
    finish: str = "stop",
) -> Said:
    """A completion that says this; `tops` are probabilities of the first token's candidates."""
    logprobs = None
    if tops is not None:
        listed = [
            {"token": token, "logprob": math.log(p), "bytes": None} for token, p in tops.items()
        ]
        logprobs = {"content": [{**listed[0], "top_logprobs": listed}], "refusal": None}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "logprobs": logprobs,
        "finish_reason": finish,
    }
    content = {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101},
    }
    return Said(200, json.dumps(content).encode())


def refusal(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Said:
    """An error object."""
    error = {"message": message, "type": "error", "param": None, "code": code}
    return Said(status, json.dumps({"error": error}).encode(), headers or {})


def user_text(asked: Mapping[str, Any]) -> str:
    """What the judge was told by the user."""
    return str(asked["messages"][-1]["content"])
