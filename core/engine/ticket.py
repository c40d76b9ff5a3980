"""One request's piece of work in the queue, and the events that come back from it.

The worker's thread tells events, the server's loop takes them. Whoever holds a ticket drops it
when nobody wants the answer any more: the work then ends before its next step.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Hashable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from core.engine.host_state import HostState
from core.engine.host_status import AtWork
from core.engine.work_queue import Event, Steps, Work
from core.errors import EngineError

FIRST_EVENT_SECONDS = 5.0  # an error that comes within this time has its own HTTP status
HEARTBEAT_SECONDS = 2.0


class ClientGone(EngineError):
    """The client closed its connection; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks the worker for."""

    start: Callable[[], Steps]
    priority: int
    to_json: Callable[[Any], Any]  # of the result
    label: AtWork
    together: Hashable = None  # equal for requests that may be written in one batch


class Ticket:
    """A place in the queue; made in the server's loop."""

    def __init__(self, state: HostState, asked: Asked, request: Request) -> None:
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._activity = state.activity
        self._entry = state.activity.begin(asked.label, asked.priority)
        start = state.activity.watch(self._entry, asked.start)
        self._work = Work(start, asked.priority, self._tell, asked.together)
        self._gone = False
        self._watch = asyncio.create_task(self._watch_for_end(request))
        state.put(self._work)

    def drop(self) -> None:
        """Nobody wants it any more; does nothing to finished work."""
        self._work.cancelled.set()
        self._watch.cancel()
        self._activity.drop(self._entry)

    async def first(self) -> Event | None:
        """The first event that tells something, or None when none comes soon.

        Raises:
            PartwayError: the work failed at once.  ClientGone: the client went away.
        """
        try:
            event: Event | None = ("step", None)
            until = time.monotonic() + FIRST_EVENT_SECONDS
            while event is not None and event[0] == "step" and not event[1]:
                event = await self._next(until - time.monotonic())
            if event is not None and event[0] == "error":
                raise event[1]
        except BaseException:
            self.drop()
            raise
        self._watch.cancel()  # from here on the response itself notices
        return event

    async def events(self, first: Event | None) -> AsyncIterator[Event | None]:
        """The first event and all others; None whenever nothing has come for a while."""
        event = first
        while True:
            yield event
            if event is not None and event[0] in ("result", "error"):
                return
            event = await self._next(HEARTBEAT_SECONDS)

    async def result(self) -> Any:
        """What the work came to, for a reply in one piece.

        Raises:
            PartwayError: the work failed.  ClientGone: the client went away.
        """
        try:
            while True:
                event = await self._next(HEARTBEAT_SECONDS)
                if event is not None and event[0] == "error":
                    raise event[1]
                if event is not None and event[0] == "result":
                    return event[1]
        finally:
            self.drop()

    async def each_step(self) -> AsyncIterator[Any]:
        """The value of every step until the work is finished, for a reply in one piece.

        Raises:
            PartwayError: the work failed.  ClientGone: the client went away.
        """
        while True:
            event = await self._next(HEARTBEAT_SECONDS)
            if event is not None and event[0] == "error":
                raise event[1]
            if event is not None and event[0] == "result":
                return
            if event is not None:
                yield event[1]

    async def _next(self, patience_seconds: float) -> Event | None:
        try:
            event = await asyncio.wait_for(self._events.get(), patience_seconds)
        except TimeoutError:
            event = None
        if self._gone:
            raise ClientGone("The client went away; its work was dropped.")
        return event

    async def _watch_for_end(self, request: Request) -> None:
        """The body is read already, so what comes next is the end of the connection."""
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._work.cancelled.set()
        self._events.put_nowait(None)

    def _tell(self, event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed when the host stops
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
