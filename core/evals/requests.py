"""lm-eval's requests put to an engine: what the sweep's loop and lm-eval's own loop share.

A request is lm-eval's `Instance` (its `args` are read, nothing else). Here is the one place
where an lm-eval request becomes an engine request, and where an answer that would say nothing
is refused. Not here: building requests (core/tasks/lmeval.py), metrics (icl.py).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, get_args

from core.engine.protocol import (
    Engine,
    Generation,
    LoadedPair,
    Message,
    OnProgress,
    Prompt,
    Role,
    Score,
    ScoreRequest,
)
from core.errors import EngineError, EngineUnavailable, TaskError
from core.lam import Lam
from core.spec import Decoding

logger = logging.getLogger(__name__)
SHOWN = 60  # characters of a request that an error repeats


class Renderer(Protocol):
    """What puts a conversation through a pair's chat template: an engine, or its files alone."""

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The instruct parent's chat template over the messages."""
        ...

    def load(self, pair: str) -> LoadedPair:
        """What is known of the pair."""
        ...


def score_requests(
    engine: Engine,
    pair: str,
    lam: Lam,
    requests: Sequence[Any],
    on_progress: OnProgress | None = None,
) -> list[Score]:
    """Answer `loglikelihood` requests, in the order given.

    Raises:
        TaskError: a continuation adds no token; lm-eval stops there with an assertion.
    """
    asked = [ScoreRequest(*request.args) for request in requests]
    scores = engine.score(pair, lam, asked, on_progress)
    for request, score in zip(asked, scores, strict=True):
        if score.tokens == 0:
            raise TaskError(_empty(request))
    return scores


def generate_requests(
    engine: Engine, pair: str, lam: Lam, requests: Sequence[Any], decoding: Decoding
) -> list[Generation]:
    """Answer `generate_until` requests, all of them decoded alike."""
    prompts = [Prompt(request.args[0]) for request in requests]
    return engine.generate(pair, lam, prompts, decoding)


def render_history(
    engine: Renderer,
    pair: str,
    chat_history: Sequence[Mapping[str, str]],
    add_generation_prompt: bool = True,
) -> str:
    """The instruct parent's chat template over lm-eval's messages.

    Without a system message where the template takes none, as lm-eval's HF backend does it.

    Raises:
        EngineError: there is no template, or it refuses the messages.
    """
    turns = [_message(turn) for turn in chat_history]
    open_end = not add_generation_prompt
    try:
        return engine.render_chat(pair, turns, open_end).text
    except EngineUnavailable:
        raise
    except EngineError:
        rest = [turn for turn in turns if turn.role != "system"]
        if len(rest) == len(turns) or engine.load(pair).chat_template is None:
            raise
    logger.warning("the chat template of %s takes no system message; left out", pair)
    return engine.render_chat(pair, rest, open_end).text


def _message(turn: Mapping[str, str]) -> Message:
    if turn["role"] not in get_args(Role):
        raise TaskError(
            f"A message of the role {turn['role']!r} cannot be put to a chat template here. "
            f"Roles are {', '.join(get_args(Role))}."
        )
    return Message(turn["role"], turn["content"])  # type: ignore[arg-type]


def _empty(request: ScoreRequest) -> str:
    what = "is empty" if not request.continuation else "adds no token of its own"
    return (
        f"The answer {request.continuation[:SHOWN]!r} after …{request.context[-SHOWN:]!r} {what}, "
        "so its likelihood says nothing. Correct the task's choices, or its target_delimiter."
    )
