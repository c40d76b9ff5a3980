"""What every engine can do, in words that need no torch.

Three things speak it: `TorchEngine` (in process), `HostClient` (over HTTP) and
`FakeEngine` (deterministic, for tests and for pages without a model). λ travels with every
call; an engine has no "current λ" that a caller could forget to set.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from core.lam import Lam
from core.spec import Decoding, PairIdentity

Finish = Literal["stop", "length", "cancelled"]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Log-likelihood of `continuation` after `context` (lm-eval's `loglikelihood` request).

    Context and continuation are encoded as lm-eval's `TemplateLM` does: trailing spaces of
    the context move to the continuation, then tokens(context + continuation) is cut at
    len(tokens(context)); the left is truncated when the model's context is too short.
    """

    context: str
    continuation: str


@dataclass(frozen=True, slots=True)
class Score:
    """Sum of log-probabilities (natural logarithm) of the continuation's tokens."""

    logprob: float
    greedy: bool  # every token was the most probable one
    tokens: int  # of the continuation
    context_tokens: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """The very text that is encoded.

    `chat` says that the text was rendered by a chat template, which writes its own special
    tokens: nothing is added to it then.
    """

    text: str
    chat: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """One answer."""

    text: str
    tokens: int
    prompt_tokens: int
    finish: Finish


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer while it is being written; `finish` is set on the last one."""

    row: int
    text: str
    tokens: int  # so far
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class LoadedPair:
    """What is known of a pair once it is loaded and its end points were checked."""

    identity: PairIdentity
    parameters: int
    dtype: str
    device: str
    context_length: int
    chat_template: str | None  # sha256 of the template text; None when there is none
    endpoints_exact: bool  # λ=0 and λ=1 equal the parents bit for bit, path independent
    weights_bytes: int  # of one model
    notes: tuple[str, ...] = ()  # e.g. "128 vocabulary rows come from the instruct parent"


OnProgress = Callable[[int, int], None]  # done, total


class Engine(Protocol):
    """Answers at any λ of any pair it can load."""

    def load(self, pair: str) -> LoadedPair:
        """Load the pair (or return what is known when it is loaded already).

        Raises:
            NotKnown: no such pair.  PairError: the parents do not fit each other.
        """
        ...

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request, in the order given."""
        ...

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """Answer every prompt, in the order given.

        `on_progress` counts finished answers. Row i draws from a generator seeded by
        (decoding.seed, i), so an answer does not depend on what shares its batch.
        """
        ...

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """Answer one prompt piece by piece; closing the iterator stops the work."""
        ...

    def render_chat(self, pair: str, messages: Sequence[Message]) -> Prompt:
        """The instruct parent's chat template over the messages, ready to be answered.

        Raises:
            EngineError: the instruct parent has no chat template.
        """
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...
