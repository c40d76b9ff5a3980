"""Several answers to one prompt: drawn with seeds of their own, or branched at the first token.

    PoolRequest(prompt, seeds=(11, 12, 13))     three samples; each has its own random numbers
    PoolRequest(prompt, branches=10)            CoT-decoding's ten: first token by rank, then greedy

A sample's seed is told by whoever asks, so that an answer does not depend on what shares its
batch, or on where a run was interrupted. Plain data; the writing is in `pools.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.engine.protocol import Finish, Prompt


@dataclass(frozen=True, slots=True)
class PoolRequest:
    """A prompt and how many answers are wanted: one a seed, or one a branch (not both)."""

    prompt: "Prompt"
    seeds: tuple[int, ...] = ()
    branches: int = 0

    @property
    def count(self) -> int:
        """Answers wanted."""
        return self.branches or len(self.seeds)


@dataclass(frozen=True, slots=True)
class Traced:
    """What is known of each token of a branch, one entry a token of the answer.

    `margins` are p(most probable) − p(second), over the whole vocabulary at temperature 1, at
    the step that wrote the token. Of the first token that is the first step's margin, for every
    branch the same: Wang & Zhou take the two most probable tokens of a step, not the one taken.
    `widths` are the characters that a token adds to the text: 0 for one that is part of a
    character which a later token completes, −1 for one that is no text at all (a special token).
    """

    margins: tuple[float, ...]
    widths: tuple[int, ...]
    first: str  # the first token's own text
    first_logprob: float


@dataclass(frozen=True, slots=True)
class PoolAnswer:
    """One of the answers."""

    text: str
    tokens: int
    finish: "Finish"
    trace: Traced | None = None  # of branches only


@dataclass(frozen=True, slots=True)
class Pool:
    """All answers to one prompt: samples in the order of their seeds, branches by rank."""

    answers: tuple[PoolAnswer, ...]
    prompt_tokens: int  # as far as they fitted
    cut: int = 0  # tokens of the prompt's beginning that the model's context had no room for


def pool_from_json(content: dict[str, Any]) -> Pool:
    """The inverse of `dataclasses.asdict`."""
    answers = tuple(_answer(one) for one in content["answers"])
    return Pool(answers, int(content["prompt_tokens"]), int(content["cut"]))


def _answer(content: dict[str, Any]) -> PoolAnswer:
    trace = content["trace"]
    if trace is not None:
        margins, widths = map(float, trace["margins"]), map(int, trace["widths"])
        trace = Traced(
            tuple(margins), tuple(widths), str(trace["first"]), float(trace["first_logprob"])
        )
    return PoolAnswer(content["text"], int(content["tokens"]), content["finish"], trace)


def widths_of(pieces: Sequence[tuple[int, bool]]) -> tuple[int, ...]:
    """Widths from (length of the text so far, whether the token is text), one a token."""
    found, before = [], 0
    for length, is_text in pieces:
        found.append(max(0, length - before) if is_text else -1)
        before = max(before, length)
    return tuple(found)
