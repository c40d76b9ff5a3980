"""One instruction with its answer and checks, and the side of the held-out line it comes from.

Every kind of instruction is a *maker*: a function from a `Draw` to an `Exchange`, or to None
when what it drew lies on the other side of the line. The chat stream and the instruction suite
call the same makers, one on each side, so the two can share wording but never an item.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from core.demo.held_out import reserved
from core.judges.checks import Check

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An instruction and a right answer.

    `template` names the wording family it belongs to; `about` says what it asks about, where
    the answer alone does not say it: the suite takes each subject once a kind.
    """

    kind: str
    template: str
    instruction: str
    answer: str
    checks: tuple[Check, ...]
    system: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """A source of chance, and whether held-out material is wanted or everything else."""

    rng: Random
    held_out: bool

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.rng.choice(options)

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options in random order."""
        return self.rng.sample(options, count)

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.rng.random() < share

    def allows(self, kind: str, *key: str) -> bool:
        """Whether a key (see `held_out.SHARES`) lies on this side of the line."""
        return reserved(kind, key) == self.held_out


Maker = Callable[[Draw], Exchange | None]


def drawn(maker: Maker, draw: Draw) -> Exchange:
    """Call the maker until what it draws lies on the wanted side."""
    while True:
        exchange = maker(draw)
        if exchange is not None:
            return exchange
