"""How many tokens requests have, counted as the engine will count them, without its weights.

    reader = Reader(check_pair(find_pair("tinyworld", settings), settings))
    reader.scored(requests).read            # what the engine's answers then say they read

The same tokenizer, the same cuts at the context's length and the same plan of what is computed
once (`encoding.py`, `score_plan.py`). Imports transformers and no torch of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.engine.encoding import Encoder
from core.engine.protocol import LoadedPair, Message, Prompt, ScoreRequest
from core.engine.score_plan import fit_context, make_groups
from core.engine.tokenizer_files import context_length, live_config, load_tokenizer, render_chat
from core.errors import InputError
from core.pairs.preflight import PairReport
from core.spec import PairIdentity


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

    def prompted(self, prompts: Sequence[Prompt], longest: int) -> list[int]:
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
        return [min(room, len(self._encoder.encode_prompt(prompt))) for prompt in prompts]

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
