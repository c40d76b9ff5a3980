"""The host over real HTTP: who may ask, what errors look like, and work that nobody wants."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.engine.client import HostClient
from core.engine.fake import FakeEngine
from core.engine.host_state import HostState
from core.engine.pool import PoolRequest
from core.engine.protocol import Answers, Form, Message, Prompt, ScoreRequest
from core.engine.request_body import HIGHEST_BODY_BYTES
from core.engine.stepwise import StepwiseEngine, StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.errors import (
    ContextOverflow,
    EngineError,
    EngineUnavailable,
    LambdaError,
    NotKnown,
    PairInUse,
)
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings
from core.spec import Decoding
from tests.engine.served import TOKEN, ask, serving

LAM = Lam(650)
REQUESTS = [ScoreRequest("the river", f" {word}") for word in ("runs", "town", "never")]


@pytest.fixture(scope="module")
def fake() -> Iterator[HostClient]:
    with serving(lambda: StepwiseFake(["made-up"])) as (client, _):
        yield client


@pytest.fixture(scope="module")
def real(tiny_settings: Settings) -> Iterator[HostClient]:
    with serving(lambda: TorchEngine(tiny_settings)) as (client, _):
        yield client


def test_a_client_says_what_the_engine_itself_says(
    real: HostClient, tiny_engine: TorchEngine
) -> None:
    assert real.load("tiny") == tiny_engine.load("tiny")
    for lam in (BASE, LAM, INSTRUCT):
        assert real.score("tiny", lam, REQUESTS) == tiny_engine.score("tiny", lam, REQUESTS)
    prompt = real.render_chat("tiny", [Message("user", "λ 🙂")])
    assert prompt == tiny_engine.render_chat("tiny", [Message("user", "λ 🙂")])
    decoding = Decoding(12, temperature="0.8", stop=("zz",), seed=4)
    expected = tiny_engine.generate("tiny", LAM, [prompt, Prompt("x")], decoding)
    assert real.generate("tiny", LAM, [prompt, Prompt("x")], decoding) == expected
    chunks = list(real.stream("tiny", LAM, prompt, decoding))
    assert "".join(chunk.text for chunk in chunks) == expected[0].text


def test_the_fake_is_the_same_near_and_far(fake: HostClient) -> None:
    near = FakeEngine(["made-up"])
    assert fake.score("made-up", LAM, REQUESTS) == near.score("made-up", LAM, REQUESTS)
    far = list(fake.stream("made-up", LAM, Prompt("x"), Decoding(5)))
    assert far == list(near.stream("made-up", LAM, Prompt("x"), Decoding(5)))
    assert fake.score("made-up", LAM, []) == []
    asked = [PoolRequest(Prompt("x"), (1, 2)), PoolRequest(Prompt("y"), branches=3)]
    pools = near.pools("made-up", LAM, asked, Decoding(5))
    assert fake.pools("made-up", LAM, asked, Decoding(5)) == pools
    assert [len(pool.answers) for pool in pools] == [2, 3]


def test_several_lam_and_token_chances_come_as_the_engine_tells_them(
    real: HostClient, tiny_engine: TorchEngine
) -> None:
    lams, prompt = [BASE, LAM, INSTRUCT], Prompt("the river runs λ")
    decoding = Decoding(8, temperature="0.7", seed=2)
    forms: tuple[Form, ...] = ("blended", "materialised")
    for form in forms:  # the engine's own choice rests on a measurement and may differ
        answers, *far = real.stream_many("tiny", lams, prompt, decoding, form)
        assert isinstance(answers, Answers) and answers.form == form and answers.why
        assert far == list(tiny_engine.stream_many("tiny", lams, prompt, decoding, form))[1:]
    assert real.next_tokens("tiny", lams, prompt, 5) == tiny_engine.next_tokens(
        "tiny", lams, prompt, 5
    )
    ids = tiny_engine.resident("tiny").encoder.encode_prompt(prompt)
    for asked in (prompt, Prompt("", tokens=tuple(ids))):
        scores = real.token_scores("tiny", LAM, asked, 3)
        assert scores == tiny_engine.token_scores("tiny", LAM, prompt, 3)
    pooled = [PoolRequest(prompt, (2**47, 5)), PoolRequest(prompt, branches=3)]
    assert real.pools("tiny", LAM, pooled, decoding) == tiny_engine.pools(
        "tiny", LAM, pooled, decoding
    )
    texts = ["", "the river", "λ 🙂"]
    assert real.count_tokens("tiny", texts) == tiny_engine.count_tokens("tiny", texts)


def test_a_pair_in_use_is_not_unloaded(tiny_settings: Settings) -> None:
    """409 with the protocol's error object, how many hold it, and the stream goes on."""
    engine = TorchEngine(tiny_settings)
    endless = replace(engine.resident("tiny"), stop_ids=frozenset())
    engine._residents.adopt("tiny", endless)
    endless.model.register_forward_pre_hook(lambda module, given: time.sleep(0.01))
    with serving(lambda: engine) as (client, state):
        streams = [client.stream("tiny", lam, Prompt("x"), Decoding(60)) for lam in (LAM, BASE)]
        for stream in streams:
            next(stream)
        assert client.status().leases == {"tiny": 2}
        status, told = ask(client, "/unload", b'{"pair": "tiny"}')
        assert (status, told["error"]["code"]) == (409, "pair_in_use")
        assert "in use by 2 requests" in told["error"]["message"]
        with pytest.raises(PairInUse, match="Wait until they are done"):
            client.unload("tiny")
        for stream in streams:
            assert "".join(chunk.text for chunk in stream)
        wait_until_idle(state)
        assert client.status().leases == {"tiny": 0}
        assert client.unload("tiny") is True
        assert client.status().leases == {}


