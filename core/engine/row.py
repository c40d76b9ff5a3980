"""One prompt to be answered, and its answer while it is being written.

A row knows all that is its own: its settings, its random numbers, its end. So it may stand in
one batch with rows of other requests. Not here: tensors (`core/engine/decode_batch.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.engine.answer import Answer
from core.engine.encoding import Encoder
from core.engine.sampler import Dice, dice_of
from core.spec import Decoding


@dataclass(frozen=True, slots=True)
class Order:
    """One prompt to be answered; `row` names it and seeds its random numbers."""

    row: int
    tokens: tuple[int, ...]
    seed: int | None = None  # in place of the request's seed and the row's number
    rank: int | None = None  # the first token is the one of this rank (0 first) that ends nothing


@dataclass(eq=False, slots=True)
class Row:
    """An answer, what it continues, how it is drawn, and what became of it."""

    prompt: tuple[int, ...]
    answer: Answer
    dice: Dice
    top: int | None  # candidates told beside each token; None: no log-probabilities
    rank: int | None = None  # of the first token, among those that do not end the text
    wanted: bool = True  # False once whoever asked has gone
    fresh: bool = False  # has changed since it was last looked at
    failed: Exception | None = None

    @property
    def open(self) -> bool:
        """Whether there is more to write."""
        return self.wanted and self.failed is None and self.answer.finish is None

    @property
    def place(self) -> int:
        """Where the last token that was written stands, counted from 0."""
        return len(self.prompt) + len(self.answer.tokens) - 1

    @property
    def tokens(self) -> tuple[int, ...]:
        """The prompt and what was written behind it."""
        return (*self.prompt, *self.answer.tokens)


def make_row(encoder: Encoder, order: Order, decoding: Decoding, top: int | None) -> Row:
    """A row of which nothing is written yet.

    Raises:
        InputError: the settings cannot be used.
    """
    answer = Answer(encoder.decode, decoding.stop, decoding.max_new_tokens)
    if order.rank is not None:  # a branch is greedy behind its first token
        dice = dice_of(replace(decoding, temperature="0"), 0)
    elif order.seed is not None:
        dice = dice_of(replace(decoding, seed=order.seed), 0)
    else:
        dice = dice_of(decoding, order.row)
    return Row(order.tokens, answer, dice, top, order.rank)


def open_rows(rows: Sequence[Row]) -> list[Row]:
    """Those that are not finished."""
    return [row for row in rows if row.open]
