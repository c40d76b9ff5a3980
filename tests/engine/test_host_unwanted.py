"""Work that nobody reads any more ends, whoever asked for it and however they went away."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

import pytest
from openai import OpenAI

from core.engine.activity import Activity
from core.engine.client import HostClient
from core.engine.host_status import AtWork
from core.engine.protocol import (
    Answers,
    Chunk,
    Form,
    Generation,
    Progress,
    Prompt,
    PromptRead,
    Wanted,
)
from core.engine.stepwise import StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.engine.work_queue import BATCH, INTERACTIVE
from core.errors import EngineUnavailable
from core.lam import Lam
from core.spec import Decoding
from tests.engine.served import TOKEN, serving

LAM = Lam(650)
PATIENCE_SECONDS = 30.0


class Endless(StepwiseFake):
    """Writes for ever, five thousand characters a step, and counts its open streams."""

    def __init__(self) -> None:
        super().__init__()
        self.open = 0

    def stream_steps(
        self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding
    ) -> Generator[Chunk, None, None]:
        yield from self._for_ever()

    def stream_many_steps(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Generator[Answers | Chunk, None, None]:
        yield Answers("blended", "Made up.")
        yield from self._for_ever()

    def complete_steps(
        self, pair: str, lam: Lam, prompts: Sequence[Prompt], decoding: Decoding, wanted: Wanted
    ) -> Generator[dict[int, Chunk], None, None]:
        for chunk in self._for_ever():
            yield {0: chunk}

    def _for_ever(self) -> Generator[Chunk, None, None]:
        self.open += 1
        count = 0
        try:
            while True:
                count += 1
                yield Chunk(0, "x" * 5000, count, prompt=PromptRead((1,)))
                time.sleep(0.001)
        finally:
            self.open -= 1


@pytest.fixture
def engine() -> Endless:
    return Endless()


@pytest.fixture
def host(engine: Endless) -> Iterator[HostClient]:
    with serving(lambda: engine) as (client, _):
        client.load("made-up")
        yield client


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


def post(client: HostClient, path: str, **body: object) -> socket.socket:
    """A request whose answer is left to the caller to read or not."""
    host, port = client.url.removeprefix("http://").split(":")
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    connection = socket.create_connection((host, int(port)))
    connection.sendall(head.encode() + content)
    return connection


ASKED = {"model": "made-up@0.65", "prompt": "x", "max_tokens": 10**6}
DECODING = {"max_new_tokens": 10**6}
REQUESTS = [
    ("/stream", {"pair": "p", "lambda": "0.65", "prompt": {"text": "x"}, "decoding": DECODING}),
    ("/stream_many",
     {"pair": "p", "lambdas": ["0", "1"], "prompt": {"text": "x"}, "decoding": DECODING}),
    ("/v1/completions", {**ASKED, "stream": True}),
    ("/v1/completions", ASKED),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), REQUESTS)
def test_a_client_that_goes_away_ends_its_work(
    host: HostClient, engine: Endless, path: str, body: dict[str, object]
) -> None:
    with post(host, path, **body):
        wait_until(lambda: engine.open == 1)
    wait_until(lambda: engine.open == 0)
    wait_until(lambda: host.status().interactive == 0)


@pytest.mark.parametrize(("path", "body"), REQUESTS[:3])
def test_a_client_that_stops_reading_ends_its_work(
    host: HostClient,
    engine: Endless,
    path: str,
    body: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.engine.line_stream.UNREAD_SECONDS", 0.3)
    with post(host, path, **body) as connection:
        connection.recv(1000)
        wait_until(lambda: engine.open == 1)
        wait_until(lambda: engine.open == 0)  # the connection is still there, and unread
        assert host.status().interactive == 0


def test_an_iterator_that_is_closed_ends_the_work(host: HostClient, engine: Endless) -> None:
    streams = [
        host.stream("p", LAM, Prompt("x"), Decoding(9)),
        host.stream_many("p", [LAM, Lam(0)], Prompt("x"), Decoding(9)),
    ]
    for stream in streams:
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        wait_until(lambda: engine.open == 0)
    with OpenAI(base_url=f"{host.url}/v1", api_key=TOKEN, max_retries=0) as sdk:
        with sdk.completions.create(model="p", prompt="x", stream=True) as pieces:
            next(iter(pieces))
        wait_until(lambda: engine.open == 0)


def test_the_status_says_what_is_at_work_and_how_fast(host: HostClient, engine: Endless) -> None:
    quiet = host.status()
    assert (quiet.at_work, quiet.interactive, quiet.batch, quiet.form) == ((), 0, 0, None)
    assert quiet.tokens_per_second is None and quiet.device == "fake"
    stream = host.stream_many("p", [LAM, Lam(1000)], Prompt("x"), Decoding(9))
    next(stream), next(stream)
    busy = host.status()
    assert busy.at_work == (AtWork("stream_many", "p", (LAM, Lam(1000))),)
    assert (busy.status, busy.interactive, busy.form) == ("busy", 1, "blended")
    assert busy.tokens_per_second is not None and busy.tokens_per_second > 0
    stream.close()  # type: ignore[attr-defined]
    wait_until(lambda: host.status().at_work == ())


def test_a_host_that_stops_says_so_to_everyone(engine: Endless) -> None:
    with serving(lambda: engine) as (client, state):
        stream = client.stream("p", LAM, Prompt("x"), Decoding(9))
        next(stream)
        threading.Timer(0.1, state.end_work).start()
        with pytest.raises(EngineUnavailable, match="is stopping"):
            for _ in stream:
                pass
        assert engine.open == 0


def test_a_body_that_never_comes_blocks_nobody(host: HostClient) -> None:
    name, port = host.url.removeprefix("http://").split(":")
    with closing(http.client.HTTPConnection(name, int(port), timeout=10)) as connection:
        connection.putrequest("POST", "/score")
        connection.putheader("Authorization", f"Bearer {TOKEN}")
        connection.putheader("Content-Length", "1000")
        connection.endheaders()
        assert host.load("another").device == "fake"


def test_tokens_a_second_counts_streams_as_they_come_and_batches_over_their_time() -> None:
    moment = [100.0]
    activity = Activity(now=lambda: moment[0])

    def stream() -> Generator[Chunk, None, None]:
        for count in (1, 2, 4):
            moment[0] += 1
            yield Chunk(0, "x", count)

    def batch() -> Generator[Progress, None, list[Generation]]:
        moment[0] += 10
        yield Progress(0, 1)
        return [Generation("x", 30, 1, "stop")]

    entry = activity.begin(AtWork("stream", "p", (LAM,)), INTERACTIVE)
    list(activity.watch(entry, stream)())
    assert activity.tokens_per_second() == 4 / 5
    moment[0] += 60
    assert activity.tokens_per_second() is None
    entry = activity.begin(AtWork("generate", "p", (LAM,)), BATCH)
    assert activity.waiting() == {"interactive": 0, "batch": 1}
    list(activity.watch(entry, batch)())
    assert activity.tokens_per_second() == pytest.approx(30 / 10)
    assert activity.waiting() == {"interactive": 0, "batch": 0}


def test_a_batch_counts_while_it_is_written_and_no_token_twice() -> None:
    moment = [100.0]
    activity = Activity(now=lambda: moment[0])

    def batch() -> Generator[Progress, None, list[Generation]]:
        for tokens in (10, 25):
            yield Progress(0, 2, tokens)
        return [Generation("x", 20, 1, "stop"), Generation("y", 10, 1, "stop")]

    steps = activity.watch(activity.begin(AtWork("generate", "p", (LAM,)), BATCH), batch)()
    for total in (10, 25):
        next(steps)
        assert activity.tokens_per_second() == total / 5
    moment[0] += 1
    assert list(steps) == []
    assert activity.tokens_per_second() == pytest.approx(30 / 5)


def test_the_engine_tells_the_tokens_of_answers_that_are_not_finished(
    tiny_engine: TorchEngine,
) -> None:
    told: list[Progress] = []
    steps = tiny_engine.generate_steps("tiny", LAM, [Prompt("the"), Prompt("it")], Decoding(9))
    while True:
        try:
            told.append(next(steps))
        except StopIteration as finished:
            answers = finished.value
            break
    counts = [one.tokens for one in told]
    assert counts == sorted(counts) and any(one.tokens for one in told if not one.done)
    assert counts[-1] == sum(answer.tokens for answer in answers)
