"""The common prefix that was computed last, kept for the next request at the same λ.

A sweep asks for a task in parts, so that a killed one loses little; the few-shot examples that
all parts begin with are computed once nevertheless. What is kept belongs to one λ and serves no
other, and it is small: at most a tenth of the weights, or what no machine misses.
"""

from collections.abc import Sequence

from core.engine.score_plan import common_length
from core.engine.tree_attention import Prefix
from core.lam import Lam

LEAST_SHARE = 0.9  # of a prefix that must be there already, else it is computed anew
SHARE_OF_WEIGHTS = 10  # a prefix larger than a tenth of the weights is not kept,
ALWAYS_KEPT_BYTES = 64 * 1024**2  # unless it is no larger than this


class PrefixShelf:
    """Room for one prefix. Used by one thread at a time, as the live weights are."""

    def __init__(self) -> None:
        self._lam: Lam | None = None
        self._tokens: tuple[int, ...] = ()
        self._prefix: Prefix = ()

    def find(self, lam: Lam, tokens: Sequence[int]) -> tuple[Prefix, int] | None:
        """Most of this prefix at exactly this λ, and how many of its tokens; else None."""
        if lam != self._lam:
            return None
        common = common_length(self._tokens, tokens)
        if common < LEAST_SHARE * len(tokens):
            return None
        kept = [(keys[:, :, :common], values[:, :, :common]) for keys, values in self._prefix]
        return kept, common

    def keep(self, lam: Lam, tokens: tuple[int, ...], prefix: Prefix, weights_bytes: int) -> None:
        """Keep this one instead of the one before."""
        size = sum(part.nbytes for layer in prefix for part in layer)
        if size > max(ALWAYS_KEPT_BYTES, weights_bytes // SHARE_OF_WEIGHTS):
            self.clear()
        else:
            self._lam, self._tokens, self._prefix = lam, tokens, prefix

    def clear(self) -> None:
        """Give the memory back."""
        self._lam, self._tokens, self._prefix = None, (), ()
