"""An engine without a model: the same question always gets the same made-up answer.

For tests and for pages where no model is wanted. Log-probabilities and words come from a hash
of (pair, λ, text), so two λ differ and nothing depends on order or time. It measures nothing.
"""

import hashlib
from collections.abc import Iterator, Sequence

from core.engine.protocol import (
    Chunk,
    Finish,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    Prompt,
    Score,
    ScoreRequest,
)
from core.errors import NotKnown
from core.lam import Lam
from core.spec import Decoding, PairIdentity

WORDS = ("river", "lamp", "green", "seven", "runs", "under", "the", "old", "bridge", "slowly")
CONTEXT_LENGTH = 1024
TEMPLATE = "fake: <role>: <content> per line"


class FakeEngine:
    """Deterministic, quick and torch-free; knows every pair unless told which."""

    def __init__(self, pairs: Sequence[str] | None = None) -> None:
        self._pairs = None if pairs is None else frozenset(pairs)

    def load(self, pair: str) -> LoadedPair:
        """A description with made-up but stable identities."""
        if self._pairs is not None and pair not in self._pairs:
            known = ", ".join(sorted(self._pairs))
            raise NotKnown(f"There is no pair named {pair[:80]!r}. Known are {known}.")
        return LoadedPair(
            identity=PairIdentity(pair, _digest(pair, "base")[:20], _digest(pair, "inst")[:20]),
            parameters=0,
            dtype="float32",
            device="fake",
            context_length=CONTEXT_LENGTH,
            chat_template=hashlib.sha256(TEMPLATE.encode()).hexdigest(),
            endpoints_exact=True,
            weights_bytes=0,
            notes=("A made-up engine: nothing it says is measured.",),
        )

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """A made-up log-probability from −10 to 0 for every request."""
        self.load(pair)
        scores = []
        for number, request in enumerate(requests, start=1):
            share = _share(pair, lam, request.context, request.continuation)
            words, before = len(request.continuation.split()), len(request.context.split())
            scores.append(Score(-10 * share, share < 0.3, max(words, 1), max(before, 1)))
            if on_progress:
                on_progress(number, len(requests))
        return scores

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """A few made-up words for every prompt."""
        answers = []
        for number, prompt in enumerate(prompts, start=1):
            chunks = list(self._write(pair, lam, prompt, decoding, number - 1))
            text = "".join(chunk.text for chunk in chunks)
            finish = chunks[-1].finish or "stop"
            answers.append(Generation(text, chunks[-1].tokens, len(prompt.text.split()), finish))
            if on_progress:
                on_progress(number, len(prompts))
        return answers

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """The words of `generate`, one at a time."""
        yield from self._write(pair, lam, prompt, decoding, 0)

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        """One line a message."""
        self.load(pair)
        lines = [f"{message.role}: {message.content}" for message in messages]
        return Prompt("\n".join([*lines, "assistant:"]), chat=True)

    def close(self) -> None:
        """Nothing to give back."""

    def _write(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding, row: int
    ) -> Iterator[Chunk]:
        self.load(pair)
        seed = "" if decoding.greedy else f"{decoding.seed}:{row}"
        wanted = 3 + int(_share(pair, lam, prompt.text, seed) * 8)
        count = min(wanted, decoding.max_new_tokens)
        for index in range(count):
            share = _share(pair, lam, prompt.text, f"{seed}:{index}")
            last: Finish = "stop" if wanted <= decoding.max_new_tokens else "length"
            word = WORDS[int(share * len(WORDS))]
            text = word if index == 0 else f" {word}"
            yield Chunk(0, text, index + 1, last if index == count - 1 else None)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _share(pair: str, lam: Lam, *parts: str) -> float:
    """A number from 0 to 1 that depends on all of it."""
    return int(_digest(pair, str(lam), *parts)[:12], 16) / 16**12
