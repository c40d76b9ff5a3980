"""Two orders of one pair of answers: from what a judge said of slots to one preference.

A judge sees a first and a second answer and says a number from 1 (the first is surely better)
to 2 (the second surely is). Turned back to who was where, 1 is the reference and 2 the
candidate (`unswitched`). Both orders together are one verdict: their mean (`both_orders`).
AlpacaEval asks in one order only, drawn from the instruction's text (`candidate_goes_first`).
Not here: asking a judge, and rates over verdicts (metrics.py).

    both_orders(reference_first=1.8, candidate_first=1.3).preference     # (1.8 + 1.7) / 2
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.judges.protocol import DRAW

LOWEST, HIGHEST = 1.0, 2.0
STORED_DRAW = 0.0  # what older AlpacaEval files hold where 1.5 is meant
NOISE = 1e-9  # a mean this near to 1.5 is a draw that floats could not say
PERCENT = 100.0
BOTH_MISSING = "neither order gave a verdict"
ONE_MISSING = "one order gave no verdict"


class Shown(NamedTuple):
    """What the judge said of the slots, 1–2, in either order; None where it said nothing."""

    reference_first: float | None
    candidate_first: float | None


@dataclass(frozen=True, slots=True)
class OrderVerdict:
    """One verdict from two orders; without a preference it has a reason."""

    preference: float | None  # 1 reference … 2 candidate, 1.5 a draw
    consistent: bool | None  # the same winner in both orders; None unless both were read
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """How much the order mattered, over the pairs that were read in both."""

    n_pairs: int  # read in both orders
    n_missing: int  # one order missing, or both
    n_inconsistent: int  # another winner, or a draw and a winner
    swap_consistency: float | None  # percent; None without a pair
    first_slot_share: float | None  # percent of belief given to the first slot; 50 is neutral


def readable(shown: float | None) -> float | None:
    """The value if it is one: 1–2, or a stored 0, which means a draw; else None."""
    if shown is None or math.isnan(shown):
        return None
    if shown == STORED_DRAW:
        return DRAW
    return float(shown) if LOWEST <= shown <= HIGHEST else None


def unswitched(shown: float | None, candidate_first: bool) -> float | None:
    """The preference (1 reference, 2 candidate) behind a value about the slots."""
    value = readable(shown)
    if value is None:
        return None
    return LOWEST + HIGHEST - value if candidate_first else value


def both_orders(reference_first: float | None, candidate_first: float | None) -> OrderVerdict:
    """The mean of the two orders after unswitching; one of them missing is a missing pair.

    Two letters that contradict each other are thus a draw, and counted as inconsistent.
    """
    plain, turned = unswitched(reference_first, False), unswitched(candidate_first, True)
    if plain is None or turned is None:
        reason = BOTH_MISSING if plain is turned else ONE_MISSING
        return OrderVerdict(None, None, reason)
    mean = (plain + turned) / 2
    return OrderVerdict(
        preference=DRAW if abs(mean - DRAW) < NOISE else mean,
        consistent=_winner(plain) == _winner(turned),
    )


def candidate_goes_first(instruction: str, seed: int = 0) -> bool:
    """Whether AlpacaEval shows the candidate first: drawn from the text, the same for everyone.

    Source: alpaca_eval 0.6.6, `is_switched_outputs`; the default seed is 0. About half of
    the instructions are switched (406 of the 805).
    """
    drawn: bool = random.Random(f"is_switched_outputs{instruction}{seed}").choices([False, True])[0]
    return drawn


def order_summary(pairs: Sequence[Shown]) -> OrderSummary:
    """Consistency and slot bias of a judge over many pairs."""
    verdicts = [both_orders(*pair) for pair in pairs]
    read = [
        (plain, turned)
        for pair in pairs
        if (plain := readable(pair.reference_first)) is not None
        and (turned := readable(pair.candidate_first)) is not None
    ]
    inconsistent = sum(verdict.consistent is False for verdict in verdicts)
    n = len(read)
    to_first = math.fsum(HIGHEST - value for pair in read for value in pair)
    return OrderSummary(
        n_pairs=n,
        n_missing=len(pairs) - n,
        n_inconsistent=inconsistent,
        swap_consistency=PERCENT * (n - inconsistent) / n if n else None,
        first_slot_share=PERCENT * to_first / (2 * n) if n else None,
    )


def _winner(preference: float) -> int:
    return (preference > DRAW) - (preference < DRAW)
