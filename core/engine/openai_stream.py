"""A streamed answer of the OpenAI protocol: server-sent events, closed by [DONE].

A comment line is the heartbeat; clients skip it. An error in the middle of an answer is an
event of its own, and nothing follows it: what came before stands, [DONE] never does.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from core.engine import wire
from core.engine.openai_reply import Reply
from core.engine.ticket import Ticket
from core.engine.work_queue import Event

HEARTBEAT = ": still here\n\n"
DONE = "data: [DONE]\n\n"


async def server_events(
    ticket: Ticket, first: Event | None, reply: Reply, include_usage: bool
) -> AsyncIterator[str]:
    """Every step's pieces as they come."""
    async for event in ticket.events(first):
        if event is None:
            yield HEARTBEAT
        elif event[0] == "error":
            yield _event({"error": wire.error_to_json(event[1])[1]})
        elif event[0] == "result":
            if include_usage:
                yield _event(reply.usage_piece())
            yield DONE
        else:
            for piece in reply.pieces(event[1]):
                yield _event(piece)


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"
