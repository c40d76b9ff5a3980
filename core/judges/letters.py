"""From what a judge returned to a number about the slots: 1 the first answer … 2 the second.

p = P(m) / (P(m) + P(M)) over every token that says one of the two, spaces aside; the number is
2 − p (AlpacaEval 2). A token that was not returned counts as probability 0; neither returned is
no verdict, and prose is none either: nothing here guesses. Not here: asking.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.judges.template import FIRST, SECOND

NO_LETTER = "the judge's most probable tokens hold neither m nor M"
QUOTED = 40  # characters of an unreadable reply that are kept
AROUND = " \t\r\n\"'`*_.:()[]{}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict about the slots, or the reason why there is none."""

    shown: float | None
    mass: float | None = None  # P(m) + P(M), 0–1
    reason: str | None = None
    rationale: str | None = None


def from_logprobs(first: float, second: float) -> Reading:
    """From two natural log-probabilities; −inf is probability 0."""
    highest = max(first, second)
    if math.isinf(highest) or math.isnan(first) or math.isnan(second):
        return Reading(None, 0.0, NO_LETTER)
    left, right = math.exp(first - highest), math.exp(second - highest)
    mass = math.exp(highest) * (left + right)
    return Reading(2 - left / (left + right), min(mass, 1.0))


def from_tokens(tokens: Iterable[tuple[str, float]]) -> Reading:
    """From the most probable tokens and their log-probabilities."""
    sums = {FIRST: 0.0, SECOND: 0.0}
    for text, logprob in tokens:
        if text.strip() in sums:
            sums[text.strip()] += math.exp(logprob)
    first, second = (math.log(total) if total else -math.inf for total in sums.values())
    return from_logprobs(first, second)


def from_text(text: str) -> Reading:
    """From a written reply: a letter alone on its first or last line, the rest is its reasons."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    for at in (0, -1) if lines else ():
        letter = lines[at].strip(AROUND)
        if letter in (FIRST, SECOND):
            others = lines[1:] if at == 0 else lines[:-1]
            rationale = "\n".join(others).strip() or None
            return Reading(1.0 if letter == FIRST else 2.0, rationale=rationale)
    said = " ".join(text.split())[:QUOTED]
    return Reading(None, reason=f"the judge wrote {said!r} in place of m or M")
