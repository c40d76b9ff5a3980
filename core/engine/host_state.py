"""What a running host holds: the engine, once it is imported, and the queue of work.

The engine is made in the worker's thread, so the host answers /health from its first moment
while torch and transformers are still being imported.
"""

import logging
import os
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from core.engine.activity import Activity
from core.engine.host_status import HostPhase, HostStatus
from core.engine.protocol import LoadedPair
from core.engine.stepwise import StepwiseEngine
from core.engine.work_queue import Steps, Work, WorkQueue
from core.errors import EngineError, EngineUnavailable, PartwayError

logger = logging.getLogger(__name__)
STOP_SECONDS = 5.0


class HostState:
    """One host's engine and queue; `make_engine` is called once, in the worker's thread."""

    def __init__(
        self,
        make_engine: Callable[[], StepwiseEngine],
        token: str,
        code: str,
        settings: str,
        registered: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.registered = registered  # names of pairs that could be loaded; may read the disk
        self.token, self.code, self.settings = token, code, settings
        self.message = "The engine is being imported."
        self.last_asked = time.monotonic()
        self.activity = Activity()
        self._make_engine = make_engine
        self._engine: StepwiseEngine | None = None
        self._failed = False
        self._queue = WorkQueue(self._prepare, self._look_ahead)
        self._queue.start()

    @property
    def engine(self) -> StepwiseEngine:
        """The engine; ask only in the worker's thread."""
        if self._engine is None:
            raise EngineUnavailable(self.message)
        return self._engine

    @property
    def status(self) -> HostPhase:
        """What the host is doing, in one word."""
        if self._failed:
            return "failed"
        if self._engine is None:
            return "starting"
        return "busy" if self._queue.length else "ready"

    @property
    def queue_length(self) -> int:
        """Pieces of work that are not finished."""
        return self._queue.length

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """What is in memory now."""
        return () if self._engine is None else self._engine.loaded_pairs()

    def describe(self) -> HostStatus:
        """Everything that can be said without asking the worker."""
        pairs, waiting = self.loaded_pairs(), self.activity.waiting()
        latest = pairs[-1] if pairs else None
        return HostStatus(
            status=self.status,
            message=self.message,
            pid=os.getpid(),
            code=self.code,
            pairs=pairs,
            leases={} if self._engine is None else self._engine.leases,
            at_work=self.activity.at_work(),
            interactive=waiting["interactive"],
            batch=waiting["batch"],
            tokens_per_second=self.activity.tokens_per_second(),
            resident_bytes=0 if self._engine is None else self._engine.device_bytes,
            form=self.activity.last_form,
            device=latest.device if latest else None,
            dtype=latest.dtype if latest else None,
            loading=None if self._engine is None else self._engine.loading,
        )

    def put(self, work: Work) -> None:
        """Queue a piece of work."""
        self.last_asked = time.monotonic()
        self._queue.put(work)

    def idle_seconds(self) -> float:
        """How long nobody has wanted anything."""
        if self._queue.length:
            self.last_asked = time.monotonic()
        return time.monotonic() - self.last_asked

    def end_work(self) -> None:
        """Tell all work that the host stops; does not wait for the current step."""
        self._queue.stop(0.0)

    def stop(self) -> None:
        """End after the current step and give back the memory."""
        self._queue.stop(STOP_SECONDS)
        if self._engine is not None:
            self._engine.close()

    def once(self, act: Callable[[], Any]) -> Callable[[], Steps]:
        """A piece of work that is done in one step."""

        def steps() -> Generator[Any, None, Any]:
            result = act()
            return result
            yield  # makes this a generator; there is nothing to be told in between

        return steps

    def _look_ahead(self) -> bool:
        return self._engine is not None and self._engine.look_ahead()

    def _prepare(self) -> None:
        started = time.monotonic()
        try:
            self._engine = self._make_engine()
            self.message = ""
            logger.info("engine ready after %.2f s", time.monotonic() - started)
        except PartwayError as error:
            self._failed, self.message = True, str(error)
        except Exception as error:
            logger.exception("the engine cannot be made")
            self._failed = True
            self.message = str(EngineError(f"The engine cannot start ({error}). Read engine.log."))
