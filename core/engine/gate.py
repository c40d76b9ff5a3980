"""Who may ask the host at all: its token, its name, no page of another origin.

Not here: what may be asked. Every refusal is the error object of the OpenAI protocol.
"""

import asyncio
import contextlib
import secrets

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
DRAIN_SECONDS = 10.0


class Gate:
    """Nobody passes without the token, from a page of another origin, or by another name."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it with the reason."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        await drain(receive)
        await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        name = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        if name not in LOOPBACK_NAMES or b"origin" in headers:
            return problem(403, "The engine answers programs on this machine only.", "forbidden")
        if not secrets.compare_digest(headers.get(b"authorization", b""), self._expected):
            return problem(
                401,
                "The token is missing or wrong. Send the one in engine.token.",
                "invalid_api_key",
            )
        return None


def problem(status: int, message: str, code: str, param: str | None = None) -> Response:
    """An error object with its status."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    content = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": content}, status)


async def drain(receive: Receive) -> None:
    """Read what is left of a request's body and keep none of it.

    A client that is still sending when the answer comes would see a broken connection
    instead of the answer.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while (await receive()).get("more_body", False):
                pass
