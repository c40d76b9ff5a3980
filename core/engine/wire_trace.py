"""An answer under several λ as JSON and back; torch-free, for both sides.

Candidates are told as [token, log-probability], each token's text once: at eleven λ the same
ones come again and again.
"""

from typing import Any

from core.engine import wire
from core.engine.protocol import TokenChance
from core.engine.tracing import Chances, Trace, TracedLam, TraceRequest


def request_to_json(request: TraceRequest) -> dict[str, Any]:
    """The fields of the body beside pair, λ and form."""
    prompt, answer = request.prompt, request.answer
    return {
        "prompt": {"text": prompt.text, "chat": prompt.chat, "tokens": prompt.tokens},
        "answer": {"text": answer.text, "chat": answer.chat, "tokens": answer.tokens},
        "top": request.top,
    }


def request_from_json(body: dict[str, Any]) -> TraceRequest:
    """The inverse.

    Raises:
        InputError: a field is missing or of the wrong kind.
    """
    return TraceRequest(
        wire.prompt_from_json(body.get("prompt")),
        wire.prompt_from_json(body.get("answer")),
        wire.top_from_json(body.get("top")),
    )


def trace_to_json(trace: Trace) -> dict[str, Any]:
    """A trace with every candidate's text told once; −∞ is null, JSON has no word for it."""
    seen = {one.token: one.text for lam in trace.lams for top in lam.top for one in top}
    return {
        "form": trace.form,
        "why": trace.why,
        "tokens": trace.tokens,
        "texts": trace.texts,
        "candidates": [[token, text] for token, text in seen.items()],
        "lams": [_lam_to_json(lam) for lam in trace.lams],
    }


def trace_from_json(content: dict[str, Any]) -> Trace:
    """The inverse."""
    texts = {int(token): str(text) for token, text in content["candidates"]}
    return Trace(
        content["form"],
        content["why"],
        tuple(content["tokens"]),
        tuple(content["texts"]),
        tuple(_lam_from_json(lam, texts) for lam in content["lams"]),
    )


def _lam_to_json(lam: TracedLam) -> list[Any]:
    top = [[[one.token, _finite(one.logprob)] for one in best] for best in lam.top]
    return [list(map(_finite, lam.logprobs)), _finite(lam.end), top]


def _lam_from_json(content: list[Any], texts: dict[int, str]) -> TracedLam:
    logprobs, end, top = content
    return TracedLam(
        tuple(map(_number, logprobs)), _number(end), tuple(_chances(best, texts) for best in top)
    )


def _chances(best: list[Any], texts: dict[int, str]) -> Chances:
    return tuple(TokenChance(texts[token], token, _number(value)) for token, value in best)


def _finite(value: float) -> float | None:
    return None if value == float("-inf") else value


def _number(value: float | None) -> float:
    return float("-inf") if value is None else float(value)
