"""An engine whose answers are hashes of what it was asked: deterministic, and it remembers.

For tests that must see every request. Log-probabilities depend on λ, context and
continuation; answers to prompts are words cut at the stop texts.
"""

import hashlib
from collections.abc import Iterator, Sequence

from core.engine.protocol import (
    Chunk,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    Prompt,
    Score,
    ScoreRequest,
)
from core.lam import Lam
from core.spec import Decoding, PairIdentity

PAIR = LoadedPair(
    identity=PairIdentity("hashes", "b" * 64, "i" * 64),
    parameters=1,
    dtype="float32",
    device="cpu",
    context_length=4096,
    chat_template="t" * 64,
    endpoints_exact=True,
    weights_bytes=4,
)
WORDS = ("ash", "Birch", "café", "dune", "elm, old far", "fern", "grove far\nMore")


def _number(*parts: str) -> int:
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:8], 16)


class HashEngine:
    """Implements the engine protocol; `asked` holds every batch in order."""

    def __init__(self) -> None:
        self.asked: list[Sequence[ScoreRequest] | Sequence[Prompt]] = []

    def load(self, pair: str) -> LoadedPair:
        return PAIR

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        self.asked.append(requests)
        return [self._score(lam, request) for request in requests]

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        self.asked.append(prompts)
        answers = [self._answer(lam, prompt, decoding) for prompt in prompts]
        for done in range(1, len(answers) + 1):
            if on_progress is not None:
                on_progress(done, len(answers))
        return answers

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        answer = self._answer(lam, prompt, decoding)
        yield Chunk(0, answer.text, answer.tokens, answer.finish)

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        turns = "".join(f"<{message.role}>{message.content}" for message in messages)
        return Prompt(f"{turns}<assistant>", chat=True)

    def close(self) -> None:
        self.asked.clear()

    def _score(self, lam: Lam, request: ScoreRequest) -> Score:
        number = _number(str(lam), request.context, request.continuation)
        return Score(
            logprob=-number / 1e9 * len(request.continuation),
            greedy=number % 3 == 0,
            tokens=len(request.continuation),
            context_tokens=len(request.context),
        )

    def _answer(self, lam: Lam, prompt: Prompt, decoding: Decoding) -> Generation:
        number = _number(str(lam), prompt.text)
        text = " " + WORDS[number % len(WORDS)]
        for stop in decoding.stop:
            text = text.split(stop)[0]
        return Generation(text, len(text), len(prompt.text), "stop")
