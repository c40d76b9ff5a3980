"""An answer in lines, one JSON object each, for as long as somebody reads it.

Kinds of line: `alive` (a heartbeat), `progress`, `answers`, `chunk`, and last of all `result` or
`error`. `PatientResponse` is for any stream: it ends the work behind it when the client goes
away, and when the client stays but has stopped reading.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from core.engine import wire
from core.engine.protocol import Answers, Chunk
from core.engine.ticket import Asked, Ticket
from core.engine.work_queue import Event

logger = logging.getLogger(__name__)
PROGRESS_SECONDS = 0.1
UNREAD_SECONDS = 10.0  # so long a full buffer may stand unread


class PatientResponse(StreamingResponse):
    """A stream that drops its ticket when nobody reads it any more."""

    def __init__(self, content: AsyncIterator[str], ticket: Ticket, media_type: str) -> None:
        super().__init__(content, media_type=media_type)
        self._ticket = ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream, and drop the ticket however that ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ticket.drop()

    async def stream_response(self, send: Send) -> None:
        """Send each piece, and give up on a client that takes none."""

        async def patient(message: Message) -> None:
            async with asyncio.timeout(UNREAD_SECONDS):
                await send(message)

        try:
            await super().stream_response(patient)
        except TimeoutError:
            logger.info("a client has read nothing for %.0f s; its work is dropped", UNREAD_SECONDS)


async def lines(ticket: Ticket, asked: Asked, first: Event | None) -> AsyncIterator[str]:
    """Every event as a line."""
    last_progress = 0.0
    async for event in ticket.events(first):
        if event is None:
            yield _line("alive", True)
        elif event[0] == "result":
            yield _line("result", asked.to_json(event[1]))
        elif event[0] == "error":
            yield _line("error", wire.error_to_json(event[1])[1])
        elif isinstance(event[1], Chunk):
            if event[1].text or event[1].finish:
                yield _line("chunk", asdict(event[1]))
        elif isinstance(event[1], Answers):
            yield _line("answers", asdict(event[1]))
        elif time.monotonic() - last_progress > PROGRESS_SECONDS:
            last_progress = time.monotonic()
            yield _line("progress", event[1])


def _line(kind: str, value: Any) -> str:
    return json.dumps({kind: value}, ensure_ascii=False) + "\n"
