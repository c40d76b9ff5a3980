"""What the host needs of an engine: every call as a generator of small steps.

`TorchEngine` has these by itself; `StepwiseFake` gives them to the made-up engine, so that
host, client and pages can be tried without a model.
"""

from collections.abc import Generator, Sequence
from itertools import zip_longest
from typing import Protocol

from core.engine.fake import FakeEngine
from core.engine.loading_now import LoadingNow
from core.engine.pool import Pool, PoolRequest
from core.engine.protocol import (
    Answers,
    ChosenToken,
    Chunk,
    Form,
    Generation,
    LoadedPair,
    Message,
    OptionChances,
    Progress,
    Prompt,
    Score,
    ScoreRequest,
    TokenChance,
    Wanted,
)
from core.engine.room import MemoryPlan
from core.engine.tracing import Trace, TraceRequest
from core.lam import Lam
from core.spec import Decoding


class StepwiseEngine(Protocol):
    """An engine whose work can be interrupted between steps."""

    def load(self, pair: str) -> LoadedPair:
        """Load, or say what is known."""
        ...

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """What is in memory now."""
        ...

    @property
    def loading(self) -> LoadingNow | None:
        """How far the pair is that is being loaded now; any thread may ask."""
        ...

    @property
    def leases(self) -> dict[str, int]:
        """How many pieces of work hold each loaded pair now."""
        ...

    @property
    def device_bytes(self) -> int:
        """Bytes that the weights of all loaded pairs take on their devices."""
        ...

    def memory_plan(self, pair: str) -> MemoryPlan:
        """How the pair is held in memory, or would be."""
        ...

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The chat template over the messages."""
        ...

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Generator[Progress, None, list[Score]]:
        """Score, one forward at a time."""
        ...

    def rolling_steps(
        self, pair: str, lam: Lam, texts: Sequence[str]
    ) -> Generator[Progress, None, list[Score]]:
        """Score whole texts, one forward at a time."""
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

    def stream_many_steps(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Generator[Answers | Chunk, None, None]:
        """Answer one prompt at several λ; a chunk may be empty while text is held back."""
        ...

    def complete_steps(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        wanted: Wanted,
    ) -> Generator[dict[int, Chunk], None, None]:
        """Answer every prompt; each step tells what is fresh, by row (rows without news are out).

        For n answers of one prompt give it n times: row i draws from (seed, i). The first
        chunk of a row carries `prompt`, the last one `finish`. With `wanted.echo`
        max_new_tokens may be 0: the prompt is read and nothing is written.

        Raises:
            ContextOverflow: a prompt and its answer do not fit into the context.
        """
        ...

    def next_tokens_steps(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> Generator[Progress, None, tuple[tuple[TokenChance, ...], ...]]:
        """`Engine.next_tokens`, one λ a step."""
        ...

    def token_scores_steps(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> Generator[Progress, None, tuple[ChosenToken | None, ...]]:
        """`Engine.token_scores`, a piece of the prompt a step."""
        ...

    def trace_steps(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Generator[Progress, None, Trace]:
        """`Engine.trace`, some λ a step."""
        ...

    def option_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], options: Sequence[str]
    ) -> Generator[Progress, None, list[OptionChances]]:
        """`Engine.option_chances`, one forward at a time."""
        ...

    def pool_steps(
        self, pair: str, lam: Lam, asked: Sequence[PoolRequest], decoding: Decoding
    ) -> Generator[Progress, None, list[Pool]]:
        """`Engine.pools`, one token of a batch a step."""
        ...

    def rate_steps(
        self, model: str, conversations: Sequence[Sequence[Message]]
    ) -> Generator[Progress, None, list[float | None]]:
        """`Engine.rate`, one conversation a step."""
        ...

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without the special ones an encoding adds."""
        ...

    def unload(self, pair: str) -> bool:
        """Give back the memory of a pair; False when it was not loaded."""
        ...

    def look_ahead(self) -> bool:
        """A small step of what will be wanted later; False when there is none."""
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

    @property
    def loading(self) -> LoadingNow | None:
        """A made-up pair is there at once."""
        return None

    @property
    def leases(self) -> dict[str, int]:
        """Made-up answers hold nothing in memory."""
        return {}

    def look_ahead(self) -> bool:
        """There is nothing to find out."""
        return False

    @property
    def device_bytes(self) -> int:
        """Made-up answers need no weights."""
        return 0

    def memory_plan(self, pair: str) -> MemoryPlan:
        """A made-up pair always fits."""
        super().load(pair)
        return MemoryPlan("resident", 0, 0, 0, None, "A made-up engine needs no memory.")

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Generator[Progress, None, list[Score]]:
        """One request a step."""
        scores: list[Score] = []
        for request in requests:
            scores += self.score(pair, lam, [request])
            yield Progress(len(scores), len(requests))
        return scores

    def rolling_steps(
        self, pair: str, lam: Lam, texts: Sequence[str]
    ) -> Generator[Progress, None, list[Score]]:
        """All texts in one step."""
        scores = self.score_rolling(pair, lam, texts)
        yield Progress(len(scores), len(texts))
        return scores

    def generate_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding
    ) -> Generator[Progress, None, list[Generation]]:
        """All prompts in one step."""
        answers = self.generate(pair, lam, prompts, decoding)
        yield Progress(len(answers), len(prompts), sum(one.tokens for one in answers))
        return answers

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        """One word a step."""
        yield from self.stream(pair, lam, prompt, decoding)

    def stream_many_steps(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Generator[Answers | Chunk, None, None]:
        """One word of one λ a step."""
        yield from self.stream_many(pair, lams, prompt, decoding, form)

    def complete_steps(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        wanted: Wanted,
    ) -> Generator[dict[int, Chunk], None, None]:
        """One word of every row a step."""
        rows = [
            self.complete(pair, lam, prompt, decoding, wanted, row)
            for row, prompt in enumerate(prompts)
        ]
        for chunks in zip_longest(*rows):
            yield {chunk.row: chunk for chunk in chunks if chunk is not None}

    def next_tokens_steps(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> Generator[Progress, None, tuple[tuple[TokenChance, ...], ...]]:
        """One λ a step."""
        found: list[tuple[TokenChance, ...]] = []
        for lam in lams:
            found += self.next_tokens(pair, [lam], prompt, top)
            yield Progress(len(found), len(lams))
        return tuple(found)

    def token_scores_steps(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> Generator[Progress, None, tuple[ChosenToken | None, ...]]:
        """One step."""
        found = self.token_scores(pair, lam, prompt, top)
        yield Progress(1, 1)
        return found

    def trace_steps(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Generator[Progress, None, Trace]:
        """One step."""
        found = self.trace(pair, lams, request, form)
        yield Progress(len(lams), len(lams))
        return found

    def option_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], options: Sequence[str]
    ) -> Generator[Progress, None, list[OptionChances]]:
        """One step."""
        found = self.option_chances(pair, lam, prompts, options)
        yield Progress(len(prompts), len(prompts))
        return found

    def pool_steps(
        self, pair: str, lam: Lam, asked: Sequence[PoolRequest], decoding: Decoding
    ) -> Generator[Progress, None, list[Pool]]:
        """One prompt a step."""
        pools: list[Pool] = []
        for one in asked:
            pools += self.pools(pair, lam, [one], decoding)
            yield Progress(len(pools), len(asked))
        return pools

    def rate_steps(
        self, model: str, conversations: Sequence[Sequence[Message]]
    ) -> Generator[Progress, None, list[float | None]]:
        """One step."""
        found = self.rate(model, conversations)
        yield Progress(len(conversations), len(conversations))
        return found

    def unload(self, pair: str) -> bool:
        """Forget the pair."""
        return self._loaded.pop(pair, None) is not None
