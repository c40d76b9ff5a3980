"""lm-eval's requests put to an engine: what the sweep's loop and lm-eval's own loop share.

A request is lm-eval's `Instance` (its `args` are read, nothing else). Here is the one place
where an lm-eval request becomes an engine request, and where an answer that would say nothing
is refused. Not here: building requests (core/tasks/lmeval.py), metrics (icl.py).
"""

from collections.abc import Sequence
from typing import Any

from core.engine.protocol import Engine, Generation, OnProgress, Prompt, Score, ScoreRequest
from core.errors import TaskError
from core.lam import Lam
from core.spec import Decoding

SHOWN = 60  # characters of a request that an error repeats


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


def _empty(request: ScoreRequest) -> str:
    what = "is empty" if not request.continuation else "adds no token of its own"
    return (
        f"The answer {request.continuation[:SHOWN]!r} after …{request.context[-SHOWN:]!r} {what}, "
        "so its likelihood says nothing. Correct the task's choices, or its target_delimiter."
    )
