"""What every engine can do, in words that need no torch.

Three things speak it: `TorchEngine` (in process), `HostClient` (over HTTP) and
`FakeEngine` (deterministic, for tests and for pages without a model). λ travels with every
call; an engine has no "current λ" that a caller could forget to set.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from core.engine.memory_use import MemoryUse
from core.engine.pool import Pool, PoolRequest
from core.lam import Lam
from core.spec import Decoding, PairIdentity

if TYPE_CHECKING:
    from core.engine.tracing import Trace, TraceRequest

Finish = Literal["stop", "length", "cancelled"]
Role = Literal["system", "user", "assistant"]
Form = Literal["materialised", "blended"]  # one merged model after another, or all λ in a batch
HIGHEST_TOP = 20  # candidates that may be asked for beside a token


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
    context_tokens: int  # as far as they fitted
    cut: int = 0  # tokens of the context's beginning that the model's context had no room for


@dataclass(frozen=True, slots=True)
class Prompt:
    """The very text that is encoded.

    `chat` says that the text was rendered by a chat template, which writes its own special
    tokens: nothing is added to it then. `tokens`, when given, are used as they are and the
    text is not read.
    """

    text: str
    chat: bool = False
    tokens: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """One answer."""

    text: str
    tokens: int
    prompt_tokens: int  # as far as they fitted
    finish: Finish
    cut: int = 0  # tokens of the prompt's beginning that the model's context had no room for


@dataclass(frozen=True, slots=True)
class TokenChance:
    """A token that could stand here, with its log-probability (natural, at temperature 1)."""

    text: str  # its own bytes decoded; a replacement character where they are part of one
    token: int
    logprob: float


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """A token that does stand here, and the most probable ones, most probable first."""

    text: str
    token: int
    logprob: float
    top: tuple[TokenChance, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionChances:
    """How probable each of a few one-token answers is right behind a prompt.

    An option is any token whose text, spaces aside, is exactly that text; the log-probabilities
    (natural, at temperature 1, over the whole vocabulary) of such tokens are added up.
    """

    logprobs: tuple[float, ...] | None  # one an option; None: the prompt does not fit
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class PromptRead:
    """What the engine read before it wrote; comes with a row's first chunk."""

    tokens: tuple[int, ...]
    text: str = ""  # as it was given; this and what follows only with `Wanted.echo`
    texts: tuple[str, ...] = ()  # of each token by itself
    scores: tuple[ChosenToken | None, ...] = ()  # as `token_scores`, with `top_logprobs` too


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer while it is being written; `finish` is set on the last one."""

    row: int
    text: str
    tokens: int  # so far
    finish: Finish | None = None
    chosen: tuple[ChosenToken, ...] = ()  # the tokens since the last chunk, when asked for
    prompt: PromptRead | None = None  # first chunk of a row of `complete_steps`, else None
    ids: tuple[int, ...] = ()  # the tokens since the last chunk


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is told beside the text."""

    top_logprobs: int | None = None  # None: no log-probabilities; 0 to 20: so many candidates
    echo: bool = False  # the prompt's text, and its scores when log-probabilities are wanted
    patient: bool = False  # gives way to conversations, and is joined with what does so, too


@dataclass(frozen=True, slots=True)
class Answers:
    """First thing of a stream at several λ: the form that is used, and why in a sentence."""

    form: Form
    why: str


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
    prefixes_shared: bool | None = None  # scoring computes common beginnings once; None: not told
    # Planned and taken; None: its weights are held elsewhere. A pair loaded again is the same one.
    memory: MemoryUse | None = field(default=None, compare=False)


class Progress(NamedTuple):
    """How far a batch of work is."""

    done: int
    total: int
    tokens: int = 0  # written so far, by unfinished answers too


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

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score whole texts (lm-eval's `loglikelihood_rolling` request), in the order given.

        Every token of a text is scored once, the first after the prefix token. A text that is
        longer than the model's context goes through windows as lm-eval cuts them: disjoint,
        each but the first after one token more than it scores, the last one filled up with
        context. `Score.context_tokens` counts what was read and not scored, over all windows.
        """
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

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """Answer one prompt at several λ; chunk.row is the index into `lams`.

        All rows advance in step when blended, one λ after the other when materialised; with
        `form` None the engine chooses. Every row draws from the generator of (seed, 0), so
        it says what `stream` says at its λ: exactly in float32, mostly in half precisions
        (`python -m tests.bench.half_precision`). Closing the iterator stops the work.
        """
        ...

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """For each λ the `top` most probable next tokens, most probable first."""
        ...

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Log-probability of each token of the prompt; None for the first, which follows none."""
        ...

    def trace(
        self, pair: str, lams: Sequence[Lam], request: "TraceRequest", form: Form | None = None
    ) -> "Trace":
        """An answer's tokens under every λ; with `form` None all of them at once where that works.

        Raises:
            InputError: no λ, or an empty answer.  ContextOverflow: prompt and answer do not fit.
        """
        ...

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        """For every prompt how probable each option is as the next token.

        Raises:
            EngineError: the tokenizer has no single token for an option.
        """
        ...

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        """Several answers to every prompt, in the order given; `on_progress` counts answers.

        A sample draws from its own seed (`decoding.seed` is not read); a branch is greedy after
        a first token of its rank, whatever the temperature is.

        Raises:
            InputError: neither seeds nor branches, or both.
        """
        ...

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        """A reward model's score of every conversation; None for one that does not fit it.

        `model` is the folder of a sequence classifier with one output, or its hub id.

        Raises:
            PairError: it cannot be loaded, or is no reward model.  EngineError: no room for it.
        """
        ...

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without the special ones an encoding adds."""
        ...

    def unload(self, pair: str) -> bool:
        """Give back the memory of a pair; False when it was not loaded."""
        ...

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The instruct parent's chat template over the messages, ready to be answered.

        With `continue_last` the last message is left open, so that the answer goes on from it.

        Raises:
            EngineError: the instruct parent has no chat template.
        """
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...
