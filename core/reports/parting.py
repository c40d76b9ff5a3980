"""Where answers to one prompt part company, and which words differ: for reading side by side.

Works on text alone, in words: a token of one pair is no token of another. A text that is still
being written has not parted from one that goes on longer; it may yet say the same.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

Kind = Literal["shared", "plain", "differs"]
_PIECES = re.compile(r"\s*\S+|\s+$")  # a word with the white space before it, and what trails
LEAST_ALIKE = 0.3  # of the words; where fewer are the same, marking the others says nothing
MOST_WORDS = 1500  # of one text that are compared word by word; beyond, only where they part


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and whether more of it may come."""

    text: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: shared with the beginning of the other, plain, or differing from it."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in pieces; `parts` joined are the text. `parted` is where it left the other one."""

    parts: tuple[Part, ...]
    parted: int | None  # characters before the first word that differs; None: nowhere so far


@dataclass(frozen=True, slots=True)
class Parting:
    """The first place, going along the columns, at which neighbours part."""

    left: int  # index of the column; the other one is the next
    words: int  # that the two share at their beginning


def pieces(text: str) -> list[str]:
    """Words, each with the white space before it; joined they are the text."""
    return _PIECES.findall(text)


def shared_words(one: Said, other: Said) -> tuple[int, bool]:
    """How many words both begin with, and whether they have parted after them.

    They have not as long as the two may still end up the same: the last word of a text that is
    open may be half a word, and more may come behind it.
    """
    count = 0
    for left, right in zip(pieces(one.text), pieces(other.text), strict=False):
        if left != right:
            break
        count += 1
    return count, not _may_become_equal(one, other)


def _may_become_equal(one: Said, other: Said) -> bool:
    if one.text == other.text:
        return True
    grows = one.open and other.text.startswith(one.text)
    return grows or (other.open and one.text.startswith(other.text))


def mark(said: Said, other: Said, *, by_word: bool) -> Marked:
    """The text against another one: the shared beginning, and (if asked) the differing words."""
    count, parted = shared_words(said, other)
    words = pieces(said.text)
    at = sum(map(len, words[:count]))
    shared, rest = said.text[:at], said.text[at:]
    parts = [Part("shared", shared)] if shared else []
    if rest and by_word and parted and max(len(words), len(pieces(other.text))) <= MOST_WORDS:
        parts += _differences(said.text, other.text, count)
    elif rest:
        parts.append(Part("plain", rest))
    return Marked(tuple(parts), at if parted else None)


@lru_cache(512)
def _differences(text: str, other: str, skip: int) -> tuple[Part, ...]:
    """The words behind the shared ones, those that the other text has not marked."""
    mine, yours = pieces(text)[skip:], pieces(other)[skip:]
    matcher = difflib.SequenceMatcher(
        None, [one.strip() for one in mine], [one.strip() for one in yours], autojunk=False
    )
    same = skip + sum(block.size for block in matcher.get_matching_blocks())
    if 2 * same < LEAST_ALIKE * (2 * skip + len(mine) + len(yours)):
        return (Part("plain", "".join(mine)),)
    found: list[Part] = []
    for tag, start, end, _, _ in matcher.get_opcodes():
        words = "".join(mine[start:end])
        if words:
            found.append(Part("plain" if tag == "equal" else "differs", words))
    return tuple(found)


def first_parting(texts: Sequence[Said]) -> Parting | None:
    """Of all neighbours the two that part after the fewest words; the first of equals."""
    found: Parting | None = None
    for left, (one, other) in enumerate(pairwise(texts)):
        words, parted = shared_words(one, other)
        if parted and (found is None or words < found.words):
            found = Parting(left, words)
    return found


def same_texts(texts: Sequence[Said]) -> tuple[tuple[int, ...], ...]:
    """Indices of the columns that say the very same, in groups of two and more, none open."""
    groups: dict[str, list[int]] = {}
    for index, said in enumerate(texts):
        if not said.open and said.text:
            groups.setdefault(said.text, []).append(index)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def in_words(texts: Sequence[Said], names: Sequence[str]) -> str:
    """What the columns share and where they part, as one or two sentences."""
    if not any(said.text for said in texts):
        return "Nothing has been written yet."
    if len(texts) < 2:
        return "One column has nothing to be compared with."
    return " ".join(filter(None, (_parting_words(texts, names), _same_words(texts, names))))


def _parting_words(texts: Sequence[Said], names: Sequence[str]) -> str:
    parting = first_parting(texts)
    if parting is None:
        so_far = " so far" if any(said.open for said in texts) else ""
        return f"All columns say the same{so_far}."
    between = f"{names[parting.left]} and {names[parting.left + 1]}"
    if not parting.words:
        return f"First divergence: {between} part at the first word."
    word = "word" if parting.words == 1 else "words"
    return f"Neighbours part first between {between}, after {parting.words} {word}."


def _same_words(texts: Sequence[Said], names: Sequence[str]) -> str:
    groups = same_texts(texts)
    if not groups or any(len(group) == len(texts) for group in groups):
        return ""
    told = "; ".join(", ".join(names[index] for index in group) for group in groups)
    return f"The very same text: {told}."
