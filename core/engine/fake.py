"""An engine without a model: the same question always gets the same made-up answer.

For tests and for pages where no model is wanted. Log-probabilities and words come from a hash
of (pair, λ, text), so two λ differ and nothing depends on order or time. It measures nothing.
"""

import hashlib
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, zip_longest

from core.engine.pool import Pool, PoolAnswer, PoolRequest, Traced
from core.engine.protocol import (
    Answers,
    ChosenToken,
    Chunk,
    Finish,
    Form,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    OptionChances,
    Prompt,
    PromptRead,
    Score,
    ScoreRequest,
    TokenChance,
    Wanted,
)
from core.engine.tracing import Trace, TracedLam, TraceRequest
from core.errors import InputError, NotKnown
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

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """A made-up log-probability from −6 to 0 for every word after the first."""
        self.load(pair)
        scores = []
        for number, text in enumerate(texts, start=1):
            told = [one.logprob for one in self.token_scores(pair, lam, Prompt(text), 0) if one]
            scores.append(Score(sum(told), False, len(told), 1))
            if on_progress:
                on_progress(number, len(texts))
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
            answers.append(Generation(text, chunks[-1].tokens, len(_words(prompt)), finish))
            if on_progress:
                on_progress(number, len(prompts))
        return answers

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """The words of `generate`, one at a time."""
        yield from self._write(pair, lam, prompt, decoding, 0)

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """The words of `stream` at every λ; in step, or one λ after the other when asked for."""
        yield Answers(form or "blended", "A made-up engine: no form costs more than the other.")
        rows = [
            map(partial(_at_row, row), self.stream(pair, lam, prompt, decoding))
            for row, lam in enumerate(lams)
        ]
        steps = zip_longest(*rows) if form != "materialised" else rows
        yield from (chunk for chunk in chain.from_iterable(steps) if chunk is not None)

    def complete(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding, wanted: Wanted, row: int
    ) -> Generator[Chunk, None, None]:
        """One row of `complete_steps`, a word at a time."""
        read: PromptRead | None = self._read(pair, lam, prompt, wanted)
        if decoding.max_new_tokens == 0:
            yield Chunk(row, "", 0, "length", (), read)
            return
        for chunk in self._write(pair, lam, prompt, decoding, row):
            chosen = self._chosen(pair, lam, chunk.text, wanted)
            yield replace(chunk, row=row, chosen=chosen, prompt=read)
            read = None

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """Made-up chances: the word that `stream` begins with first, each next half as likely."""
        first = Decoding(1)
        starts = [next(self._write(pair, lam, prompt, first, 0)).text for lam in lams]
        return tuple(_chances(start, top) for start in starts)

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Made-up log-probabilities of the prompt's words."""
        self.load(pair)
        words = _words(prompt)
        scored = [
            ChosenToken(
                word,
                _token(word),
                -6 * _share(pair, lam, *words[:at], word),
                _chances(WORDS[int(_share(pair, lam, *words[:at]) * len(WORDS))], top),
            )
            for at, word in enumerate(words[1:], start=1)
        ]
        return (None, *scored) if words else ()

    def trace(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Trace:
        """Made-up log-probabilities of the answer's words, as `token_scores` tells them."""
        self.load(pair)
        words = _words(request.answer)
        if not words:
            raise InputError("The answer is empty, so there is nothing to read. Choose another.")
        why = "A made-up engine: no form costs more than the other."
        found = tuple(
            self._traced(pair, lam, request.prompt.text, words, request.top) for lam in lams
        )
        return Trace(form or "blended", why, tuple(map(_token, words)), words, found)

    def _traced(
        self, pair: str, lam: Lam, prompt: str, words: tuple[str, ...], top: int
    ) -> TracedLam:
        before = [(prompt, *words[:at]) for at in range(len(words) + 1)]
        shares = [_share(pair, lam, *said) for said in before]
        logprobs = tuple(
            -6 * _share(pair, lam, *said, word)
            for said, word in zip(before[:-1], words, strict=True)
        )
        best = tuple(_chances(f" {WORDS[int(share * len(WORDS))]}", top) for share in shares)
        return TracedLam(logprobs, -6 * shares[-1], best)

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        """Made-up chances of the options, together 1."""
        self.load(pair)
        found = []
        for number, prompt in enumerate(prompts, start=1):
            shares = [0.001 + _share(pair, lam, prompt.text, option) for option in options]
            logs = tuple(math.log(share / sum(shares)) for share in shares)
            found.append(OptionChances(logs, len(_words(prompt))))
            if on_progress:
                on_progress(number, len(prompts))
        return found

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        """Made-up words for every seed or branch, with made-up margins."""
        pools = []
        for number, one in enumerate(asked, start=1):
            marks = [f"branch {rank}" for rank in range(one.branches)] or list(map(str, one.seeds))
            answers = tuple(self._pool_answer(pair, lam, one, mark, decoding) for mark in marks)
            pools.append(Pool(answers, len(_words(one.prompt))))
            if on_progress:
                on_progress(number * one.count, sum(each.count for each in asked))
        return pools

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        """Made-up scores from −2 to 2."""
        texts = ["\x00".join(turn.content for turn in turns) for turns in conversations]
        return [4 * int(_digest(model, text)[:12], 16) / 16**12 - 2 for text in texts]

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """A token is a word."""
        self.load(pair)
        return [len(text.split()) for text in texts]

    def unload(self, pair: str) -> bool:
        """Nothing is held."""
        return False

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """One line a message."""
        self.load(pair)
        lines = [f"{message.role}: {message.content}" for message in messages]
        return Prompt("\n".join(lines if continue_last else [*lines, "assistant:"]), chat=True)

    def close(self) -> None:
        """Nothing to give back."""

    def _read(self, pair: str, lam: Lam, prompt: Prompt, wanted: Wanted) -> PromptRead:
        words = _words(prompt)
        tokens = tuple(_token(word) for word in words)
        if not wanted.echo:
            return PromptRead(tokens)
        top = wanted.top_logprobs
        scores = () if top is None else self.token_scores(pair, lam, prompt, top)
        return PromptRead(tokens, "".join(words), words, scores)

    def _chosen(self, pair: str, lam: Lam, text: str, wanted: Wanted) -> tuple[ChosenToken, ...]:
        if wanted.top_logprobs is None:
            return ()
        (first,) = _chances(text, 1)
        top = _chances(text, wanted.top_logprobs)
        return (ChosenToken(first.text, first.token, first.logprob, top),)

    def _pool_answer(
        self, pair: str, lam: Lam, asked: PoolRequest, mark: str, decoding: Decoding
    ) -> PoolAnswer:
        prompt = Prompt(f"{asked.prompt.text}\x00{mark}")
        chunks = list(self._write(pair, lam, prompt, decoding, 0))
        words, finish = [chunk.text for chunk in chunks], chunks[-1].finish or "stop"
        if not asked.branches:
            return PoolAnswer("".join(words), len(words), finish)
        margins = tuple(round(_share(pair, lam, prompt.text, word), 4) for word in words)
        trace = Traced(margins, tuple(map(len, words)), words[0], math.log(max(margins[0], 1e-4)))
        return PoolAnswer("".join(words), len(words), finish, trace)

    def _write(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding, row: int
    ) -> Iterator[Chunk]:
        self.load(pair)
        seed = "" if decoding.greedy else f"{decoding.seed}:{row}"
        asked = prompt.text if prompt.tokens is None else str(prompt.tokens)
        wanted = 3 + int(_share(pair, lam, asked, seed) * 8)
        count = min(wanted, decoding.max_new_tokens)
        for index in range(count):
            share = _share(pair, lam, asked, f"{seed}:{index}")
            last: Finish = "stop" if wanted <= decoding.max_new_tokens else "length"
            word = WORDS[int(share * len(WORDS))]
            text = word if index == 0 else f" {word}"
            yield Chunk(0, text, index + 1, last if index == count - 1 else None)


def _words(prompt: Prompt) -> tuple[str, ...]:
    """The prompt in made-up tokens: words with the space before them, or one for each id."""
    if prompt.tokens is not None:
        return tuple(f" {WORDS[token % len(WORDS)]}" for token in prompt.tokens)
    return tuple(f" {word}" if at else word for at, word in enumerate(prompt.text.split()))


def _at_row(row: int, chunk: Chunk) -> Chunk:
    return replace(chunk, row=row)


def _token(word: str) -> int:
    return int(_digest(word)[:4], 16)


def _chances(first: str, top: int) -> tuple[TokenChance, ...]:
    """The vocabulary from `first` on, each word half as likely as the one before it."""
    space = " " if first.startswith(" ") else ""
    at = WORDS.index(first.strip())
    order = [f"{space}{WORDS[(at + rank) % len(WORDS)]}" for rank in range(len(WORDS))]
    whole = 1 - 0.5 ** len(WORDS)
    return tuple(
        TokenChance(word, _token(word), math.log(0.5 ** (rank + 1) / whole))
        for rank, word in enumerate(order[:top])
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _share(pair: str, lam: Lam, *parts: str) -> float:
    """A number from 0 to 1 that depends on all of it."""
    return int(_digest(pair, str(lam), *parts)[:12], 16) / 16**12