def wait_until_idle(state: HostState) -> None:
    until = time.monotonic() + 10
    while state.queue_length and time.monotonic() < until:
        time.sleep(0.02)
    assert not state.queue_length


def test_a_pair_is_planned_loaded_and_unloaded(tiny_settings: Settings) -> None:
    with serving(lambda: TorchEngine(tiny_settings)) as (client, _):
        plan = client.plan("tiny")
        assert plan.form == "resident" and client.status().pairs == ()
        loaded = client.load("tiny")
        status = client.status()
        assert (status.pairs, status.dtype) == ((loaded,), loaded.dtype)
        assert status.resident_bytes >= 2 * loaded.weights_bytes
        assert client.unload("tiny") is True
        assert (client.status().pairs, client.status().resident_bytes) == ((), 0)
        assert client.unload("tiny") is False
        with pytest.raises(NotKnown, match="'no-such'"):
            client.plan("no-such")


def test_errors_come_back_as_the_class_that_was_raised(real: HostClient) -> None:
    with pytest.raises(NotKnown, match="'no-such'"):
        real.load("no-such")
    with pytest.raises(ContextOverflow, match="Shorten the prompt"):
        list(real.stream("tiny", LAM, Prompt("the " * 900), Decoding(8)))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"},
        {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/health", "/status", "/v1/models", "/score"])
def test_nobody_passes_without_the_token_or_from_elsewhere(
    fake: HostClient, headers: dict[str, str], path: str
) -> None:
    status, content = ask(fake, path, None, headers)
    assert status in (401, 403)
    assert set(content) == {"error"} and TOKEN not in json.dumps(content)


def test_a_wrong_token_is_told_as_such(fake: HostClient) -> None:
    with pytest.raises(EngineError, match="token is missing or wrong"):
        HostClient(fake.url, "wrong").health()


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/score", b"{", 400, "invalid_request"),
        ("/score", b"[]", 400, "invalid_request"),
        ("/score", b'{"pair": 3}', 400, "invalid_request"),
        ("/score", b'{"pair": "made-up", "lambda": 0.5}', 400, "invalid_request"),
        ("/score", b'{"pair": "made-up", "lambda": "abc"}', 400, "invalid_lambda"),
        ("/score", b'{"pair": "made-up", "lambda": "7"}', 400, "invalid_lambda"),
        ("/score", b'{"pair": "made-up", "lambda": "1", "requests": [["a"]]}', 400,
         "invalid_request"),
        ("/generate", b'{"pair": "made-up", "lambda": "1", "prompts": [1]}', 400,
         "invalid_request"),
        ("/generate", b'{"pair": "made-up", "lambda": "1", "prompts": [], "decoding": {"a": 1}}',
         400, "invalid_request"),
        ("/stream", b'{"pair": "made-up", "lambda": "1", "prompt": {"text": 1}}', 400,
         "invalid_request"),
        ("/render_chat", b'{"pair": "made-up", "messages": [{"role": "x", "content": "y"}]}', 400,
         "invalid_request"),
        ("/stream_many", b'{"pair": "made-up", "lambdas": [], "prompt": {"text": "x"}}', 400,
         "invalid_request"),
        ("/stream_many", b'{"pair": "made-up", "lambdas": ["1", "1.0"]}', 400, "invalid_request"),
        ("/stream_many", b'{"pair": "made-up", "lambdas": ["9"]}', 400, "invalid_lambda"),
        ("/next_tokens", b'{"pair": "made-up", "lambdas": ["1"], "prompt": {"text": "x"}}', 400,
         "invalid_request"),
        ("/token_scores", b'{"pair": "p", "lambda": "1", "prompt": {"text": "", "tokens": 1}}', 400,
         "invalid_request"),
        ("/count_tokens", b'{"pair": "made-up", "texts": [1]}', 400, "invalid_request"),
        ("/pools", b'{"pair": "made-up", "lambda": "1", "asked": [{"seeds": ["a"]}]}', 400,
         "invalid_request"),
        ("/unload", b'{"pair": ""}', 400, "invalid_request"),
        ("/load", b'{"pair": "other"}', 404, "model_not_found"),
        ("/nothing", b"{}", 404, "no_such_route"),
    ],
)  # fmt: skip
def test_bad_input_is_a_plain_sentence(
    fake: HostClient, path: str, body: bytes, status: int, code: str
) -> None:
    found, content = ask(fake, path, body)
    assert (found, content["error"]["code"]) == (status, code)
    assert "Traceback" not in content["error"]["message"]


