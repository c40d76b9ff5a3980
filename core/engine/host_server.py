"""uvicorn's server, which ends the engine's work before it waits for connections to close."""

import socket

import uvicorn

from core.engine.host_state import HostState


class HostServer(uvicorn.Server):
    """Every request under way is told that the engine stops, after the current step."""

    def __init__(self, config: uvicorn.Config, state: HostState) -> None:
        super().__init__(config)
        self._state = state

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then close."""
        self._state.end_work()
        await super().shutdown(sockets)
