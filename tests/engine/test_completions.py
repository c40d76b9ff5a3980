"""Completions told token by token: log-probabilities, prompts in ids, several answers, echo."""

import math
from collections.abc import Iterable

import pytest
import torch

from core.engine.protocol import Chunk, Prompt, PromptRead, ScoreRequest, Wanted
from core.engine.stepwise import StepwiseEngine, StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.errors import ContextOverflow, InputError
from core.lam import BASE, INSTRUCT, Lam
from core.spec import Decoding

LAM = Lam(650)
LONGEST = 12
TEXT = "the river runs past a small town and people say"
PROMPTS = [Prompt(TEXT), Prompt("λ 🙂 never"), Prompt("x"), Prompt("<|user|>\nhello", chat=True)]
SAMPLED = Decoding(LONGEST, temperature="0.9", top_p="0.95", seed=3)
CLOSE = 1e-5


def joined(steps: Iterable[dict[int, Chunk]]) -> dict[int, list[Chunk]]:
    """The chunks of every row, in order."""
    rows: dict[int, list[Chunk]] = {}
    for step in steps:
        for row, chunk in step.items():
            assert chunk.row == row
            rows.setdefault(row, []).append(chunk)
    return rows


def logprobs(engine: TorchEngine, tokens: tuple[int, ...]) -> torch.Tensor:
    """By definition: log-softmax of one plain forward over all tokens."""
    with torch.inference_mode():
        logits: torch.Tensor = (
            engine.resident("tiny").at(LAM)(torch.tensor([tokens]), use_cache=False).logits
        )
    return logits[0].double().log_softmax(-1)


def encoded(engine: TorchEngine, prompt: Prompt) -> tuple[int, ...]:
    return tuple(engine.resident("tiny").encoder.encode_prompt(prompt))


def test_completions_say_what_generate_says(tiny_engine: TorchEngine) -> None:
    rows = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS, SAMPLED, Wanted()))
    answers = tiny_engine.generate("tiny", LAM, PROMPTS, SAMPLED)
    for row, answer in enumerate(answers):
        chunks = rows[row]
        assert "".join(chunk.text for chunk in chunks) == answer.text
        assert (chunks[-1].finish, chunks[-1].tokens) == (answer.finish, answer.tokens)
        assert all(chunk.finish is None and chunk.chosen == () for chunk in chunks[:-1])
        tokens = encoded(tiny_engine, PROMPTS[row])
        assert chunks[0].prompt == PromptRead(tokens)
        assert all(chunk.prompt is None for chunk in chunks[1:])


def test_answers_of_one_prompt_do_not_depend_on_how_many_are_asked_for(
    tiny_engine: TorchEngine,
) -> None:
    five = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS[:1] * 5, SAMPLED, Wanted()))
    two = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS[:1] * 2, SAMPLED, Wanted()))
    assert {row: five[row] for row in two} == two
    assert len({"".join(chunk.text for chunk in five[row]) for row in five}) > 1


@pytest.mark.parametrize("decoding", [Decoding(LONGEST), SAMPLED], ids=["greedy", "sampled"])
def test_each_token_comes_with_its_log_probability(
    tiny_engine: TorchEngine, decoding: Decoding
) -> None:
    rows = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS, decoding, Wanted(3)))
    for row, chunks in rows.items():
        told = [token for chunk in chunks for token in chunk.chosen]
        before = encoded(tiny_engine, PROMPTS[row])
        expected = logprobs(tiny_engine, (*before, *(one.token for one in told)))[len(before) - 1 :]
        # An answer that stops tells its stop token too, which is no part of the text.
        assert len(told) == chunks[-1].tokens + (chunks[-1].finish == "stop")
        for one, line in zip(told, expected, strict=False):
            assert one.logprob == pytest.approx(float(line[one.token]), abs=CLOSE)
            best = line.topk(3)
            assert [top.token for top in one.top] == best.indices.tolist()
            assert [top.logprob for top in one.top] == pytest.approx(
                best.values.tolist(), abs=CLOSE
            )


def test_no_candidates_may_be_wanted_beside_the_log_probability(tiny_engine: TorchEngine) -> None:
    rows = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS[:1], SAMPLED, Wanted(0)))
    told = [token for chunk in rows[0] for token in chunk.chosen]
    assert told and all(token.top == () and token.logprob < 0 for token in told)


def test_a_prompts_scores_are_those_of_the_score_call(tiny_engine: TorchEngine) -> None:
    continuation = " and the people there say that it never stops"
    scores = tiny_engine.token_scores("tiny", LAM, Prompt(TEXT + continuation), 2)
    (score,) = tiny_engine.score("tiny", LAM, [ScoreRequest(TEXT, continuation)])
    tail = [one for one in scores[-score.tokens :] if one is not None]
    assert scores[0] is None and None not in scores[1:]
    assert len(scores) == score.tokens + score.context_tokens
    assert math.fsum(one.logprob for one in tail) == pytest.approx(score.logprob, abs=1e-4)
    assert score.greedy == all(one.token == one.top[0].token for one in tail)


