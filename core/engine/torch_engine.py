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
from core.engine.decoding import Order, decode_steps
from core.engine.device import choose_device, use_threads
from core.engine.loading import changed_on_disk, load_pair
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
from core.engine.resident import Resident
from core.engine.room import make_room
from core.engine.score_plan import fit_context
from core.engine.scoring import score_steps
from core.errors import ContextOverflow, EngineError, InputError
from core.lam import Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.spec import Decoding

Result = TypeVar("Result")
Steps = Generator[tuple[int, int], None, Result]  # yields (done, total) between forwards


class TorchEngine:
    """Implements `Engine` on torch and transformers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._residents: dict[str, Resident] = {}
        self._one_at_a_time = threading.RLock()  # one live model, many callers
        use_threads(settings)

    def load(self, pair: str) -> LoadedPair:
        """Load the pair, or say what is known of it; loads again when its files have changed."""
        with self._one_at_a_time:
            found = self._residents.get(pair)
            if found is not None and changed_on_disk(found):
                del self._residents[pair]
            return self.resident(pair).loaded

    def loaded_pairs(self) -> tuple[LoadedPair, ...]:
        """What is in memory now."""
        return tuple(resident.loaded for resident in list(self._residents.values()))

    def resident(self, pair: str) -> Resident:
        """The loaded pair itself; loads it first when needed."""
        found = self._residents.pop(pair, None) or self._load(pair)
        self._residents[pair] = found  # last in the order: used most recently
        return found

    def _load(self, pair: str) -> Resident:
        report = check_pair(find_pair(pair, self._settings), self._settings)
        device = choose_device(self._settings)
        make_room(self._residents, report.weights_bytes, device)
        return load_pair(report, device)

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request, in the order given."""
        return self._run(self.score_steps(pair, lam, requests), on_progress)

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
        steps = self.stream_steps(pair, lam, prompt, decoding)
        try:
            while True:
                with self._one_at_a_time:
                    chunk = next(steps, None)
                if chunk is None:
                    return
                if chunk.text or chunk.finish:
                    yield chunk
        finally:
            steps.close()

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        """The instruct parent's chat template over the messages, ready to be answered."""
        with self._one_at_a_time:
            resident = self.resident(pair)
        if resident.chat_template is None:
            raise EngineError(
                f"The instruct parent of {pair} has no chat template. Use a plain prompt instead."
            )
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text = resident.encoder.tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True
            )
        except Exception as error:  # a template is foreign code and refuses in its own words
            raise EngineError(
                f"The chat template of {pair} refuses these messages: {error}. Change their order."
            ) from error
        return Prompt(str(text), chat=True)

    def close(self) -> None:
        """Give back the memory."""
        with self._one_at_a_time:
            self._residents.clear()

    def score_steps(
        self, pair: str, lam: Lam, requests: Sequence[ScoreRequest]
    ) -> Steps[list[Score]]:
        """`score`, one forward at a time."""
        resident = self.resident(pair)
        encoded = resident.encoder.encode_pairs(requests)
        fitted = [fit_context(found, resident.context_length) for found in encoded]
        return (yield from score_steps(resident, lam, fitted))

    def generate_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding
    ) -> Steps[list[Generation]]:
        """`generate`, one token of a batch at a time."""
        resident = self.resident(pair)
        room = _room(resident, decoding)
        orders = [
            Order(row, tuple(resident.encoder.encode_prompt(prompt)[-room:]))
            for row, prompt in enumerate(prompts)
        ]
        answers: dict[int, Answer] = {}
        for written in decode_steps(resident, lam, orders, decoding):
            answers |= written
            done = sum(answer.finish is not None for answer in answers.values())
            yield done, len(orders)
        sizes = [len(order.tokens) for order in orders]
        return [_generation(answers[row], size) for row, size in enumerate(sizes)]

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        """`stream`, one token at a time; a chunk may be empty while text is held back."""
        resident = self.resident(pair)
        tokens = tuple(resident.encoder.encode_prompt(prompt))
        _refuse_overflow(resident, len(tokens), decoding.max_new_tokens)
        for answers in decode_steps(resident, lam, [Order(0, tokens)], decoding):
            answer = answers[0]
            yield Chunk(0, answer.fresh_text(), len(answer.tokens), answer.finish)

    def _run(self, steps: Steps[Result], on_progress: OnProgress | None) -> Result:
        """All steps to the end; other threads may have theirs in between."""
        report: Callable[[int, int], Any] = on_progress or (lambda done, total: None)
        while True:
            try:
                with self._one_at_a_time:
                    done, total = next(steps)
            except StopIteration as finished:
                return finished.value  # type: ignore[no-any-return]
            report(done, total)


def _room(resident: Resident, decoding: Decoding) -> int:
    """Tokens of a prompt that fit beside the answer."""
    room = resident.context_length - decoding.max_new_tokens
    if decoding.max_new_tokens < 1 or room < 1:
        raise InputError(
            f"max_new_tokens = {decoding.max_new_tokens} cannot be used: give at least 1 and less "
            f"than the model's context of {resident.context_length}."
        )
    return room


def _refuse_overflow(resident: Resident, prompt: int, longest: int) -> None:
    _room(resident, Decoding(max_new_tokens=longest))
    over = prompt + longest - resident.context_length
    if over > 0:
        raise ContextOverflow(
            f"The prompt has {prompt} tokens and the answer may have {longest}, together {over} "
            f"more than the model's context of {resident.context_length}. Shorten the prompt, or "
            "ask for fewer tokens."
        )


def _generation(answer: Answer, prompt_tokens: int) -> Generation:
    return Generation(answer.text, len(answer.tokens), prompt_tokens, answer.finish or "cancelled")
