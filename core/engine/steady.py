"""An engine for long work: when its host dies, the host is started anew and asked again.

For sweeps, which must go on through a killed host. Every call here gives the same answer when it
is repeated, so nothing is lost or doubled; a stream is begun again only while none of it was
told. A call that kills its host every time is given up after a few tries.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from core.engine.client import HostClient
from core.engine.protocol import (
    Answers,
    ChosenToken,
    Chunk,
    Form,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    Prompt,
    Score,
    ScoreRequest,
    TokenChance,
)
from core.engine.supervisor import ensure_engine
from core.errors import EngineUnavailable
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
WAITS_SECONDS = (0.2, 2.0, 10.0)  # before the second, third and last try
PATIENCE_SECONDS = 120.0  # for a host that ended often and is left alone


class SteadyEngine:
    """Implements `Engine` over whichever host there is."""

    def __init__(self, settings: Settings) -> None:
        """Find or start the host.

        Raises:
            EngineUnavailable: there is none and none can be started.
        """
        self._settings = settings
        self._host: HostClient | None = self._open()

    def load(self, pair: str) -> LoadedPair:
        """Load the pair."""
        return self._ask(lambda host: host.load(pair))

    def unload(self, pair: str) -> bool:
        """Give back a pair's memory."""
        return self._ask(lambda host: host.unload(pair))

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request; progress begins anew when the host does."""
        return self._ask(lambda host: host.score(pair, lam, requests, on_progress))

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """Answer every prompt; progress begins anew when the host does."""
        return self._ask(lambda host: host.generate(pair, lam, prompts, decoding, on_progress))

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """Answer one prompt piece by piece."""
        return self._begin(lambda host: host.stream(pair, lam, prompt, decoding))

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """Answer one prompt at several λ."""
        return self._begin(lambda host: host.stream_many(pair, lams, prompt, decoding, form))

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """For each λ the most probable next tokens."""
        return self._ask(lambda host: host.next_tokens(pair, lams, prompt, top))

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Log-probability of each token of the prompt."""
        return self._ask(lambda host: host.token_scores(pair, lam, prompt, top))

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text."""
        return self._ask(lambda host: host.count_tokens(pair, texts))

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        """The chat template over the messages."""
        return self._ask(lambda host: host.render_chat(pair, messages))

    def close(self) -> None:
        """Nothing is held here; the host goes on for others."""

    def _open(self) -> HostClient:
        return ensure_engine(self._settings, patience_seconds=PATIENCE_SECONDS)

    def _ask(self, ask: Callable[[HostClient], Result]) -> Result:
        for wait in WAITS_SECONDS:
            try:
                return ask(self._there())
            except EngineUnavailable as error:
                logger.warning("asking again in %.1f s: %s", wait, error)
                self._host = None
                time.sleep(wait)
        return ask(self._there())

    def _begin(self, begin: Callable[[HostClient], Iterator[Result]]) -> Iterator[Result]:
        """The stream from the first host that tells a piece of it."""

        def first(host: HostClient) -> tuple[list[Result], Iterator[Result]]:
            pieces = begin(host)
            return [piece for piece in (next(pieces, None),) if piece is not None], pieces

        told, rest = self._ask(first)
        yield from told
        yield from rest

    def _there(self) -> HostClient:
        if self._host is None:
            self._host = self._open()
        return self._host
