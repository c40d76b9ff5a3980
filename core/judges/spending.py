"""A limit on what judging may cost: counted before each question, stopped before it is passed.

    spending = Spending("2.50", prices)
    with spending.reserved(tokens_read=900, tokens_written=1) as bill: …
        bill.settle(912, 1)              # what the server says it was

Safe for several threads. Tokens are estimated on the high side until the server has said.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import JudgeError
from core.judges.server_settings import Prices

BYTES_A_TOKEN = 2  # few tokenizers need more tokens than this for any text


class SpendingStopped(JudgeError):
    """The limit would be passed by one more question."""


@dataclass(slots=True)
class Bill:
    """One question's tokens: estimated, then as the server counted them."""

    read: int
    written: int

    prices: Prices | None = None

    @property
    def dollars(self) -> float | None:
        """What the question cost; None where no prices were given."""
        return None if self.prices is None else self.prices.dollars(self.read, self.written)

    def settle(self, read: int | None, written: int | None) -> None:
        """Put the server's numbers in place of the estimate, where it gives any."""
        self.read = self.read if read is None else read
        self.written = self.written if written is None else written


class Spending:
    """Counts dollars; `limit` None counts alone."""

    def __init__(self, limit: str | None, prices: Prices | None) -> None:
        self._limit = None if limit is None else parse_limit(limit)
        if self._limit is not None and prices is None:
            raise JudgeError(
                f"A spending limit of ${self._limit:g} needs the judge's prices. Set "
                "PARTWAY_JUDGE_PRICES to dollars a million tokens, read and written: 0.15,0.60."
            )
        self._prices = prices
        self._lock = threading.Lock()  # over the two numbers below
        self._spent = self._reserved = 0.0
        self._asked = 0

    @property
    def dollars(self) -> float:
        """What was spent so far."""
        return self._spent

    @contextmanager
    def reserved(self, tokens_read: int, tokens_written: int) -> Iterator[Bill]:
        """Room for one question; what it cost in the end is counted.

        Raises:
            SpendingStopped: there is no room.
        """
        bill = Bill(tokens_read, tokens_written, self._prices)
        expected = bill.dollars or 0.0
        self._take(expected)
        try:
            yield bill
        finally:
            with self._lock:
                self._reserved -= expected
                self._spent += bill.dollars or 0.0
                self._asked += 1

    def _take(self, expected: float) -> None:
        with self._lock:
            if self._limit is not None and self._spent + self._reserved + expected > self._limit:
                raise SpendingStopped(
                    f"The spending limit of ${self._limit:g} stops the judge after {self._asked} "
                    f"questions (${self._spent:.4f}). What was judged is kept: run it again with a "
                    "higher limit."
                )
            self._reserved += expected


def parse_limit(text: str) -> float:
    """A limit in dollars.

    Raises:
        JudgeError: no number above 0.
    """
    try:
        value = float(text.removeprefix("$"))
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value > 0:
        return value
    raise JudgeError(
        f"A spending limit of {text[:40]!r} allows no question. Give dollars above 0, or no limit."
    )


def tokens_at_most(*texts: str) -> int:
    """More tokens than these texts are likely to have."""
    return sum(len(text.encode()) for text in texts) // BYTES_A_TOKEN + 32
