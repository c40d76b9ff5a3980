"""What the host says of itself: health, status, and whether a pair would fit.

GET /health            from the first moment on; what the supervisor compares
GET /status            what is at work, how fast, what is in memory
GET /plan?pair=NAME    how that pair is held in memory, or would be; loads nothing

Only the plan waits for the worker, since the engine alone knows what is in use.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.engine import wire
from core.engine.host_state import HostState
from core.engine.host_status import AtWork, loaded_to_json, status_to_json
from core.engine.routes_own import refusal
from core.engine.ticket import Asked, Ticket
from core.engine.work_queue import INTERACTIVE
from core.errors import PartwayError


def state_routes(state: HostState) -> list[Route]:
    """The routes that wait for nothing."""
    return [
        Route("/health", _answer(lambda: _health(state))),
        Route("/status", _answer(lambda: status_to_json(state.describe()))),
        Route("/plan", _plan_route(state)),
    ]


def _plan_route(state: HostState) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            pair = wire.pair_from_json(request.query_params.get("pair"))
            start = state.once(lambda: state.engine.memory_plan(pair))
            asked = Asked(start, INTERACTIVE, asdict, AtWork("plan", pair, ()))
            return JSONResponse(asked.to_json(await Ticket(state, asked, request).result()))
        except PartwayError as error:
            return refusal(error)

    return handle


def _answer(make: Callable[[], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return JSONResponse(make())

    return handle


def _health(state: HostState) -> dict[str, Any]:
    now = state.describe()
    return {
        "status": now.status,
        "message": now.message,
        "pid": now.pid,
        "code": state.code,
        "settings": state.settings,
        "waiting": state.queue_length,
        "device": now.device,
        "pairs": [loaded_to_json(pair) for pair in now.pairs],
    }
