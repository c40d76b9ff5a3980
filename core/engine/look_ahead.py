"""What a request for several λ will need to know, found out while nobody waits.

Right after a pair is loaded the engine has nothing to do: then it tries whether the pair can be
blended, and measures how long a token takes, one forward a step, so that whoever comes in waits
for no more than that. What is asked for earlier is found out on the spot.
"""

import logging
from collections.abc import Generator, Iterable
from weakref import WeakSet

from core.engine.many_choice import find_out_steps, is_known
from core.engine.resident import Resident
from core.merge.materialised import Materialised

logger = logging.getLogger(__name__)


class LookAhead:
    """The pair that is being looked at; `forget` it before a pair leaves memory."""

    def __init__(self) -> None:
        self._steps: Generator[None, None, None] | None = None
        self._failed: WeakSet[Materialised] = WeakSet()  # not tried again unless asked for

    def step(self, residents: Iterable[Resident]) -> bool:
        """One step; False when everything is known."""
        if self._steps is None:
            unknown = (r for r in residents if r.merged not in self._failed and not is_known(r))
            resident = next(unknown, None)
            if resident is None:
                return False
            self._steps = self._look(resident)
        if next(self._steps, "over") == "over":
            self._steps = None
        return True

    def forget(self) -> None:
        """Hold nothing of any pair."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _look(self, resident: Resident) -> Generator[None, None, None]:
        try:
            yield from find_out_steps(resident)
        except Exception as error:  # nobody asked yet; who asks will be told
            logger.warning("looking ahead failed: %s", str(error))
            self._failed.add(resident.merged)
