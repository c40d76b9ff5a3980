"""Which two answers are shown next in a blind tasting: drawn by a seed, so that it can be told.

    turns(rows, Taste(lams, seed=7), voted)

Every turn is a prompt and two of the chosen λ that did not say the very same thing; order of
prompts, of λ and of the panes come from one shuffled list. Not here: votes and their meaning.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.errors import InputError
from core.lam import INSTRUCT, Lam
from core.reports.answer_rows import Row

Voted = frozenset[tuple[str, frozenset[Lam]]]  # prompt and its two λ, whatever their order
HIGHEST_SEED = 2**31 - 1
EVEN = 0.5  # how often the higher λ stands first


@dataclass(frozen=True, slots=True)
class Taste:
    """What is tasted."""

    lams: tuple[Lam, ...]
    seed: int
    only_against: Lam | None = INSTRUCT  # one of the two is always this λ; None: any two

    def __post_init__(self) -> None:
        if len(self.lams) < 2:
            raise InputError(f"{len(self.lams)} λ cannot be compared. Choose two or more.")
        if not 0 <= self.seed <= HIGHEST_SEED:
            raise InputError(f"The seed {self.seed} is none. Give a whole number from 0.")


@dataclass(frozen=True, slots=True)
class Turn:
    """Two panes; `number` is the place in the seed's order."""

    number: int
    row: Row
    first: Lam
    second: Lam

    @property
    def texts(self) -> tuple[str, str]:
        """What stands in the two panes."""
        said = {one.lam: one.text for one in self.row.said}
        return said[self.first], said[self.second]


@dataclass(frozen=True, slots=True)
class Order:
    """All turns of a seed that are still to be had."""

    turns: tuple[Turn, ...]
    same: int  # pairs of answers that are the very same text: nothing to choose
    voted: int  # pairs that this person has voted on


def turns(rows: Sequence[Row], taste: Taste, voted: Voted = frozenset()) -> Order:
    """The turns in their order."""
    found, same = [], 0
    wanted = frozenset(taste.lams)
    for row in rows:
        texts = {one.lam: one.text for one in row.said if one.lam in wanted}
        for one, other in combinations(texts, 2):
            if taste.only_against not in (None, one, other):
                continue
            if texts[one] == texts[other]:
                same += 1
            else:
                found.append((row, one, other))
    dice = random.Random(taste.seed)
    dice.shuffle(found)
    order = []
    for number, (row, one, other) in enumerate(found):
        turned = dice.random() < EVEN
        order.append(Turn(number, row, *((other, one) if turned else (one, other))))
    left = [t for t in order if (t.row.key, frozenset((t.first, t.second))) not in voted]
    return Order(tuple(left), same, len(order) - len(left))
