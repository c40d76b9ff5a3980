"""Several engines that hold the same pairs, as a sweep sees them; no Ray here.

An engine that has others beside it is a `Member`; work is spread over `member.fleet`. Not
here: who does what (`core/jobs/spread.py`), and actors (`ray_fleet.py`).
"""

from typing import Protocol, runtime_checkable

from core.engine.protocol import Engine, LoadedPair
from core.engine.turn import Turn
from core.errors import EngineError
from core.store.environment import Environment


class NoReplacement(EngineError):
    """An engine was lost, and nothing is free to put another one on."""


class Fleet(Protocol):
    """Engines that answer alike, each on its own device."""

    @property
    def turn(self) -> Turn:
        """Whose threads ask; an engine lets the others go on while it is waited for."""
        ...

    @property
    def engines(self) -> tuple[Engine, ...]:
        """All of them, when work begins."""
        ...

    def another(self, lost: Engine) -> Engine:
        """An engine in the place of one that does not answer any more.

        Raises:
            NoReplacement: there is no place for it.  EngineError: it is not like the others.
        """
        ...

    def environment(self, engine: Engine, loaded: LoadedPair) -> Environment:
        """Where the engine computes: its own device, versions and code."""
        ...

    def abandon(self) -> None:
        """End every engine now; whoever waits for one hears that it is gone."""
        ...

    def close(self) -> None:
        """Give everything back, once nobody waits any more."""
        ...


@runtime_checkable
class Member(Protocol):
    """An engine with others beside it."""

    @property
    def fleet(self) -> Fleet:
        """All of them."""
        ...
