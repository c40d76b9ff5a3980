"""An engine whose answers are hashes of what it was asked: deterministic, and it remembers.

For tests that must see every request. Log-probabilities depend on λ, context and
continuation; answers to prompts are words cut at the stop texts.
"""

import hashlib
from collections.abc import Iterator, Sequence

from core.engine.pool import Pool, PoolAnswer, PoolRequest, Traced
from core.engine.protocol import (
    Answers,
    ChosenToken,
    Chunk,
    Form,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    OptionChances,
    Prompt,
    Score,
    ScoreRequest,
    TokenChance,
)
from core.engine.tracing import Trace, TraceRequest
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


def _trace(number: int) -> Traced:
    """Of "The answer is 4." in the tokens "The", " answer", " is", " 4", "."."""
    return Traced((0.9, 0.8, 0.7, number % 100 / 100, 0.5), (3, 7, 3, 2, 1), "The", -0.1)


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

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        return [self._score(lam, ScoreRequest("", text)) for text in texts]

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

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        yield Answers(form or "materialised", "Hashes have no form.")
        for row, lam in enumerate(lams):
            answer = self._answer(lam, prompt, decoding)
            yield Chunk(row, answer.text, answer.tokens, answer.finish)

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        return tuple(self._chances(lam, prompt.text)[:top] for lam in lams)

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        texts = [prompt.text[:at] for at in range(1, len(prompt.text))]
        scored = [
            ChosenToken(after, ord(after), -_number(str(lam), before) / 1e9)
            for before, after in zip(texts, prompt.text[1:], strict=True)
        ]
        return (None, *scored) if prompt.text else ()

    def trace(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Trace:
        raise NotImplementedError

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        return [
            OptionChances(
                tuple(-_number(str(lam), prompt.text, option) / 1e9 for option in options),
                len(prompt.text),
            )
            for prompt in prompts
        ]

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        self.asked.append([one.prompt for one in asked])
        pools = []
        for one in asked:
            marks = range(one.branches) if one.branches else one.seeds
            numbers = [_number(str(lam), one.prompt.text, str(mark)) for mark in marks]
            traces = [_trace(n) if one.branches else None for n in numbers]
            answers = [
                PoolAnswer(f"The answer is {n % 5}.", 5, "stop", trace)
                for n, trace in zip(numbers, traces, strict=True)
            ]
            pools.append(Pool(tuple(answers), len(one.prompt.text)))
        return pools

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        return [_number(model, *(turn.content for turn in turns)) / 1e9 for turns in conversations]

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    def unload(self, pair: str) -> bool:
        return False

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        turns = "".join(f"<{message.role}>{message.content}" for message in messages)
        return Prompt(turns if continue_last else f"{turns}<assistant>", chat=True)

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

    def _chances(self, lam: Lam, text: str) -> tuple[TokenChance, ...]:
        numbers = [(_number(str(lam), text, word) / 1e9, word) for word in WORDS]
        return tuple(TokenChance(f" {word}", WORDS.index(word), -n) for n, word in sorted(numbers))

    def _answer(self, lam: Lam, prompt: Prompt, decoding: Decoding) -> Generation:
        number = _number(str(lam), prompt.text)
        text = " " + WORDS[number % len(WORDS)]
        for stop in decoding.stop:
            text = text.split(stop)[0]
        return Generation(text, len(text), len(prompt.text), "stop")
