"""pass@k, maj@k, and "any of the first k branches": what several answers to one item are worth.

pass@k is the chance that at least one of k independent samples is right. Its unbiased estimate
from n samples of which c are right is 1 − C(n−c, k) / C(n, k) (Chen et al. 2021, arXiv
2107.03374, equation 1). It is for samples that are drawn independently alone: branches of a
first token are not, and for them only what the first k say can be counted, under its own name.

maj@k draws subsets of k from the pool, and counts the answer that most of them give. An answer
that could not be found does not vote; among equal counts the credit is shared.
"""

from collections import Counter
from collections.abc import Sequence
from math import comb, fsum

import numpy as np

from core.stats.bootstrap import SEED, Floats

SUBSETS = 64
_STREAM = 93  # other draws than any task's


def pass_at_k(n: int, c: int, k: int) -> float:
    """The unbiased estimate from n samples of which c are right.

    Raises:
        ValueError: k is not from 1 to n, or c not from 0 to n.
    """
    if not 1 <= k <= n or not 0 <= c <= n:
        raise ValueError(f"pass@{k} of {c} right among {n}")
    return 1.0 - comb(n - c, k) / comb(n, k)


def pass_curve(n: int, c: int) -> Floats:
    """pass@1 … pass@n of one item."""
    return np.array([pass_at_k(n, c, k) for k in range(1, n + 1)])


def any_of_first(correct: Sequence[bool]) -> Floats:
    """Whether one of the first 1 … n branches is right, as 0 and 1."""
    found: Floats = np.maximum.accumulate(np.array(correct, dtype=np.float64))
    return found


def maj_at_k(
    keys: Sequence[str | None], correct: Sequence[bool], k: int, item: int, subsets: int = SUBSETS
) -> float:
    """Mean credit of the majority among k drawn answers of one item.

    `keys` are equal for answers that vote together, None for those that abstain; `item` seeds
    the draws, so that every λ draws the same places.

    Raises:
        ValueError: k is not from 1 to n.
    """
    n = len(keys)
    if not 1 <= k <= n:
        raise ValueError(f"maj@{k} of {n} answers")
    if k == n:
        return _credit(range(n), keys, correct)
    if k == 1:
        return sum(bool(one) for one in correct) / n
    generator = np.random.default_rng([SEED, _STREAM, item, k])
    places = [[int(at) for at in generator.permutation(n)[:k]] for _ in range(subsets)]
    return fsum(_credit(chosen, keys, correct) for chosen in places) / subsets


def vote_share(keys: Sequence[str | None]) -> tuple[str, float] | None:
    """The answer that most give and its share of all answers; None where nobody votes.

    Among equal counts the answer that came first.
    """
    votes = Counter(key for key in keys if key is not None)
    if not votes:
        return None
    key, count = votes.most_common(1)[0]
    return key, count / len(keys)


def _credit(
    places: Sequence[int] | range, keys: Sequence[str | None], correct: Sequence[bool]
) -> float:
    votes: Counter[str] = Counter()
    right: dict[str, bool] = {}
    for at in places:
        key = keys[at]
        if key is not None:
            votes[key] += 1
            right[key] = bool(correct[at])
    if not votes:
        return 0.0
    highest = max(votes.values())
    tied = [key for key, count in votes.items() if count == highest]
    return sum(right[key] for key in tied) / len(tied)
