"""What is kept of reasoning: pools of answers, what was extracted from them, how it was graded.

Three stages, each with its own folder, so that extracting or grading again never generates
again. A record is one item; its tuples have one entry an answer of the pool, in the order of the
pool (samples by number, branches by the rank of their first token). Plain data, no files here.
"""

import base64
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MARGIN_STEPS = 65535  # margins are kept as whole numbers of 1/65535
_NO_TEXT, _WIDEST = 255, 65535  # of eight and of sixteen bits: a token that is no text


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """One problem answered several times at one λ."""

    item: str
    task: str
    prompt: str  # sha256 of the prompt's text
    prompt_tokens: int
    outputs: tuple[str, ...]
    tokens: tuple[int, ...]
    finishes: tuple[str, ...]  # "stop" or "length"
    cluster: str | None = None  # the family of twins that items share
    category: str | None = None
    cut: int = 0  # tokens of the prompt's beginning that did not fit
    firsts: tuple[str, ...] = ()  # of branches: the first token, its log-probability,
    first_logprobs: tuple[float, ...] = ()
    margins: tuple[str, ...] = ()  # and of each token p(top 1) − p(top 2) and its characters,
    widths: tuple[str, ...] = ()  # packed by `pack_margins` and `pack_widths`
    seconds: float | None = field(default=None, compare=False)  # its share of its batch's time


@dataclass(frozen=True, slots=True)
class ExtractionRecord:
    """The short answers that an extractor found in one item's pool."""

    item: str
    answers: tuple[str | None, ...]  # None: there is none, for the reason in `faults`
    hows: tuple[str | None, ...]  # what marked the answer: "stated", "boxed", "json" …
    spans: tuple[tuple[int, int] | None, ...]  # characters of the output
    faults: tuple[str | None, ...] = ()  # "no answer", "out of tokens", "too long"; () for none
    votes: tuple[str | None, ...] = ()  # equal for answers that vote together; () as `answers`
    formats: tuple[bool, ...] = ()  # where a format was asked for: whether it was kept
    deltas: tuple[float | None, ...] = ()  # of branches: Δ confidence of the answer's span

    @property
    def keys(self) -> tuple[str | None, ...]:
        """What votes together, an entry an answer."""
        return self.votes or self.answers


@dataclass(frozen=True, slots=True)
class GradeRecord:
    """What a grader made of one item's extracted answers."""

    item: str
    target: str
    correct: tuple[bool | None, ...]  # None: no answer, or the grader could not decide
    reasons: tuple[str | None, ...] = ()  # why a grader could not decide
    twin_target: str | None = None  # the original problem's answer, where it is another one
    as_twin: tuple[bool | None, ...] = ()  # whether the original's answer was given


def pack_margins(margins: Iterable[float]) -> str:
    """Sixteen bits a token, in base 64: a third of the size of decimals."""
    whole = array("H", (round(min(max(m, 0.0), 1.0) * MARGIN_STEPS) for m in margins))
    return _packed(whole)


def unpack_margins(text: str) -> list[float]:
    """The inverse, to within 1/131070."""
    return [value / MARGIN_STEPS for value in _unpacked("H", text)]


def pack_widths(widths: Iterable[int]) -> str:
    """Eight bits a token in base 64, or "2:" and sixteen where a token is wider than any known."""
    values = list(widths)
    if max(values, default=0) < _NO_TEXT:
        return base64.b64encode(bytes(_NO_TEXT if w < 0 else w for w in values)).decode()
    return "2:" + _packed(array("H", (_WIDEST if w < 0 else w for w in values)))


def unpack_widths(text: str) -> list[int]:
    """The inverse."""
    if text.startswith("2:"):
        return [-1 if w == _WIDEST else w for w in _unpacked("H", text[2:])]
    return [-1 if w == _NO_TEXT else w for w in base64.b64decode(text)]


def without_repeats(texts: Iterable[str]) -> list[str | int]:
    """A text that stood before as the place where it did: samples often say the same."""
    found: list[str | int] = []
    places: dict[str, int] = {}
    for at, text in enumerate(texts):
        found.append(places.get(text, text))
        places.setdefault(text, at)
    return found


def with_repeats(texts: Iterable[str | int]) -> tuple[str, ...]:
    """The inverse."""
    found: list[str] = []
    for text in texts:
        found.append(found[text] if isinstance(text, int) else text)
    return tuple(found)


def tuples_from_lists(kind: type[Any], row: dict[str, Any]) -> dict[str, Any]:
    """A record's fields as JSON has them, with tuples in place of lists."""
    found = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    if kind is ExtractionRecord:
        found["spans"] = tuple(span and tuple(span) for span in row["spans"])
    elif kind is PoolRecord:
        found["outputs"] = with_repeats(row["outputs"])
    return found


def _packed(values: "array[int]") -> str:
    if values.itemsize != 2:
        raise TypeError("this platform's short integers are not of two bytes")
    return base64.b64encode(_little(values).tobytes()).decode()


def _unpacked(code: str, text: str) -> "array[int]":
    values: array[int] = array(code)
    values.frombytes(base64.b64decode(text))
    return _little(values)


def _little(values: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values
