"""One engine on a Ray cluster, asked like any other.

Made by `ray_fleet.py`. An answer comes whole: `on_progress` is told once, at its end. What is
sent to actors and back are Ray's pickles, between processes that share the cluster's token.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from core.engine.pool import Pool, PoolRequest
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
from core.engine.ray_sight import Sight
from core.engine.tracing import Trace, TraceRequest
from core.errors import EngineUnavailable, PartwayError
from core.lam import Lam
from core.spec import Decoding

if TYPE_CHECKING:
    from core.engine.ray_fleet import RayFleet


class RayEngine:
    """Implements `Engine` by asking one actor."""

    def __init__(self, fleet: "RayFleet", actor: Any, sight: Sight) -> None:
        self._fleet, self._actor, self.sight = fleet, actor, sight

    @property
    def fleet(self) -> "RayFleet":
        """The engine and those beside it."""
        return self._fleet

    @property
    def actor(self) -> Any:
        """Ray's handle."""
        return self._actor

    def load(self, pair: str) -> LoadedPair:
        """Load the pair on the actor's node.

        Raises:
            PairError: the files there are not the files here, or as `Engine.load` says.
        """
        loaded = cast(LoadedPair, self._ask("load", pair))
        self._fleet.refuse_other_parents(loaded, self.sight)
        return loaded

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request, in the order given."""
        return self._ask_many("score", on_progress, pair, lam, list(requests))

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every text whole, in the order given."""
        return self._ask_many("score_rolling", on_progress, pair, lam, list(texts))

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """Answer every prompt, in the order given."""
        return self._ask_many("generate", on_progress, pair, lam, list(prompts), decoding)

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """Answer one prompt piece by piece; when closed early the actor writes to the end."""
        yield from self._told("stream", pair, lam, prompt, decoding)

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """Answer one prompt at several λ; when closed early the actor writes to the end."""
        yield from self._told("stream_many", pair, list(lams), prompt, decoding, form)

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """For each λ the `top` most probable next tokens."""
        asked = self._ask("next_tokens", pair, list(lams), prompt, top)
        return cast(tuple[tuple[TokenChance, ...], ...], asked)

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Log-probability of each token of the prompt after the first."""
        asked = self._ask("token_scores", pair, lam, prompt, top)
        return cast(tuple[ChosenToken | None, ...], asked)

    def trace(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Trace:
        """An answer's tokens under every λ."""
        return cast(Trace, self._ask("trace", pair, list(lams), request, form))

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        """For every prompt how probable each option is as the next token."""
        given = (pair, lam, list(prompts), list(options))
        return self._ask_many("option_chances", on_progress, *given)

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        """Several answers to every prompt, in the order given."""
        return self._ask_many("pools", on_progress, pair, lam, list(asked), decoding)

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        """A reward model's score of every conversation; None for one that does not fit it."""
        return self._ask_many("rate", on_progress, model, [list(one) for one in conversations])

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without the special ones an encoding adds."""
        return cast(list[int], self._ask("count_tokens", pair, list(texts)))

    def unload(self, pair: str) -> bool:
        """Give back the memory of a pair; False when it was not loaded."""
        return bool(self._ask("unload", pair))

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The instruct parent's chat template over the messages."""
        return cast(Prompt, self._ask("render_chat", pair, list(messages), continue_last))

    def close(self) -> None:
        """End the actor."""
        self._fleet.release(self)

    def _ask(self, method: str, *given: Any) -> Any:
        with self._fleet.turn.away():
            return answer(self._actor.ask.remote(method, *given), self.sight.node)

    def _ask_many(self, method: str, on_progress: OnProgress | None, *given: Any) -> list[Any]:
        found: list[Any] = self._ask(method, *given)
        if on_progress is not None:
            on_progress(len(found), len(found))
        return found

    def _told(self, method: str, *given: Any) -> Iterator[Any]:
        pieces = self._actor.tell.options(num_returns="streaming").remote(method, *given)
        for piece in pieces:
            with self._fleet.turn.away():
                found = answer(piece, self.sight.node)
            yield found


def answer(reference: Any, node: str, patience_seconds: float | None = None) -> Any:
    """Wait for what an actor answers.

    Raises:
        EngineUnavailable: the actor, or its node, is gone, or patience ended.
        PartwayError: as the engine raised it over there.
    """
    import ray
    from ray import exceptions as lost

    try:
        return ray.get(reference, timeout=patience_seconds)
    except lost.RayTaskError as error:
        if isinstance(error.cause, PartwayError):
            raise error.cause from None
        raise  # a bug over there is a bug, with its traceback
    except lost.GetTimeoutError as error:
        raise EngineUnavailable(
            f"The engine on {node} did not answer for {patience_seconds:.0f} s."
        ) from error
    except (lost.RayActorError, lost.ObjectLostError, lost.WorkerCrashedError) as error:
        raise EngineUnavailable(
            f"The engine on {node} is gone: {_first_line(error)}. Start the sweep again: what "
            "was measured is kept."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
