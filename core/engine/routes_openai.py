"""The OpenAI protocol: any client of it can talk to any λ of any pair.

    GET  /v1/models                    loaded pairs as name@λ, and pairs that could be loaded
    POST /v1/chat/completions          with the instruct parent's chat template, at every λ
    POST /v1/completions               a plain prompt, as text or token ids

Only the routes: what a request may hold is in `openai_request.py`, the shapes of an answer in
`openai_reply.py`. Prompts that are only read (`echo`) give way to conversations.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.engine import wire
from core.engine.gate import problem
from core.engine.host_state import HostState
from core.engine.host_status import AtWork
from core.engine.line_stream import PatientResponse
from core.engine.openai_fields import ParameterRefused
from core.engine.openai_reply import Reply
from core.engine.openai_request import (
    DEFAULT_CHAT_TOKENS,
    Completion,
    read_chat,
    read_text,
    split_model,
)
from core.engine.openai_stream import server_events
from core.engine.protocol import Chunk, LoadedPair, Prompt, Wanted
from core.engine.request_body import BodyTooLarge, read_body
from core.engine.routes_own import refusal
from core.engine.stepwise import StepwiseEngine
from core.engine.ticket import Asked, Ticket
from core.engine.work_queue import BATCH, INTERACTIVE
from core.errors import EngineError, NotKnown, PartwayError
from core.lam import parse_grid
from core.spec import Decoding

LISTED_LAMS = parse_grid("0:1:0.1")
# Which parameter an error is about, where the error itself does not know.
ABOUT = {"invalid_lambda": "model", "model_not_found": "model", "pair_refused": "model"}
Read = Callable[[Mapping[str, Any]], Completion]
Fresh = dict[int, Chunk]


def openai_routes(state: HostState) -> list[Route]:
    """The protocol's routes."""

    async def models(request: Request) -> Response:
        names = await asyncio.to_thread(_names, state)
        return JSONResponse({"object": "list", "data": [_model(name) for name in names]})

    async def model(request: Request) -> Response:
        try:
            name = await asyncio.to_thread(_known_model, state, request.path_params["name"])
            return JSONResponse(_model(name))
        except PartwayError as error:
            return _refusal(error)

    return [
        Route("/v1/models", models),
        Route("/v1/models/{name:path}", model),
        Route("/v1/chat/completions", _handler(state, read_chat), methods=["POST"]),
        Route("/v1/completions", _handler(state, read_text), methods=["POST"]),
    ]


def _handler(state: HostState, read: Read) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            asked = read(await read_body(request))
            ticket = Ticket(state, _work(state, asked), request)
            reply = Reply(asked, state.code[:12])
            if asked.stream:
                first = await ticket.first()
                events = server_events(ticket, first, reply, asked.include_usage)
                return PatientResponse(events, ticket, "text/event-stream")
            return JSONResponse(await _whole(ticket, reply))
        except PartwayError as error:
            return _refusal(error)

    return handle


async def _whole(ticket: Ticket, reply: Reply) -> dict[str, Any]:
    try:
        async for fresh in ticket.each_step():
            reply.add(fresh)
    finally:
        ticket.drop()
    return reply.whole()


def _refusal(error: PartwayError) -> Response:
    if isinstance(error, BodyTooLarge):
        return refusal(error)
    status, content = wire.error_to_json(error)
    about = content["param"] or ABOUT.get(content["code"])
    return problem(status, content["message"], content["code"], about)


def _work(state: HostState, asked: Completion) -> Asked:
    return Asked(
        lambda: _steps(state.engine, asked),
        BATCH if _patient(asked) else INTERACTIVE,
        _nothing,
        AtWork("chat" if asked.chat else "completion", asked.pair, (asked.lam,)),
        together=(asked.pair, asked.lam),
    )


def _patient(asked: Completion) -> bool:
    return asked.echo and not asked.stream


def _steps(engine: StepwiseEngine, asked: Completion) -> Generator[Fresh, None, None]:
    """Load, encode, answer; a step's news by the index of the answer."""
    loaded = engine.load(asked.pair)
    yield {}
    prompts = (_rendered(engine, loaded, asked),) if asked.chat else asked.prompts
    longest = _longest(engine, loaded, asked, prompts[0])
    decoding = Decoding(longest, asked.temperature, asked.top_p, asked.stop, asked.seed)
    wanted = Wanted(asked.top, asked.echo, _patient(asked))
    for start, batch in _batches(asked, prompts, greedy=decoding.greedy):
        for fresh in engine.complete_steps(asked.pair, asked.lam, batch, decoding, wanted):
            yield {start + row: chunk for row, chunk in fresh.items()}


def _rendered(engine: StepwiseEngine, loaded: LoadedPair, asked: Completion) -> Prompt:
    if loaded.chat_template is None:
        raise ParameterRefused(
            "messages",
            f"The instruct parent of {asked.pair} has no chat template. "
            "Ask /v1/completions with a plain prompt.",
        )
    try:
        return engine.render_chat(asked.pair, asked.messages)
    except EngineError as error:  # the template refuses the messages: theirs to change
        raise ParameterRefused("messages", str(error)) from error


def _longest(engine: StepwiseEngine, loaded: LoadedPair, asked: Completion, prompt: Prompt) -> int:
    """What was asked for, or what the context leaves; at least 1, so that overflow is told."""
    if asked.longest is not None:
        return asked.longest
    (read,) = engine.count_tokens(asked.pair, [prompt.text])
    return min(max(1, loaded.context_length - read), DEFAULT_CHAT_TOKENS)


def _batches(
    asked: Completion, prompts: tuple[Prompt, ...], *, greedy: bool
) -> Iterator[tuple[int, list[Prompt]]]:
    """Prompts to be answered together, from which index on.

    A row draws from (seed, its place in the batch): drawn answers of several prompts are written
    prompt by prompt, so that a prompt's answer is the same alone and in a list.
    """
    many = [[prompt] * asked.count for prompt in prompts]
    if greedy:
        yield 0, [prompt for batch in many for prompt in batch]
        return
    for at, batch in enumerate(many):
        yield at * asked.count, batch


def _names(state: HostState) -> list[str]:
    loaded = [pair.identity.name for pair in state.loaded_pairs()]
    return [*(f"{name}@{lam}" for name in loaded for lam in LISTED_LAMS), *state.registered()]


def _known_model(state: HostState, name: str) -> str:
    pair, _ = split_model(name)
    known = {*state.registered(), *(one.identity.name for one in state.loaded_pairs())}
    if pair not in known:
        raise NotKnown(
            f"There is no pair named {pair[:80]!r}. Known are {', '.join(sorted(known))}."
        )
    return name


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "partway"}


def _nothing(result: Any) -> None:
    """Everything has been told before the end."""
