"""An engine at the other end of a loopback address; standard library only.

    client = HostClient("http://127.0.0.1:8765", token)
    client.load("tinyworld")

Errors come back as the classes the host raised. A connection that breaks, or is silent for
longer than the host's heartbeat allows, is `EngineUnavailable`.
"""

import http.client
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from core.engine import wire, wire_answers, wire_trace
from core.engine.host_status import HostStatus, loaded_from_json, status_from_json
from core.engine.pool import Pool, PoolRequest, pool_from_json
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
from core.engine.room import MemoryPlan, plan_from_json
from core.engine.tracing import Trace, TraceRequest
from core.errors import EngineUnavailable
from core.lam import Lam
from core.spec import Decoding

SILENCE_SECONDS = 60.0  # importing torch on a busy machine can hold the heartbeat up
HIGHEST_PART_CHARACTERS = 8_000_000  # of one score request; the host has a body limit

Line = tuple[str, Any]
Asked = TypeVar("Asked")


class HostClient:
    """Implements `Engine` over HTTP; safe to use from several threads."""

    def __init__(
        self,
        url: str,
        token: str,
        silence_seconds: float = SILENCE_SECONDS,
        advice: str = "Try again; it is started anew.",
    ) -> None:
        parts = urlsplit(url)
        self.url = url
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._token, self._silence, self._advice = token, silence_seconds, advice

    def load(self, pair: str) -> LoadedPair:
        """Load the pair on the host."""
        return loaded_from_json(self._result("/load", {"pair": pair}))

    def unload(self, pair: str) -> bool:
        """Let the host give back a pair's memory; False when it was not loaded."""
        return bool(self._result("/unload", {"pair": pair}))

    def score(
        self,
        pair: str,
        lam: Lam,
        requests: Sequence[ScoreRequest],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every request, in the order given."""
        scores: list[Score] = []
        for part in _parts(requests, _characters):
            body = {"pair": pair, "lambda": str(lam), "requests": wire.requests_to_json(part)}
            report = _shifted(on_progress, len(scores), len(requests))
            found = self._result("/score", body, report)
            scores += [wire_answers.score_from_json(score) for score in found]
        return scores

    def score_rolling(
        self,
        pair: str,
        lam: Lam,
        texts: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[Score]:
        """Score every text whole, in the order given."""
        scores: list[Score] = []
        for part in _parts(texts, len):
            body = {"pair": pair, "lambda": str(lam), "texts": part}
            report = _shifted(on_progress, len(scores), len(texts))
            found = self._result("/score_rolling", body, report)
            scores += [wire_answers.score_from_json(score) for score in found]
        return scores

    def generate(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Generation]:
        """Answer every prompt, in the order given."""
        body = {
            "pair": pair,
            "lambda": str(lam),
            "prompts": [asdict(prompt) for prompt in prompts],
            "decoding": asdict(decoding),
        }
        found = self._result("/generate", body, on_progress)
        return [wire_answers.generation_from_json(answer) for answer in found]

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        """Answer one prompt piece by piece; closing the iterator stops the host's work."""
        body = {
            "pair": pair,
            "lambda": str(lam),
            "prompt": asdict(prompt),
            "decoding": asdict(decoding),
        }
        with closing(self._lines("/stream", body)) as lines:
            for kind, value in lines:
                if kind == "chunk":
                    yield wire_answers.chunk_from_json(value)

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        """Answer one prompt at several λ; closing the iterator stops the host's work."""
        body = {
            "pair": pair,
            "lambdas": [str(lam) for lam in lams],
            "prompt": asdict(prompt),
            "decoding": asdict(decoding),
            "form": form,
        }
        with closing(self._lines("/stream_many", body)) as lines:
            for kind, value in lines:
                if kind == "answers":
                    yield wire_answers.answers_from_json(value)
                elif kind == "chunk":
                    yield wire_answers.chunk_from_json(value)

    def next_tokens(
        self, pair: str, lams: Sequence[Lam], prompt: Prompt, top: int
    ) -> tuple[tuple[TokenChance, ...], ...]:
        """For each λ the most probable next tokens."""
        body = {
            "pair": pair,
            "lambdas": [str(lam) for lam in lams],
            "prompt": asdict(prompt),
            "top": top,
        }
        found = self._result("/next_tokens", body)
        return tuple(tuple(map(wire_answers.chance_from_json, chances)) for chances in found)

    def token_scores(
        self, pair: str, lam: Lam, prompt: Prompt, top: int
    ) -> tuple[ChosenToken | None, ...]:
        """Log-probability of each token of the prompt; None for the first."""
        body = {"pair": pair, "lambda": str(lam), "prompt": asdict(prompt), "top": top}
        found = self._result("/token_scores", body)
        return tuple(token and wire_answers.token_from_json(token) for token in found)

    def trace(
        self, pair: str, lams: Sequence[Lam], request: TraceRequest, form: Form | None = None
    ) -> Trace:
        """An answer's tokens under every λ."""
        asked = {"pair": pair, "lambdas": [str(lam) for lam in lams], "form": form}
        found = self._result("/trace", {**asked, **wire_trace.request_to_json(request)})
        return wire_trace.trace_from_json(found)

    def option_chances(
        self,
        pair: str,
        lam: Lam,
        prompts: Sequence[Prompt],
        options: Sequence[str],
        on_progress: OnProgress | None = None,
    ) -> list[OptionChances]:
        """For every prompt how probable each option is as the next token."""
        body = {
            "pair": pair,
            "lambda": str(lam),
            "prompts": [asdict(prompt) for prompt in prompts],
            "options": list(options),
        }
        found = self._result("/option_chances", body, on_progress)
        return [wire_answers.options_from_json(one) for one in found]

    def pools(
        self,
        pair: str,
        lam: Lam,
        asked: Sequence[PoolRequest],
        decoding: Decoding,
        on_progress: OnProgress | None = None,
    ) -> list[Pool]:
        """Several answers to every prompt: samples by seed, or branches of the first token."""
        body = {
            "pair": pair,
            "lambda": str(lam),
            "asked": [asdict(one) for one in asked],
            "decoding": asdict(decoding),
        }
        return [pool_from_json(one) for one in self._result("/pools", body, on_progress)]

    def rate(
        self,
        model: str,
        conversations: Sequence[Sequence[Message]],
        on_progress: OnProgress | None = None,
    ) -> list[float | None]:
        """A reward model's score of every conversation."""
        turns = [[asdict(turn) for turn in conversation] for conversation in conversations]
        body = {"model": model, "conversations": turns}
        return list(self._result("/rate", body, on_progress))

    def count_tokens(self, pair: str, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without special ones."""
        found = self._result("/count_tokens", {"pair": pair, "texts": list(texts)})
        return [int(count) for count in found]

    def render_chat(
        self, pair: str, messages: Sequence[Message], continue_last: bool = False
    ) -> Prompt:
        """The instruct parent's chat template over the messages."""
        turns = [asdict(message) for message in messages]
        body = {"pair": pair, "messages": turns, "continue_last": continue_last}
        return wire.prompt_from_json(self._result("/render_chat", body))

    def close(self) -> None:
        """Nothing is held here; the host goes on for others."""

    def health(self, timeout_seconds: float = 2.0) -> dict[str, Any]:
        """What the host says of its code and settings.

        Raises:
            EngineUnavailable: it does not answer in time.
        """
        return self._get("/health", timeout_seconds)

    def status(self, timeout_seconds: float = 2.0) -> HostStatus:
        """What the host is doing now.

        Raises:
            EngineUnavailable: it does not answer in time.
        """
        return status_from_json(self._get("/status", timeout_seconds))

    def plan(self, pair: str) -> MemoryPlan:
        """How the host holds the pair, or would; loads nothing."""
        path = f"/plan?pair={quote(pair, safe='')}"
        return plan_from_json(self._get(path, self._silence))

    def _get(self, path: str, timeout_seconds: float) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout_seconds)
        with closing(connection):
            response = self._send(connection, "GET", path, None)
            content: dict[str, Any] = json.loads(self._read(response))
        return content

    def _result(
        self, path: str, body: dict[str, Any], on_progress: OnProgress | None = None
    ) -> Any:
        with closing(self._lines(path, body)) as lines:
            for kind, value in lines:
                if kind == "result":
                    return value
                if kind == "progress" and on_progress:
                    on_progress(int(value[0]), int(value[1]))
        raise self._gone("it closed the connection in the middle of an answer")

    def _lines(self, path: str, body: dict[str, Any]) -> Generator[Line, None, None]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._silence)
        with closing(connection):
            response = self._send(connection, "POST", path, json.dumps(body).encode())
            while line := self._read_line(response):
                ((kind, value),) = json.loads(line).items()
                if kind == "error":
                    raise wire.error_from_json(value)
                yield kind, value
                if kind == "result":
                    return
        raise self._gone("it closed the connection in the middle of an answer")

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None
    ) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise self._gone(str(error) or type(error).__name__) from error
        if response.status == 200:
            return response
        raise self._refusal(response)

    def _refusal(self, response: http.client.HTTPResponse) -> Exception:
        try:
            return wire.error_from_json(json.loads(self._read(response))["error"])
        except (ValueError, KeyError, TypeError):
            return self._gone(f"it answered with status {response.status}")

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._gone(str(error)) from error

    def _read_line(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.readline()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._gone(str(error)) from error

    def _gone(self, reason: str) -> EngineUnavailable:
        return EngineUnavailable(
            f"The engine at {self.url} does not answer ({reason}). {self._advice}"
        )


def _characters(request: ScoreRequest) -> int:
    return len(request.context) + len(request.continuation)


def _parts(requests: Sequence[Asked], measure: Callable[[Asked], int]) -> Iterator[list[Asked]]:
    """Requests in as few parts as the host's body limit allows."""
    part: list[Asked] = []
    size = 0
    for request in requests:
        length = measure(request)
        if part and size + length > HIGHEST_PART_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(request)
        size += length
    if part:
        yield part


def _shifted(report: OnProgress | None, before: int, total: int) -> OnProgress | None:
    return report and (lambda done, _: report(before + done, total))
