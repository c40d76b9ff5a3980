"""The host's HTTP side: routes, token, body limit, one JSON object a line.

Routes of our own, all POST: /load /score /generate /stream /render_chat. GET /health and
/status say what is going on; GET /v1/models lists loaded pairs as name@λ. Every answer is a
sequence of lines (see `core/engine/wire.py`); a client that goes away ends its work.
"""

import asyncio
import contextlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.engine import wire
from core.engine.host_state import HostState
from core.engine.work_queue import BATCH, INTERACTIVE, Event, Steps, Work
from core.errors import EngineError, InputError, PartwayError
from core.lam import parse_grid

HIGHEST_BODY_BYTES = 64 * 1024 * 1024
LISTED_GRID = "0:1:0.1"
FIRST_EVENT_SECONDS = 5.0  # an error that comes within this time has its own HTTP status
HEARTBEAT_SECONDS = 2.0
PROGRESS_SECONDS = 0.1
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def make_app(state: HostState) -> Starlette:
    """All routes behind the gate."""
    posts = {"load": _load, "score": _score, "generate": _generate, "stream": _stream}
    routes = [
        Route("/health", _answer(state, _health)),
        Route("/status", _answer(state, _health)),
        Route("/v1/models", _answer(state, _models)),
        Route("/render_chat", _post(state, _render_chat), methods=["POST"]),
        *(Route(f"/{name}", _post(state, make), methods=["POST"]) for name, make in posts.items()),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_found})
    app.add_middleware(Gate, token=state.token)
    return app


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request body asks the worker for."""

    start: Callable[[], Steps]
    priority: int
    to_json: Callable[[Any], Any]  # of the result


class Gate:
    """Nobody passes without the token, from a page of another origin, or by another name."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it with the reason."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        name = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        given = headers.get(b"authorization", b"")
        if name not in LOOPBACK_NAMES or b"origin" in headers:
            reply = _problem(403, "The engine answers programs on this machine only.", "forbidden")
        elif not secrets.compare_digest(given, self._expected):
            reply = _problem(
                401, "The token is missing or wrong. Send the one in engine.token.", "unauthorised"
            )
        else:
            await self._app(scope, receive, send)
            return
        await reply(scope, receive, send)


def _problem(status: int, message: str, code: str) -> Response:
    content = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"error": content}, status)


async def _not_found(request: Request, error: Exception) -> Response:
    return _problem(404, f"There is no {request.method} {request.url.path} here.", "no_such_route")


Handler = Callable[[Request], Awaitable[Response]]


def _answer(state: HostState, make: Callable[[HostState], dict[str, Any]]) -> Handler:
    async def handle(request: Request) -> Response:
        return JSONResponse(make(state))

    return handle


def _post(state: HostState, make: Callable[[HostState, dict[str, Any]], Asked]) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            asked = make(state, await _read_body(request))
            return await _reply(state, request, asked)
        except PartwayError as error:
            status, content = wire.error_to_json(error)
            return JSONResponse({"error": content}, status)

    return handle


async def _read_body(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > HIGHEST_BODY_BYTES:
            raise InputError(
                f"The request is larger than {HIGHEST_BODY_BYTES // 2**20} MB. Send it in parts."
            )
    try:
        content = json.loads(bytes(body))
    except ValueError as error:
        raise InputError(f"The request is not JSON ({error}). Send an object.") from error
    if not isinstance(content, dict):
        raise InputError("The request is not a JSON object. Send one.")
    return content


async def _reply(state: HostState, request: Request, asked: Asked) -> Response:
    """Queue the work; an early error gets its status, everything else comes in lines."""
    events: asyncio.Queue[Event] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed when the host stops
            loop.call_soon_threadsafe(events.put_nowait, event)

    work = Work(asked.start, asked.priority, tell)
    state.put(work)
    first = await _first_event(request, events, work)
    if first is not None and first[0] == "error":
        raise first[1]
    lines = _lines(events, work, asked, first)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _first_event(request: Request, events: asyncio.Queue[Event], work: Work) -> Event | None:
    until = time.monotonic() + FIRST_EVENT_SECONDS
    while time.monotonic() < until:
        try:
            return await asyncio.wait_for(events.get(), 0.25)
        except TimeoutError:
            if await request.is_disconnected():
                work.cancelled.set()
                raise EngineError("The client went away; its work was dropped.") from None
    return None


async def _lines(
    events: asyncio.Queue[Event], work: Work, asked: Asked, first: Event | None
) -> AsyncIterator[str]:
    last_progress = 0.0
    event = first
    try:
        while True:
            if event is None:
                yield _line("alive", True)
            elif event[0] == "result":
                yield _line("result", asked.to_json(event[1]))
                return
            elif event[0] == "error":
                yield _line("error", wire.error_to_json(event[1])[1])
                return
            elif not isinstance(event[1], tuple):
                yield _line("chunk", asdict(event[1]))
            elif time.monotonic() - last_progress > PROGRESS_SECONDS:
                last_progress = time.monotonic()
                yield _line("progress", event[1])
            event = await _next_event(events)
    finally:
        work.cancelled.set()  # does nothing to finished work; ends it when the client went away


async def _next_event(events: asyncio.Queue[Event]) -> Event | None:
    try:
        return await asyncio.wait_for(events.get(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return None


def _line(kind: str, value: Any) -> str:
    return json.dumps({kind: value}, ensure_ascii=False) + "\n"


def _health(state: HostState) -> dict[str, Any]:
    pairs = state.loaded_pairs()
    return {
        "status": state.status,
        "message": state.message,
        "pid": os.getpid(),
        "code": state.code,
        "settings": state.settings,
        "waiting": state.queue_length,
        "device": pairs[0].device if pairs else None,
        "pairs": [wire.loaded_to_json(pair) for pair in pairs],
    }


def _models(state: HostState) -> dict[str, Any]:
    names = [f"{p.identity.name}@{lam}" for p in state.loaded_pairs() for lam in _grid()]
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "partway"} for name in names]
    return {"object": "list", "data": data}


def _grid() -> tuple[str, ...]:
    return tuple(str(lam) for lam in parse_grid(LISTED_GRID))


def _load(state: HostState, body: dict[str, Any]) -> Asked:
    pair = wire.pair_from_json(body.get("pair"))
    return Asked(state.once(lambda: state.engine.load(pair)), INTERACTIVE, wire.loaded_to_json)


def _render_chat(state: HostState, body: dict[str, Any]) -> Asked:
    pair = wire.pair_from_json(body.get("pair"))
    messages = wire.messages_from_json(body.get("messages"))
    start = state.once(lambda: state.engine.render_chat(pair, messages))
    return Asked(start, INTERACTIVE, asdict)


def _score(state: HostState, body: dict[str, Any]) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    requests = wire.requests_from_json(body.get("requests"))
    return Asked(
        lambda: state.engine.score_steps(pair, lam, requests),
        BATCH,
        lambda scores: [wire.score_to_json(score) for score in scores],
    )


def _generate(state: HostState, body: dict[str, Any]) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompts = wire.prompts_from_json(body.get("prompts"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    return Asked(
        lambda: state.engine.generate_steps(pair, lam, prompts, decoding),
        BATCH,
        lambda answers: [asdict(answer) for answer in answers],
    )


def _stream(state: HostState, body: dict[str, Any]) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompt = wire.prompt_from_json(body.get("prompt"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    start = state.skip_empty(lambda: state.engine.stream_steps(pair, lam, prompt, decoding))
    return Asked(start, INTERACTIVE, lambda nothing: nothing)
