"""What the protocol answers to what it cannot do: a status, an error object, a plain sentence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai import OpenAI

from core.engine.client import HostClient
from core.engine.protocol import LoadedPair
from core.engine.stepwise import StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.settings import Settings
from tests.engine.served import TOKEN, ask, serving

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
USER = {"role": "user", "content": "x"}


class Plain(StepwiseFake):
    """A pair whose instruct parent has no chat template."""

    def load(self, pair: str) -> LoadedPair:
        return replace(super().load(pair), chat_template=None)


@pytest.fixture(scope="module")
def host() -> Iterator[HostClient]:
    with serving(lambda: StepwiseFake(["made-up"])) as (client, _):
        yield client


def post(client: HostClient, path: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    status, content = ask(client, path, json.dumps(fields).encode())
    return status, content.get("error", content)


@pytest.mark.parametrize("path", [CHAT, TEXT])
@pytest.mark.parametrize(
    ("fields", "status", "code", "param", "said"),
    [
        ({"model": "moon@0.5"}, 404, "model_not_found", "model", "'moon'"),
        ({"model": "made-up@9"}, 400, "invalid_lambda", "model", "λ = 9"),
        ({"model": "made-up@abc"}, 400, "invalid_lambda", "model", "'abc'"),
        ({"model": "made-up@"}, 400, "invalid_lambda", "model", "not a number"),
        ({"model": "made-up@0.3333"}, 400, "invalid_lambda", "model", "three decimals"),
        ({"model": 3}, 400, "invalid_request", "model", "Give a text"),
        ({"model": None}, 400, "invalid_request", "model", "missing"),
        ({"max_tokens": -5}, 400, "invalid_request", "max_tokens", "-5"),
        ({"max_tokens": 0}, 400, "invalid_request", "max_tokens", "at least 1|from 1"),
        ({"max_tokens": "ten"}, 400, "invalid_request", "max_tokens", "'ten'"),
        ({"max_tokens": 2.5}, 400, "invalid_request", "max_tokens", "2.5"),
        ({"n": 0}, 400, "invalid_request", "n", "from 1"),
        ({"n": True}, 400, "invalid_request", "n", "True"),
        ({"n": 10**6}, 400, "invalid_request", "n", "1000000"),
        ({"temperature": -0.1}, 400, "invalid_request", "temperature", "from 0 to 2"),
        ({"temperature": "warm"}, 400, "invalid_request", "temperature", "'warm'"),
        ({"temperature": float("nan")}, 400, "invalid_request", "temperature", "nan"),
        ({"top_p": 1.5}, 400, "invalid_request", "top_p", "1.5"),
        ({"seed": "a"}, 400, "invalid_request", "seed", "'a'"),
        ({"stop": [""]}, 400, "invalid_request", "stop", "Give a text"),
        ({"stop": 3}, 400, "invalid_request", "stop", "3"),
        ({"stream": "yes"}, 400, "invalid_request", "stream", "true or false"),
        ({"stream_options": {"include_usage": True}}, 400, "invalid_request", "stream_options",
         "stream to true"),
        ({"frequency_penalty": 0.5}, 400, "invalid_request", "frequency_penalty", "not supported"),
        ({"logit_bias": {"5": 1}}, 400, "invalid_request", "logit_bias", "not supported"),
        ({"best_of": 3}, 400, "invalid_request", "best_of", "not supported"),
        ({"tools": [{}]}, 400, "invalid_request", "tools", "not supported"),
        ({"response_format": {"type": "json_object"}}, 400, "invalid_request", "response_format",
         "not supported"),
        ({"temprature": 1}, 400, "invalid_request", "temprature", "spelling"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(
    host: HostClient,
    path: str,
    fields: dict[str, Any],
    status: int,
    code: str,
    param: str,
    said: str,
) -> None:
    content = {"messages": [USER]} if path == CHAT else {"prompt": "x"}
    found, error = post(host, path, **{"model": "made-up", **content, **fields})
    assert (found, error["code"], error["param"]) == (status, code, param)
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert any(part in error["message"] for part in said.split("|")), error["message"]


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (None, "messages"),
        ([], "messages"),
        ("hello", "messages"),
        (["hello"], "messages[0]"),
        ([{"role": "wizard", "content": "x"}], "messages[0].role"),
        ([{"role": "tool", "content": "x"}], "messages[0].role"),
        ([USER, {"role": "user"}], "messages[1].content"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}],
         "messages[0].content"),
        ([{**USER, "name": "Ann"}], "messages[0].name"),
    ],
)  # fmt: skip
def test_messages_that_cannot_be_read_are_named(
    host: HostClient, messages: Any, param: str
) -> None:
    status, error = post(host, CHAT, model="made-up", messages=messages)
    assert (status, error["param"], error["code"]) == (400, param, "invalid_request")


@pytest.mark.parametrize("prompt", [None, [], [[]], 7, [1, "a"], [1.5], [True], ["a", [1]], {}])
def test_prompts_that_cannot_be_read_are_named(host: HostClient, prompt: Any) -> None:
    status, error = post(host, TEXT, model="made-up", prompt=prompt)
    both_kinds = prompt == ["a", [1]]  # a text and ids may stand side by side
    assert (status, error.get("param")) == ((200, None) if both_kinds else (400, "prompt"))


def test_what_changes_nothing_is_accepted(host: HostClient) -> None:
    plain = {"model": "made-up", "temperature": 0}
    neutral = {
        "user": "ann", "metadata": {"a": "b"}, "store": False, "frequency_penalty": 0,
        "presence_penalty": 0.0, "logit_bias": None, "tools": [], "seed": None, "stop": None,
        "response_format": {"type": "text"},
    }  # fmt: skip
    parts = [{"type": "text", "text": "x"}]
    returned = {"role": "assistant", "content": "y", "refusal": None, "tool_calls": None}
    for more, content in ((neutral, parts), ({}, "x")):
        messages = [{"role": "user", "content": content}, returned, USER]
        status, found = post(host, CHAT, **plain, **more, messages=messages)
        assert status == 200
        answer = found["choices"][0]["message"]["content"]
        assert answer == post(host, CHAT, **plain, messages=[USER, returned, USER])[1][
            "choices"
        ][0]["message"]["content"]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"", "not JSON"),
        (b'{"model": "made-up", "prompt": "\xff"}', "not UTF-8"),
        (b'{"model": "made-up", "prompt": "\\ud800"}', "half a character"),
        (b"[" * 200_000, "not JSON"),
    ],
)
def test_a_body_that_is_no_json_in_utf8_is_one_sentence(
    host: HostClient, body: bytes, said: str
) -> None:
    for path in (CHAT, TEXT, "/score"):
        status, content = ask(host, path, body)
        assert (status, content["error"]["code"]) == (400, "invalid_request")
        assert said in content["error"]["message"]


def test_a_hundred_megabytes_are_refused_and_the_host_goes_on(host: HostClient) -> None:
    body = b'{"model": "made-up", "prompt": "' + b"x" * 100_000_000 + b'"}'
    status, content = ask(host, TEXT, body)
    assert (status, content["error"]["code"]) == (413, "request_too_large")
    status, content = ask(host, TEXT, body, {"Authorization": "Bearer wrong"})
    assert status == 401
    assert post(host, TEXT, model="made-up", prompt="x")[0] == 200


def test_a_pair_without_a_chat_template_says_what_to_ask_instead() -> None:
    with serving(Plain) as (client, _):
        status, error = post(client, CHAT, model="plain", messages=[USER])
        assert (status, error["param"]) == (400, "messages")
        assert "no chat template" in error["message"] and TEXT in error["message"]
        assert post(client, TEXT, model="plain", prompt="x")[0] == 200


def test_the_sdk_raises_its_own_errors(tiny_settings: Settings) -> None:
    with serving(lambda: TorchEngine(tiny_settings)) as (host, _):
        url = f"{host.url}/v1"
        for key in ("wrong", "none"):
            with (
                OpenAI(base_url=url, api_key=key, max_retries=0) as nobody,
                pytest.raises(openai.AuthenticationError, match="token is missing or wrong"),
            ):
                nobody.models.list()
        with OpenAI(base_url=url, api_key=TOKEN, max_retries=0) as sdk:
            with pytest.raises(openai.NotFoundError, match="'moon'"):
                sdk.completions.create(model="moon", prompt="x")
            for stream in (False, True):
                with pytest.raises(openai.BadRequestError, match="Shorten the prompt") as caught:
                    sdk.completions.create(model="tiny", prompt="the " * 900, stream=stream)
                assert caught.value.code == "context_length_exceeded"
            with pytest.raises(openai.BadRequestError, match="Shorten the prompt"):
                sdk.chat.completions.create(
                    model="tiny", messages=[{"role": "user", "content": "the " * 900}]
                )
            with pytest.raises(openai.BadRequestError, match="ids from 0 to"):
                sdk.completions.create(model="tiny", prompt=[5, 10**6])