def test_a_body_beyond_the_limit_is_refused(fake: HostClient) -> None:
    status, content = ask(fake, "/score", b" " * (HIGHEST_BODY_BYTES + 1))
    assert (status, content["error"]["code"]) == (413, "request_too_large")
    assert "64 MB" in content["error"]["message"]


def test_models_are_pairs_at_lam(fake: HostClient) -> None:
    fake.load("made-up")
    status, content = ask(fake, "/v1/models")
    names = [model["id"] for model in content["data"]]
    assert status == 200 and names[0] == "made-up@0" and "made-up@0.7" in names


def test_a_client_that_goes_away_ends_its_work(real: HostClient) -> None:
    stream = real.stream("tiny", LAM, Prompt("the river"), Decoding(200))
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 5
    while real.health()["waiting"] and time.monotonic() < until:
        time.sleep(0.02)
    assert real.health()["waiting"] == 0


def test_two_lam_at_once_over_http(real: HostClient, tiny_engine: TorchEngine) -> None:
    expected = {lam: tiny_engine.score("tiny", lam, REQUESTS * 5) for lam in (BASE, LAM, INSTRUCT)}
    found: dict[Lam, Any] = {}

    def score(lam: Lam) -> None:
        found[lam] = [real.score("tiny", lam, REQUESTS * 5) for _ in range(3)]

    threads = [threading.Thread(target=score, args=(lam,)) for lam in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {lam: [scores] * 3 for lam, scores in expected.items()}


def test_health_answers_while_the_engine_is_being_made() -> None:
    gate = threading.Event()

    def slow() -> StepwiseEngine:
        gate.wait(10)
        return StepwiseFake()

    with serving(slow) as (client, _):
        assert client.health()["status"] == "starting"
        gate.set()
        assert client.load("any").identity.name == "any"
        assert client.health()["status"] == "ready"


def test_an_engine_that_cannot_be_made_says_why() -> None:
    def broken() -> StepwiseEngine:
        raise EngineError("PARTWAY_DEVICE = 'moon' cannot be used here. Give cpu.")

    with serving(broken) as (client, _):
        with pytest.raises(EngineUnavailable, match="'moon'"):
            client.load("any")
        assert client.health()["status"] == "failed"


def test_nobody_there_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=r"does not answer"):
        HostClient(f"http://127.0.0.1:{port}", TOKEN).load("x")


def test_lam_off_the_grid_comes_back_as_such(fake: HostClient) -> None:
    body = {"pair": "made-up", "lambda": "0.3333", "requests": []}
    with pytest.raises(LambdaError, match=r"0\.3333"):
        fake._result("/score", body)
