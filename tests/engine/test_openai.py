"""The official `openai` SDK against the host: any λ by name, whole and streamed answers."""

from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI

from core.engine.protocol import Message, Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings
from core.spec import Decoding
from tests.engine.served import TOKEN, serving

LAM = Lam(650)
TALK = "the river runs past a small town"
DRAWN = {"temperature": 1.0, "seed": 7, "max_tokens": 12}


@pytest.fixture(scope="module")
def client(tiny_settings: Settings) -> Iterator[OpenAI]:
    with (
        serving(lambda: TorchEngine(tiny_settings), registered=["tiny", "far"]) as (host, _),
        OpenAI(base_url=f"{host.url}/v1", api_key=TOKEN, max_retries=0, timeout=30) as sdk,
    ):
        host.load("tiny")
        yield sdk


def test_models_are_loaded_pairs_at_lam_and_registered_ones(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert {"tiny@0", "tiny@0.5", "tiny@1", "tiny", "far"} <= set(names)
    assert "far@0.5" not in names
    assert client.models.retrieve("tiny@0.655").id == "tiny@0.655"
    with pytest.raises(openai.NotFoundError, match="'moon'"):
        client.models.retrieve("moon@0.5")


@pytest.mark.parametrize("lam", [BASE, LAM, INSTRUCT])
def test_a_conversation_is_answered_at_the_lam_of_the_models_name(
    client: OpenAI, tiny_engine: TorchEngine, lam: Lam
) -> None:
    prompt = tiny_engine.render_chat("tiny", [Message("system", "λ"), Message("user", TALK)])
    (expected,) = tiny_engine.generate("tiny", lam, [prompt], Decoding(12))
    found = client.chat.completions.create(
        model=f"tiny@{lam}",
        messages=[{"role": "developer", "content": "λ"}, {"role": "user", "content": TALK}],
        temperature=0,
        max_completion_tokens=12,
    )
    assert found.choices[0].message.content == expected.text
    assert found.choices[0].finish_reason == expected.finish
    assert found.model == f"tiny@{lam}"
    assert found.usage is not None
    assert found.usage.prompt_tokens == expected.prompt_tokens
    assert found.usage.completion_tokens == expected.tokens


def test_a_pair_alone_is_the_instruct_model(client: OpenAI) -> None:
    answers = [
        client.completions.create(model=name, prompt=TALK, temperature=0).choices[0].text
        for name in ("tiny", "tiny@1", "tiny@1.000")
    ]
    assert len(set(answers)) == 1


def test_a_stream_says_what_the_whole_answer_says(client: OpenAI) -> None:
    messages = [{"role": "user", "content": TALK}]
    asked = {"model": "tiny@0.65", "messages": messages, "n": 2, "logprobs": True, **DRAWN}
    whole = client.chat.completions.create(**asked)  # type: ignore[call-overload]
    texts, tokens, finishes = ["", ""], [0, 0], [None, None]
    pieces = list(
        client.chat.completions.create(  # type: ignore[call-overload]
            **asked, stream=True, stream_options={"include_usage": True}
        )
    )
    for piece in pieces[:-1]:
        assert piece.usage is None
        for choice in piece.choices:
            texts[choice.index] += choice.delta.content or ""
            tokens[choice.index] += len(choice.logprobs.content)
            finishes[choice.index] = choice.finish_reason
    assert texts == [choice.message.content for choice in whole.choices]
    assert tokens == [len(choice.logprobs.content) for choice in whole.choices]
    assert finishes == [choice.finish_reason for choice in whole.choices]
    assert pieces[0].choices[0].delta.role == "assistant"
    assert (pieces[-1].choices, pieces[-1].usage) == ([], whole.usage)


def test_a_seed_repeats_and_answers_differ_among_themselves(client: OpenAI) -> None:
    def ask(count: int) -> list[str]:
        found = client.completions.create(model="tiny@0.65", prompt=TALK, n=count, **DRAWN)  # type: ignore[call-overload]
        return [choice.text for choice in found.choices]

    three = ask(3)
    assert ask(3) == three and len(set(three)) == 3
    assert ask(1) == three[:1]


def test_without_a_seed_answers_are_drawn_anew(client: OpenAI) -> None:
    texts = {
        client.completions.create(model="tiny@0.65", prompt=TALK).choices[0].text for _ in range(4)
    }
    assert len(texts) > 1


def test_a_prompt_in_a_list_is_answered_as_alone(client: OpenAI) -> None:
    prompts = [TALK, "town", "and the people there say"]
    listed = client.completions.create(model="tiny@0.65", prompt=prompts, n=2, **DRAWN)  # type: ignore[call-overload]
    alone = [
        choice.text
        for prompt in prompts
        for choice in client.completions.create(
            model="tiny@0.65", prompt=prompt, n=2, **DRAWN  # type: ignore[call-overload]
        ).choices
    ]  # fmt: skip
    assert [choice.text for choice in listed.choices] == alone
    assert [choice.index for choice in listed.choices] == list(range(6))


def test_token_ids_are_the_prompt_they_encode(client: OpenAI, tiny_engine: TorchEngine) -> None:
    ids = tiny_engine.resident("tiny").encoder.encode_prompt(Prompt(TALK))
    as_text = client.completions.create(model="tiny@0.65", prompt=TALK, **DRAWN)  # type: ignore[call-overload]
    for prompt in (ids, [ids]):
        as_ids = client.completions.create(model="tiny@0.65", prompt=prompt, **DRAWN)  # type: ignore[call-overload]
        assert as_ids.choices[0].text == as_text.choices[0].text
        assert as_ids.usage == as_text.usage


def test_an_answer_ends_before_its_stop_text(client: OpenAI) -> None:
    free = client.completions.create(model="tiny@0.65", prompt=TALK, temperature=0, max_tokens=30)
    text = free.choices[0].text
    stop = text[len(text) // 2 :][:3]
    for given in (stop, ["never there", stop]):
        cut = client.completions.create(
            model="tiny@0.65", prompt=TALK, temperature=0, max_tokens=30, stop=given
        )
        assert cut.choices[0].text == text[: text.index(stop)]
        assert cut.choices[0].finish_reason == "stop"


def test_echoed_log_probabilities_are_the_engines_scores(
    client: OpenAI, tiny_engine: TorchEngine
) -> None:
    ending = " and the people"
    (score,) = tiny_engine.score("tiny", LAM, [ScoreRequest(TALK, ending)])
    found = client.completions.create(
        model="tiny@0.65", prompt=TALK + ending, echo=True, max_tokens=0, logprobs=1
    )
    choice = found.choices[0]
    assert choice.text == TALK + ending and found.usage and found.usage.completion_tokens == 0
    told = choice.logprobs
    assert told and told.tokens and told.token_logprobs and told.top_logprobs and told.text_offset
    assert told.token_logprobs[0] is None and told.top_logprobs[0] is None
    assert sum(told.token_logprobs[-score.tokens :]) == pytest.approx(score.logprob, abs=1e-3)
    assert "".join(told.tokens) == choice.text
    assert told.text_offset == [len("".join(told.tokens[:at])) for at in range(len(told.tokens))]


def test_every_answered_token_has_its_log_probability_and_the_end_has_one_too(
    client: OpenAI, tiny_engine: TorchEngine
) -> None:
    stops = tiny_engine.resident("tiny").stop_ids
    show = tiny_engine.resident("tiny").encoder.show
    found = client.chat.completions.create(
        model="tiny@0.65",
        messages=[{"role": "user", "content": TALK}],
        **{**DRAWN, "temperature": 2.0, "max_tokens": 30},  # type: ignore[call-overload]
        n=16,
        logprobs=True,
        top_logprobs=3,
    )
    ended = [choice for choice in found.choices if choice.finish_reason == "stop"]
    told = sum(len(choice.logprobs.content) for choice in found.choices)
    assert ended, "no answer of this seed ended by itself; choose another"
    assert told == found.usage.completion_tokens + len(ended)
    assert {one.logprobs.content[-1].token for one in ended} <= {show(token) for token in stops}
    for choice in found.choices:
        for token in choice.logprobs.content:
            best = [chance.logprob for chance in token.top_logprobs]
            assert len(best) == 3 and best == sorted(best, reverse=True)
            assert token.logprob <= best[0] <= 0


def test_a_conversation_may_be_as_long_as_the_context(client: OpenAI) -> None:
    found = client.chat.completions.create(
        model="tiny@0", messages=[{"role": "user", "content": TALK}], temperature=0
    )
    assert found.usage is not None
    if found.choices[0].finish_reason == "length":
        assert found.usage.total_tokens == 256
