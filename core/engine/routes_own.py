"""Partway's own routes: what the protocol of OpenAI has no words for.

All POST, all answered in lines (`core/engine/line_stream.py`): /load /unload /render_chat
/score /score_rolling /generate /stream /stream_many /next_tokens /token_scores /trace
/option_chances /pools /rate /count_tokens. Scoring, rating and generating batches give way to
everything else. What is generated or streamed at one λ is written in one batch, whoever asked;
scores are not joined, since a request of them fills a batch itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.engine import wire, wire_trace
from core.engine.gate import problem
from core.engine.host_state import HostState
from core.engine.host_status import AtWork, loaded_to_json
from core.engine.line_stream import PatientResponse, lines
from core.engine.request_body import BodyTooLarge, read_body
from core.engine.ticket import Asked, Ticket
from core.engine.wire_answers import score_to_json
from core.engine.work_queue import BATCH, INTERACTIVE
from core.errors import PartwayError

Body = dict[str, Any]
Make = Callable[[HostState, Body], Asked]
Handler = Callable[[Request], Awaitable[Response]]


def own_routes(state: HostState) -> list[Route]:
    """The routes by the names of what they ask."""
    makes: dict[str, Make] = {
        "load": _load,
        "unload": _unload,
        "render_chat": _render_chat,
        "count_tokens": _count_tokens,
        "score": _score,
        "score_rolling": _score_rolling,
        "generate": _generate,
        "stream": _stream,
        "stream_many": _stream_many,
        "next_tokens": _next_tokens,
        "token_scores": _token_scores,
        "trace": _trace,
        "option_chances": _option_chances,
        "pools": _pools,
        "rate": _rate,
    }
    return [
        Route(f"/{name}", _handler(state, make), methods=["POST"]) for name, make in makes.items()
    ]


def refusal(error: PartwayError) -> Response:
    """An error as a response of its own status."""
    if isinstance(error, BodyTooLarge):
        return problem(413, str(error), wire.TOO_LARGE)
    status, content = wire.error_to_json(error)
    return problem(status, content["message"], content["code"], content["param"])


def _handler(state: HostState, make: Make) -> Handler:
    """Queue the work; an early error gets its status, everything else comes in lines."""

    async def handle(request: Request) -> Response:
        try:
            asked = make(state, await read_body(request))
            ticket = Ticket(state, asked, request)
            first = await ticket.first()
        except PartwayError as error:
            return refusal(error)
        return PatientResponse(lines(ticket, asked, first), ticket, "application/x-ndjson")

    return handle


def _load(state: HostState, body: Body) -> Asked:
    pair = wire.pair_from_json(body.get("pair"))
    start = state.once(lambda: state.engine.load(pair))
    return Asked(start, INTERACTIVE, loaded_to_json, AtWork("load", pair, ()))


def _unload(state: HostState, body: Body) -> Asked:
    pair = wire.pair_from_json(body.get("pair"))
    start = state.once(lambda: state.engine.unload(pair))
    return Asked(start, INTERACTIVE, bool, AtWork("unload", pair, ()))


def _render_chat(state: HostState, body: Body) -> Asked:
    pair = wire.pair_from_json(body.get("pair"))
    messages = wire.messages_from_json(body.get("messages"))
    open_end = bool(body.get("continue_last", False))
    start = state.once(lambda: state.engine.render_chat(pair, messages, open_end))
    return Asked(start, INTERACTIVE, asdict, AtWork("render_chat", pair, ()))


def _count_tokens(state: HostState, body: Body) -> Asked:
    pair, texts = wire.pair_from_json(body.get("pair")), wire.texts_from_json(body.get("texts"))
    start = state.once(lambda: state.engine.count_tokens(pair, texts))
    return Asked(start, INTERACTIVE, list, AtWork("count_tokens", pair, ()))


def _score(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    requests = wire.requests_from_json(body.get("requests"))
    return Asked(
        lambda: state.engine.score_steps(pair, lam, requests),
        BATCH,
        lambda scores: [score_to_json(score) for score in scores],
        AtWork("score", pair, (lam,)),
    )


def _score_rolling(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    texts = wire.texts_from_json(body.get("texts"))
    return Asked(
        lambda: state.engine.rolling_steps(pair, lam, texts),
        BATCH,
        lambda scores: [score_to_json(score) for score in scores],
        AtWork("score", pair, (lam,)),
    )


def _generate(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompts = wire.prompts_from_json(body.get("prompts"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    return Asked(
        lambda: state.engine.generate_steps(pair, lam, prompts, decoding),
        BATCH,
        lambda answers: [asdict(answer) for answer in answers],
        AtWork("generate", pair, (lam,)),
        together=(pair, lam),
    )


def _stream(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompt = wire.prompt_from_json(body.get("prompt"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    return Asked(
        lambda: state.engine.stream_steps(pair, lam, prompt, decoding),
        INTERACTIVE,
        _nothing,
        AtWork("stream", pair, (lam,)),
        together=(pair, lam),
    )


def _stream_many(state: HostState, body: Body) -> Asked:
    pair, lams = wire.pair_from_json(body.get("pair")), wire.lams_from_json(body.get("lambdas"))
    prompt = wire.prompt_from_json(body.get("prompt"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    form = wire.form_from_json(body.get("form"))
    return Asked(
        lambda: state.engine.stream_many_steps(pair, lams, prompt, decoding, form),
        INTERACTIVE,
        _nothing,
        AtWork("stream_many", pair, tuple(lams)),
    )


def _next_tokens(state: HostState, body: Body) -> Asked:
    pair, lams = wire.pair_from_json(body.get("pair")), wire.lams_from_json(body.get("lambdas"))
    prompt, top = wire.prompt_from_json(body.get("prompt")), wire.top_from_json(body.get("top"))
    return Asked(
        lambda: state.engine.next_tokens_steps(pair, lams, prompt, top),
        INTERACTIVE,
        lambda found: [[asdict(chance) for chance in chances] for chances in found],
        AtWork("next_tokens", pair, tuple(lams)),
    )


def _token_scores(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompt, top = wire.prompt_from_json(body.get("prompt")), wire.top_from_json(body.get("top"))
    return Asked(
        lambda: state.engine.token_scores_steps(pair, lam, prompt, top),
        INTERACTIVE,
        lambda found: [token and asdict(token) for token in found],
        AtWork("token_scores", pair, (lam,)),
    )


def _trace(state: HostState, body: Body) -> Asked:
    pair, lams = wire.pair_from_json(body.get("pair")), wire.lams_from_json(body.get("lambdas"))
    request, form = wire_trace.request_from_json(body), wire.form_from_json(body.get("form"))
    return Asked(
        lambda: state.engine.trace_steps(pair, lams, request, form),
        INTERACTIVE,
        wire_trace.trace_to_json,
        AtWork("trace", pair, tuple(lams)),
    )


def _option_chances(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    prompts = wire.prompts_from_json(body.get("prompts"))
    options = wire.texts_from_json(body.get("options"), "options")
    return Asked(
        lambda: state.engine.option_steps(pair, lam, prompts, options),
        BATCH,
        lambda found: [asdict(one) for one in found],
        AtWork("option_chances", pair, (lam,)),
    )


def _pools(state: HostState, body: Body) -> Asked:
    pair, lam = wire.pair_from_json(body.get("pair")), wire.lam_from_json(body.get("lambda"))
    asked = wire.asked_from_json(body.get("asked"))
    decoding = wire.decoding_from_json(body.get("decoding"))
    return Asked(
        lambda: state.engine.pool_steps(pair, lam, asked, decoding),
        BATCH,
        lambda pools: [asdict(pool) for pool in pools],
        AtWork("generate", pair, (lam,)),
        together=(pair, lam),
    )


def _rate(state: HostState, body: Body) -> Asked:
    model = wire.pair_from_json(body.get("model"))
    conversations = wire.conversations_from_json(body.get("conversations"))
    return Asked(
        lambda: state.engine.rate_steps(model, conversations),
        BATCH,
        list,
        AtWork("rate", model, ()),
    )


def _nothing(result: Any) -> None:
    """A stream has told everything before it ends."""
