"""What an answer's tokens are worth under several λ: the words for asking and for telling.

Torch-free, for both sides of the wire. How it is computed: `core/engine/trace_steps.py`.
"""

from dataclasses import dataclass

from core.engine.protocol import Form, Prompt, TokenChance

Chances = tuple[TokenChance, ...]


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """An answer behind a prompt, and how many candidates are told beside each of its tokens.

    With `answer.tokens` these very ids are read. Without them the answer's text is encoded
    anew behind the prompt, which may cut it into other tokens than those it was written in.
    """

    prompt: Prompt
    answer: Prompt
    top: int


@dataclass(frozen=True, slots=True)
class TracedLam:
    """One λ's view of the answer. Log-probabilities are natural, at temperature 1."""

    logprobs: tuple[float, ...]  # one a token
    end: float  # that the answer ends behind its last token: all stop tokens together
    top: tuple[Chances, ...]  # one a token and one behind the last; most probable first


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer's tokens under every λ that was asked for, in the order asked."""

    form: Form
    why: str
    tokens: tuple[int, ...]
    texts: tuple[str, ...]  # each token by itself
    lams: tuple[TracedLam, ...]
