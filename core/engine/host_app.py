"""The host's HTTP side put together: every route behind the gate.

    GET  /health /status /plan?pair=NAME            what is going on, what would fit
    POST /load /stream_many /score …                 `core/engine/routes_own.py`
    GET  /v1/models, POST /v1/chat/completions …     `core/engine/routes_openai.py`

A path that is not here and a fault of our own are answered with an error object too.
"""

import logging

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from core.engine.gate import Gate, problem
from core.engine.host_state import HostState
from core.engine.routes_openai import openai_routes
from core.engine.routes_own import own_routes
from core.engine.routes_state import state_routes

logger = logging.getLogger(__name__)


def make_app(state: HostState) -> Starlette:
    """All routes behind the gate."""
    app = Starlette(
        routes=[*state_routes(state), *openai_routes(state), *own_routes(state)],
        exception_handlers={404: _not_found, 405: _not_found, Exception: _fault},
    )
    app.add_middleware(Gate, token=state.token)
    return app


async def _not_found(request: Request, error: Exception) -> Response:
    return problem(404, f"There is no {request.method} {request.url.path} here.", "no_such_route")


async def _fault(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    kind = type(error).__name__
    return problem(
        500, f"The host failed ({kind}). Read engine.log in the state folder.", "host_error"
    )
