"""The engine that has the models in its own process.

    engine = TorchEngine(read_settings())
    engine.score("tinyworld", Lam.parse("0.65"), [ScoreRequest("1 + 1 =", " 2")])

Every call is also there as steps (`score_steps`, `answer_steps`), small enough that a host
can put other work between them: λ is set before each forward, so calls at two λ may be
interleaved freely. Not here: HTTP and queues (`core/engine/host.py`).
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from core.engine.answer import Answer
from core.engine.completions import complete_steps
from core.engine.context_room import refuse_overflow, room_for_prompt
from core.engine.decoding import decode_steps
from core.engine.device import steady_attention, use_threads
from core.engine.loading_now import LoadingNow
from core.engine.look_ahead import LookAhead
from core.engine.many import many_steps
from core.engine.option_chances import option_steps
from core.engine.pool import Pool, PoolRequest
from core.engine.pools import pool_steps
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
    Progress,
    Prompt,
    Score,
    ScoreRequest,
    TokenChance,
    Wanted,
)
from core.engine.raters import Raters
from core.engine.resident import Resident
from core.engine.residents import Residents
from core.engine.room import MemoryPlan
from core.engine.row import Order
from core.engine.score_plan import fit_context
from core.engine.scoring import joined, score_steps
from core.engine.token_chances import next_tokens_steps, token_scores_steps
from core.engine.tokenizer_files import render_chat
from core.engine.trace_steps import trace_steps
from core.engine.tracing import Trace, TraceRequest
from core.engine.writer import Desk
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding

Result = TypeVar("Result")
Piece = TypeVar("Piece", Chunk, Answers | Chunk)
Steps = Generator[Progress, None, Result]  # how far, between forwards
NOTHING_YET = Chunk(0, "", 0)


class TorchEngine:
    """Implements `Engine` on torch and transformers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ahead = LookAhead()
        self._residents = Residents(settings, leaving=self._ahead.forget)
        self._raters = Raters(settings, self._residents)
        self._desk = Desk()
        self._one_at_a_time = threading.RLock()  # one live model, many callers
        use_threads(settings)
        steady_attention()

    def load(self, pair: str) -> LoadedPair:
        """Load the pair, or say what is known of it; loads again when its files have changed."""
        with self._one_at_a_time:
            return self._residents.fresh(pair).loaded

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """What is in memory now."""
        return tuple(resident.loaded for resident in self._residents.all())

    def resident(self, pair: str) -> Resident:
        """The loaded pair itself; loads it first when needed."""
        return self._residents.get(pair)

    def memory_plan(self, pair: str) -> MemoryPlan:
        """How the pair is held in memory, or would be."""
        with self._one_at_a_time:
            return self._residents.plan(pair)

    def look_ahead(self) -> bool:
        """A step towards what several λ at once will need; False when all of it is known."""
        with self._one_at_a_time:
            return self._ahead.step(self._residents.all())

    @property
    def loading(self) -> LoadingNow | None:
        """How far the pair is that is being loaded now; any thread may ask."""
        return self._residents.loading.now()

    @property
    def leases(self) -> dict[str, int]:
        """How many pieces of work hold each loaded pair now."""
        return self._residents.leases

    @property
    def device_bytes(self) -> int:
        """Bytes that the weights of all loaded pairs take on their devices."""
        return self._residents.device_bytes

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request, in the order given."""
        return self._run(self.score_steps(pair, lam, requests), on_progress)

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every text whole, in the order given."""
        return self._run(self.rolling_steps(pair, lam, texts), on_progress)

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """Answer every prompt, in the order given; too long ones are cut on the left."""
        return self._run(self.generate_steps(pair, lam, prompts, decoding), on_progress)

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """Answer one prompt piece by piece; closing the iterator stops the work."""
        yield from self._locked(self.stream_steps(pair, lam, prompt, decoding))

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """Answer one prompt at several λ, all in step where that is the quicker form."""
        yield from self._locked(self.stream_many_steps(pair, lams, prompt, decoding, form))

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """For each λ the `top` most probable next tokens."""
        return self._run(self.next_tokens_steps(pair, lams, prompt, top), None)

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Log-probability of each token of the prompt after the first."""
        return self._run(self.token_scores_steps(pair, lam, prompt, top), None)

    def trace(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Trace:
        """An answer's tokens under every λ."""
        return self._run(self.trace_steps(pair, lams, request, form), None)

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        """For every prompt how probable each option is as the next token."""
        return self._run(self.option_steps(pair, lam, prompts, options), on_progress)

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        """Several answers to every prompt: samples by seed, or branches of the first token."""
        return self._run(self.pool_steps(pair, lam, asked, decoding), on_progress)

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        """A reward model's score of every conversation; None for one that does not fit it."""
        return self._run(self.rate_steps(model, conversations), on_progress)

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without the special ones an encoding adds."""
        with self._one_at_a_time:
            return self.resident(pair).encoder.count(texts)

    def unload(self, pair: str) -> bool:
        """Give back the memory of a pair; False when it was not loaded."""
        with self._one_at_a_time:
            return self._residents.unload(pair)

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The instruct parent's chat template over the messages, ready to be answered."""
        with self._one_at_a_time:
            resident = self.resident(pair)
        return render_chat(resident.encoder.tokenizer, pair, messages, continue_last)

    def close(self) -> None:
        """Give back the memory."""
        with self._one_at_a_time:
            self._raters.clear()
            self._residents.clear()

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Steps[list[Score]]:
        """`score`, one forward at a time."""
        with self._residents.lease(pair) as resident:
            encoded = resident.encoder.encode_pairs(requests)
            fitted = [fit_context(found, resident.context_length) for found in encoded]
            return (yield from score_steps(resident, lam, fitted))

    def rolling_steps(self, pair: str, lam: Lam, texts: Sequence[str]) -> Steps[list[Score]]:
        """`score_rolling`, one forward at a time."""
        with self._residents.lease(pair) as resident:
            longest = resident.context_length
            windows = [resident.encoder.encode_windows(text, longest) for text in texts]
            flat = [window for text in windows for window in text]
            scores = iter((yield from score_steps(resident, lam, flat)))
            return [joined([next(scores) for _ in text]) for text in windows]

    def generate_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding
    ) -> Steps[list[Generation]]:
        """`generate`, one token of a batch at a time."""
        with self._residents.lease(pair) as resident:
            room = room_for_prompt(resident, decoding.max_new_tokens)
            encoded = [tuple(resident.encoder.encode_prompt(prompt)) for prompt in prompts]
            orders = [Order(row, tokens[-room:]) for row, tokens in enumerate(encoded)]
            answers: dict[int, Answer] = {}
            for fresh in decode_steps(self._desk.at(resident, lam, "batch"), orders, decoding):
                answers |= fresh
                yield _progress(answers, len(orders))
            sizes = [len(tokens) for tokens in encoded]
            return [_generation(answers[row], size, room) for row, size in enumerate(sizes)]

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        """`stream`, one token at a time; a chunk may be empty while text is held back."""
        with self._residents.lease(pair) as resident:
            tokens = tuple(resident.encoder.encode_prompt(prompt))
            refuse_overflow(resident, len(tokens), decoding.max_new_tokens)
            writer = self._desk.at(resident, lam, "interactive")
            for answers in decode_steps(writer, [Order(0, tokens)], decoding):
                yield answers[0].fresh_chunk(0) if answers else NOTHING_YET

    def stream_many_steps(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Generator[Answers | Chunk, None, None]:
        """`stream_many`, one token of one λ (or of all of them) at a time."""
        with self._residents.lease(pair) as resident:
            tokens = tuple(resident.encoder.encode_prompt(prompt))
            refuse_overflow(resident, len(tokens), decoding.max_new_tokens)
            yield from many_steps(resident, lams, tokens, decoding, form)

    def complete_steps(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        wanted: Wanted,
    ) -> Generator[dict[int, Chunk], None, None]:
        """Answer every prompt, telling tokens and their log-probabilities when wanted."""
        with self._residents.lease(pair) as resident:
            writer = self._desk.at(resident, lam, "batch" if wanted.patient else "interactive")
            yield from complete_steps(writer, prompts, decoding, wanted)

    def next_tokens_steps(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> Steps[tuple[tuple[TokenChance, ...], ...]]:
        """`next_tokens`, one λ a step."""
        with self._residents.lease(pair) as resident:
            return (yield from next_tokens_steps(resident, lams, prompt, top))

    def token_scores_steps(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> Steps[tuple[ChosenToken | None, ...]]:
        """`token_scores`, a piece of the prompt at a time."""
        with self._residents.lease(pair) as resident:
            return (yield from token_scores_steps(resident, lam, prompt, top))

    def trace_steps(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Steps[Trace]:
        """`trace`, some λ a step."""
        with self._residents.lease(pair) as resident:
            return (yield from trace_steps(resident, lams, request, form))

    def option_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], options: Sequence[str]
    ) -> Steps[list[OptionChances]]:
        """`option_chances`, one forward at a time."""
        with self._residents.lease(pair) as resident:
            return (yield from option_steps(resident, lam, prompts, options))

    def pool_steps(
        self, pair: str, lam: Lam, asked: Sequence[PoolRequest], decoding: Decoding
    ) -> Steps[list[Pool]]:
        """`pools`, one token of a batch at a time."""
        with self._residents.lease(pair) as resident:
            writer = self._desk.at(resident, lam, "batch")
            return (yield from pool_steps(writer, asked, decoding))

    def rate_steps(
        self, model: str, conversations: Sequence[Sequence[Message]]
    ) -> Steps[list[float | None]]:
        """`rate`, one conversation a step."""
        return (yield from self._raters.rate_steps(model, conversations))

    def _locked(self, steps: Generator[Piece, None, None]) -> Iterator[Piece]:
        """What the steps tell, other threads having theirs in between."""
        try:
            while True:
                with self._one_at_a_time:
                    piece = next(steps, None)
                if piece is None:
                    return
                if not isinstance(piece, Chunk) or piece.text or piece.finish:
                    yield piece
        finally:
            with self._one_at_a_time:  # it may share a batch with what another thread is at
                steps.close()

    def _run(self, steps: Steps[Result], on_progress: OnProgress | None) -> Result:
        """All steps to the end; other threads may have theirs in between."""
        report: Callable[[int, int], Any] = on_progress or (lambda done, total: None)
        try:
            while True:
                try:
                    with self._one_at_a_time:
                        done, total, *_ = next(steps)
                except StopIteration as finished:
                    return finished.value  # type: ignore[no-any-return]
                report(done, total)
        finally:
            with self._one_at_a_time:
                steps.close()


def _progress(answers: dict[int, Answer], total: int) -> Progress:
    done = sum(answer.finish is not None for answer in answers.values())
    return Progress(done, total, sum(len(answer.tokens) for answer in answers.values()))


def _generation(answer: Answer, prompt_tokens: int, room: int) -> Generation:
    finish, kept = answer.finish or "cancelled", min(prompt_tokens, room)
    return Generation(answer.text, len(answer.tokens), kept, finish, prompt_tokens - kept)
