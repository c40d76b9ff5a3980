"""Why an answer changes along λ: at which λ the most probable next token becomes another one.

Reads a trace (`core/engine/tracing.py`): one answer's tokens under several λ. What lies between
two λ that were looked at is not claimed; `between` says which λ to look at next, and `narrowed`
how far that has got. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.engine.protocol import TokenChance
from core.engine.tracing import Trace
from core.lam import Lam

FINEST = 10  # thousandths: how closely a flip is looked for
MOST_AT_ONCE = 11


@dataclass(frozen=True, slots=True)
class Flip:
    """Between two λ that were looked at, the most probable token changes."""

    left: Lam
    right: Lam
    before: TokenChance
    after: TokenChance

    @property
    def width(self) -> int:
        """Thousandths between the two."""
        return self.right.thousandths - self.left.thousandths


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where a λ, writing greedily, would leave the answer: its first token it would not choose."""

    lam: Lam
    at: int | None  # place of the token; the answer's length: it would go on; None: it never does
    instead: str = ""


def flips(lams: Sequence[Lam], tops: Sequence[TokenChance]) -> tuple[Flip, ...]:
    """Every change of the most probable token between neighbours, λ ascending.

    `tops` are the most probable tokens at one place, in the order of `lams`.
    """
    known = sorted(zip(lams, tops, strict=True), key=lambda one: one[0])
    return tuple(
        Flip(left, right, before, after)
        for (left, before), (right, after) in pairwise(known)
        if before.token != after.token
    )


def tops_at(trace: Trace, place: int) -> tuple[TokenChance, ...]:
    """The most probable token at a place under every λ of the trace."""
    return tuple(lam.top[place][0] for lam in trace.lams)


def between(flip: Flip) -> tuple[Lam, ...]:
    """λ to look at next: about ten steps of hundredths inside; empty when it is close enough."""
    if flip.width <= FINEST:
        return ()
    step = max(FINEST, math.ceil(flip.width / (MOST_AT_ONCE - 1) / FINEST) * FINEST)
    first = (flip.left.thousandths // FINEST + 1) * FINEST
    inside = range(first, flip.right.thousandths, step)
    return tuple(Lam(at) for at in inside)[:MOST_AT_ONCE]


def leavings(lams: Sequence[Lam], trace: Trace) -> tuple[Leaving, ...]:
    """For every λ the first token of the answer that it would not have written."""
    found = []
    for lam, told in zip(lams, trace.lams, strict=True):
        at = next(
            (
                place
                for place, (token, best) in enumerate(zip(trace.tokens, told.top, strict=False))
                if best and best[0].token != token
            ),
            None,
        )
        found.append(Leaving(lam, at, "" if at is None else told.top[at][0].text))
    return tuple(found)


def as_percent(logprob: float) -> str:
    """A probability for reading: never 0 or 100 unless it is."""
    share = math.exp(logprob)
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def in_words(found: Sequence[Flip], closely: bool) -> str:
    """The flips at one place, as a sentence that says at which λ was looked."""
    looked = "every hundredth of λ around them" if closely else "the λ of the columns"
    if not found:
        return "Every λ looked at prefers the same token; nothing is said of λ in between."
    told = "; ".join(
        f"between λ {flip.left} and {flip.right} from {show(flip.before.text)} "
        f"to {show(flip.after.text)}"
        for flip in found
    )
    times = "once" if len(found) == 1 else f"{len(found)} times"
    return f"The most probable token changes {times}: {told}. Looked at: {looked}."


def show(token: str) -> str:
    """A token in quotes, its white space visible."""
    seen = token.replace("\n", "↵").replace("\t", "⇥")
    lead = len(seen) - len(seen.lstrip(" "))
    return f"“{'·' * lead}{seen[lead:]}”"
