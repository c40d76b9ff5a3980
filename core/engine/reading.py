"""How many tokens requests have, counted as the engine will count them, without its weights.

    reader = Reader(check_pair(find_pair("tinyworld", settings), settings))
    reader.scored(requests).read            # what the engine's answers then say they read

The same tokenizer, the same cuts at the context's length and the same plan of what is computed
once (`encoding.py`, `score_plan.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.engine.encoding import Encoder
from core.engine.protocol import LoadedPair, Message, Prompt, ScoreRequest
from core.engine.score_plan import WORTH_A_FORWARD, common_length, fit_context, make_groups
from core.engine.tokenizer_files import context_length, live_config, load_tokenizer, render_chat
from core.errors import InputError
from core.pairs.preflight import PairReport
from core.spec import PairIdentity

ROWS_A_BATCH = 64  # answers that are written together (`portions.py`)


@dataclass(frozen=True, slots=True)
class Scored:
    """Score requests of one batch."""

    contexts: tuple[int, ...]  # tokens of each request's context, as far as they fit
    continuations: tuple[int, ...]
    computed: int  # tokens that go through the model at most where common beginnings are shared
    alone: int  # the same where nothing is shared

    @property
    def read(self) -> int:
        """Tokens of all requests, each by itself."""
        return sum(self.contexts) + sum(self.continuations)


@dataclass(frozen=True, slots=True)
class Prompted:
    """Prompts that are answered in one call."""

    tokens: tuple[int, ...]  # of each prompt, as far as it fits
    computed: int  # about so many go through the model: what all of a batch begin with, once

    @property
    def read(self) -> int:
        """Tokens of all prompts."""
        return sum(self.tokens)


class Reader:
    """One pair's tokenizer; renders its chats, too."""

    def __init__(self, report: PairReport) -> None:
        self._report, self._tokenizer = report, load_tokenizer(report)
        self._encoder = Encoder(self._tokenizer)
        self.context_length = context_length(live_config(report), self._tokenizer)

    @property
    def identity(self) -> PairIdentity:
        """Whose tokenizer it is."""
        return self._report.identity

    def scored(self, requests: Sequence[ScoreRequest]) -> Scored:
        """Tokens of requests that are scored in one call.

        Raises:
            ContextOverflow: a continuation alone is longer than the context.
        """
        encoded = self._encoder.encode_pairs(requests)
        fitted = [fit_context(pair, self.context_length) for pair in encoded]
        groups = make_groups(fitted, share=True)
        rows = [(row, len(group.prefix)) for group in groups for row in group.rows]
        own = sum(len(row.context) - prefix + row.branch_columns for row, prefix in rows)
        return Scored(
            contexts=tuple(len(pair.context) for pair in fitted),
            continuations=tuple(len(pair.continuation) for pair in fitted),
            computed=own + sum(len(group.prefix) for group in groups),
            alone=sum(len(p.context) + len(p.continuation) - 1 for p in fitted if p.continuation),
        )

    def prompted(self, prompts: Sequence[Prompt], longest: int) -> Prompted:
        """Tokens of prompts that answers of at most `longest` tokens follow.

        Raises:
            InputError: no prompt fits beside such an answer.
        """
        room = self.context_length - longest
        if room < 1:
            raise InputError(
                f"Answers of up to {longest} tokens leave no room for a prompt in the context of "
                f"{self.context_length} of {self.identity.name}. Choose another suite or pair."
            )
        encoded = [tuple(self._encoder.encode_prompt(prompt))[-room:] for prompt in prompts]
        longest_first = sorted(encoded, key=len, reverse=True)
        starts = range(0, len(encoded), ROWS_A_BATCH)
        computed = sum(_computed(longest_first[at : at + ROWS_A_BATCH]) for at in starts)
        return Prompted(tuple(map(len, encoded)), computed)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of texts, without special ones."""
        return self._encoder.count(texts)

    def load(self, pair: str) -> LoadedPair:
        """What is known of the pair from its files."""
        report = self._report
        return LoadedPair(
            identity=replace(report.identity, name=pair),
            parameters=report.parameters,
            dtype=report.dtype,
            device="none",
            context_length=self.context_length,
            chat_template=report.chat_template,
            endpoints_exact=False,
            weights_bytes=report.weights_bytes,
        )

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The pair's chat template over the messages, as the engine renders it."""
        return render_chat(self._tokenizer, pair, messages, continue_last)


def _computed(batch: Sequence[tuple[int, ...]]) -> int:
    """As `portions.py` reads a batch: a common beginning once, the rest padded to the longest."""
    shortest = min(map(len, batch))
    shared = min(common_length(min(batch), max(batch)), shortest - 1) if len(batch) > 1 else 0
    if shared * (len(batch) - 1) < WORTH_A_FORWARD:
        shared = 0
    return shared + len(batch) * (len(batch[0]) - shared)
