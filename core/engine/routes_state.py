"""What the host says without being asked to work: health and status.

/health answers from the first moment and is what the supervisor compares; /status is for people.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.engine.host_state import HostState
from core.engine.host_status import loaded_to_json, status_to_json


def state_routes(state: HostState) -> list[Route]:
    """The routes that wait for nothing."""
    return [
        Route("/health", _answer(lambda: _health(state))),
        Route("/status", _answer(lambda: status_to_json(state.describe()))),
    ]


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