def test_a_long_prompt_is_scored_in_pieces_to_the_same_numbers(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = Prompt(TEXT * 4)
    whole = tiny_engine.token_scores("tiny", LAM, prompt, 2)
    monkeypatch.setattr("core.engine.token_chances.PIECE_TOKENS", 7)
    steps = tiny_engine.token_scores_steps("tiny", LAM, prompt, 2)
    pieces = tiny_engine.token_scores("tiny", LAM, prompt, 2)
    assert len(list(steps)) > 3  # other work may have its turn between two of them
    assert [one and one.token for one in pieces] == [one and one.token for one in whole]
    for one, other in zip(pieces[1:], whole[1:], strict=True):
        assert one is not None and other is not None
        assert one.logprob == pytest.approx(other.logprob, abs=CLOSE)


def test_next_tokens_are_what_each_lam_would_write(tiny_engine: TorchEngine) -> None:
    lams = (BASE, LAM, INSTRUCT)
    chances = tiny_engine.next_tokens("tiny", lams, Prompt(TEXT), 20)
    for lam, found in zip(lams, chances, strict=True):
        (answer,) = tiny_engine.generate("tiny", lam, [Prompt(TEXT)], Decoding(1))
        assert found[0].text.startswith(answer.text)
        assert len(found) == 20 and sum(math.exp(one.logprob) for one in found) < 1
        assert list(found) == sorted(found, key=lambda one: -one.logprob)
    line = logprobs(tiny_engine, encoded(tiny_engine, Prompt(TEXT)))[-1]
    for one in chances[1]:
        assert one.logprob == pytest.approx(float(line[one.token]), abs=CLOSE)


def test_ids_are_used_as_they_are(tiny_engine: TorchEngine) -> None:
    ids = encoded(tiny_engine, PROMPTS[0])
    by_text = tiny_engine.generate("tiny", LAM, PROMPTS[:1], SAMPLED)
    assert tiny_engine.generate("tiny", LAM, [Prompt("", tokens=ids)], SAMPLED) == by_text
    twice = Prompt("not read", tokens=(0, 0, *ids))
    rows = joined(tiny_engine.complete_steps("tiny", LAM, [twice], SAMPLED, Wanted(echo=True)))
    assert rows[0][0].prompt is not None
    assert rows[0][0].prompt.tokens == (0, 0, *ids)
    assert rows[0][0].prompt.text == f"<|bos|><|bos|>{TEXT}"


@pytest.mark.parametrize("longest", [0, 3])
def test_echo_tells_the_prompt_and_its_scores(tiny_engine: TorchEngine, longest: int) -> None:
    wanted = Wanted(2, echo=True)
    rows = joined(tiny_engine.complete_steps("tiny", LAM, PROMPTS, Decoding(longest), wanted))
    for row, prompt in enumerate(PROMPTS):
        read = rows[row][0].prompt
        assert read is not None and read.text == prompt.text
        assert read.scores == tiny_engine.token_scores("tiny", LAM, prompt, 2)
        assert len(read.texts) == len(read.tokens) == len(read.scores)
        if longest == 0:
            assert [(c.text, c.tokens, c.finish) for c in rows[row]] == [("", 0, "length")]


@pytest.mark.parametrize("ids", [(-1,), (3, 10**6)])
def test_an_id_that_does_not_exist_is_one_sentence(
    tiny_engine: TorchEngine, ids: tuple[int, ...]
) -> None:
    with pytest.raises(InputError, match="ids from 0 to"):
        tiny_engine.generate("tiny", LAM, [Prompt("", tokens=ids)], SAMPLED)


def test_impossible_wishes_are_one_sentence(tiny_engine: TorchEngine) -> None:
    with pytest.raises(InputError, match="Ask for 0 to 20"):
        next(tiny_engine.complete_steps("tiny", LAM, PROMPTS, SAMPLED, Wanted(21)))
    with pytest.raises(InputError, match="Ask for 0 to 20"):
        tiny_engine.next_tokens("tiny", [LAM], PROMPTS[0], -1)
    with pytest.raises(InputError, match="max_new_tokens = 0"):
        next(tiny_engine.complete_steps("tiny", LAM, PROMPTS, Decoding(0), Wanted()))
    long = Prompt("the river " * 300)
    with pytest.raises(ContextOverflow, match="Shorten the prompt"):
        next(tiny_engine.complete_steps("tiny", LAM, [long], SAMPLED, Wanted()))
    with pytest.raises(ContextOverflow, match="Shorten the prompt"):
        tiny_engine.token_scores("tiny", LAM, long, 0)


def test_tokens_are_counted_without_those_an_encoding_adds(tiny_engine: TorchEngine) -> None:
    texts = [TEXT, "", "x", "λ 🙂"]
    tokenizer = tiny_engine.resident("tiny").encoder.tokenizer
    expected = [len(tokenizer.tokenize(text)) for text in texts]
    assert tiny_engine.count_tokens("tiny", texts) == expected
    assert tiny_engine.count_tokens("tiny", []) == []


@pytest.mark.parametrize("form", ["blended", "materialised", None])
def test_the_made_up_engine_keeps_the_same_promises(form: object) -> None:
    fake: StepwiseEngine = StepwiseFake()
    lams = (BASE, LAM, INSTRUCT)
    first, *chunks = fake.stream_many_steps("any", lams, Prompt(TEXT), SAMPLED, form)  # type: ignore[arg-type]
    assert not isinstance(first, Chunk) and form in (None, first.form)
    for row, lam in enumerate(lams):
        own = [c.text for c in chunks if isinstance(c, Chunk) and c.row == row]
        assert own == [c.text for c in fake.stream_steps("any", lam, Prompt(TEXT), SAMPLED)]
    rows = joined(fake.complete_steps("any", LAM, PROMPTS, SAMPLED, Wanted(3, echo=True)))
    for row, prompt in enumerate(PROMPTS):
        read = rows[row][0].prompt
        assert read is not None and len(read.tokens) == len(read.texts) == len(read.scores)
        assert rows[row][-1].finish in ("stop", "length")
        assert all(len(one.top) == 3 for chunk in rows[row] for one in chunk.chosen)
        assert prompt.text.split() == read.text.split()
