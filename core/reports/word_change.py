"""Which words of a problem its twin changes, for reading the two beside each other.

    before, after = changed_words(original, perturbed)

Words are compared, not characters; what both begin with is cut short. Not here: showing it.
"""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

WORDS_BEFORE = 30  # of what both share, before the first change
CUT = "… "
_WORD = re.compile(r"\S+\s*|\s+")


class Piece(NamedTuple):
    """Some text, and whether the other one has it otherwise."""

    text: str
    changed: bool


def changed_words(first: str, second: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces; each puts its own text together again, its cut beginning aside."""
    left, right = (_WORD.findall(text) for text in (first, second))
    start = max(0, _shared(left, right) - WORDS_BEFORE)
    left, right = left[start:], right[start:]
    matcher = SequenceMatcher(
        None, [w.strip() for w in left], [w.strip() for w in right], autojunk=False
    )
    pieces: tuple[list[Piece], list[Piece]] = ([], [])
    for kind, a, b, c, d in matcher.get_opcodes():
        for own, words in ((pieces[0], left[a:b]), (pieces[1], right[c:d])):
            if words:
                own.append(Piece("".join(words), kind != "equal"))
    cut = [Piece(CUT, False)] if start else []
    return tuple(cut + pieces[0]), tuple(cut + pieces[1])


def _shared(left: list[str], right: list[str]) -> int:
    """How many words both begin with."""
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one.strip() != other.strip():
            return at
    return min(len(left), len(right))
