"""What the host needs of an engine: every call as a generator of small steps.

`TorchEngine` has these by itself; `StepwiseFake` gives them to the made-up engine, so that
host, client and pages can be tried without a model.
"""

from collections.abc import Generator, Sequence
from typing import Protocol

from core.engine.fake import FakeEngine
from core.engine.protocol import (
    Chunk,
    Generation,
    LoadedPair,
    Message,
    Prompt,
    Score,
    ScoreRequest,
)
from core.lam import Lam
from core.spec import Decoding

Progress = tuple[int, int]


class StepwiseEngine(Protocol):
    """An engine whose work can be interrupted between steps."""

    def load(self, pair: str) -> LoadedPair:
        """Load, or say what is known."""
        ...

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """What is in memory now."""
        ...

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        """The chat template over the messages."""
        ...

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Generator[Progress, None, list[Score]]:
        """Score, one forward at a time."""
        ...

    def generate_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding
    ) -> Generator[Progress, None, list[Generation]]:
        """Answer, one token of a batch at a time."""
        ...

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        """Answer one prompt, one token at a time."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


class StepwiseFake(FakeEngine):
    """The made-up engine in steps; one request or token a step."""

    def __init__(self, pairs: Sequence[str] | None = None) -> None:
        super().__init__(pairs)
        self._loaded: dict[str, LoadedPair] = {}

    def load(self, pair: str) -> LoadedPair:
        """Remember which pairs were asked for."""
        self._loaded[pair] = super().load(pair)
        return self._loaded[pair]

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """The pairs asked for so far."""
        return tuple(self._loaded.values())

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Generator[Progress, None, list[Score]]:
        """One request a step."""
        scores: list[Score] = []
        for request in requests:
            scores += self.score(pair, lam, [request])
            yield len(scores), len(requests)
        return scores

    def generate_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding
    ) -> Generator[Progress, None, list[Generation]]:
        """All prompts in one step."""
        answers = self.generate(pair, lam, prompts, decoding)
        yield len(answers), len(prompts)
        return answers

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        """One word a step."""
        yield from self.stream(pair, lam, prompt, decoding)
