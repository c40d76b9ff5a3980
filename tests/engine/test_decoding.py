"""Decoding: what transformers' own greedy search says, whatever shares the batch."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from core.engine.loading import load_pair
from core.engine.protocol import Chunk, Message, Prompt
from core.engine.resident import Resident
from core.engine.sampler import Sampler
from core.engine.torch_engine import TorchEngine
from core.errors import ContextOverflow, InputError
from core.lam import BASE, INSTRUCT, Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.spec import Decoding
from tests.tiny_pair import CONTEXT_LENGTH

LAM = Lam(650)
LONGEST = 14
PROMPTS = [
    Prompt("the river runs past a small town and people say " * 4 + end)
    for end in ("it", "the", "that it never", "people", "λ 🙂", "a small town", "no" * 30)
] + [Prompt("x"), Prompt("")]
SAMPLED = Decoding(LONGEST, temperature="0.9", top_p="0.95", seed=3)


@pytest.fixture(params=[True, False], ids=["sharing", "plain"])
def engine(request: pytest.FixtureRequest, tiny_engine: TorchEngine) -> Iterator[TorchEngine]:
    own = TorchEngine(tiny_engine._settings)
    own._residents.adopt("tiny", tiny_engine.resident("tiny").with_sharing(request.param))
    yield own


def transformers_greedy(resident: Resident, lam: Lam, prompt: Prompt) -> str:
    ids = torch.tensor([resident.encoder.encode_prompt(prompt)])
    with torch.inference_mode():
        out = resident.at(lam).generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=LONGEST,
            do_sample=False,
            eos_token_id=sorted(resident.stop_ids),
            pad_token_id=1,
        )
    fresh = [t for t in out[0, ids.shape[1] :].tolist() if t not in resident.stop_ids]
    return resident.encoder.decode(fresh)


@pytest.mark.parametrize("lam", [BASE, LAM, INSTRUCT], ids=str)
def test_greedy_answers_are_those_of_transformers(engine: TorchEngine, lam: Lam) -> None:
    answers = engine.generate("tiny", lam, PROMPTS, Decoding(LONGEST))
    resident = engine.resident("tiny")
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        expected = transformers_greedy(resident, lam, prompt)
        assert expected in (answer.text, answer.text + "�")  # half a character is not shown


@pytest.mark.parametrize("decoding", [Decoding(LONGEST), SAMPLED], ids=["greedy", "sampled"])
def test_an_answer_does_not_depend_on_its_batch(engine: TorchEngine, decoding: Decoding) -> None:
    together = engine.generate("tiny", LAM, PROMPTS, decoding)
    first_two = engine.generate("tiny", LAM, PROMPTS[:2], decoding)
    assert together[:2] == first_two
    again = engine.generate("tiny", LAM, PROMPTS, decoding)
    assert again == together


def test_rows_of_one_prompt_differ_when_sampled_and_agree_when_greedy(engine: TorchEngine) -> None:
    same = [PROMPTS[0]] * 4
    sampled = engine.generate("tiny", LAM, same, SAMPLED)
    assert len({answer.text for answer in sampled}) > 1
    assert len({answer.text for answer in engine.generate("tiny", LAM, same, Decoding(8))}) == 1


def test_a_stream_says_what_generate_says(engine: TorchEngine) -> None:
    for prompt in PROMPTS[:3]:
        chunks = list(engine.stream("tiny", LAM, prompt, Decoding(LONGEST)))
        (answer,) = engine.generate("tiny", LAM, [prompt], Decoding(LONGEST))
        assert "".join(chunk.text for chunk in chunks) == answer.text
        assert (chunks[-1].finish, chunks[-1].tokens) == (answer.finish, answer.tokens)
        assert all(chunk.finish is None for chunk in chunks[:-1])


def test_stop_tokens_of_both_parents_end_an_answer_at_any_lam(tiny_engine: TorchEngine) -> None:
    resident = tiny_engine.resident("tiny")
    assert resident.stop_ids == {1, 2}  # 2 is known to the instruct parent and the template only


def test_the_end_of_turn_is_read_from_the_template(
    tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pairs.checkpoint.Checkpoint.stop_ids", frozenset[int]())
    report = check_pair(find_pair("tiny", tiny_settings), tiny_settings)
    assert report.stop_ids == ()
    assert load_pair(report, torch.device("cpu")).stop_ids == {1, 2}


def test_a_base_that_never_stops_is_cut_at_the_length(engine: TorchEngine) -> None:
    resident = engine.resident("tiny")
    engine._residents.adopt("tiny", replace(resident, stop_ids=frozenset()))
    for answer in engine.generate("tiny", BASE, PROMPTS, Decoding(LONGEST)):
        assert (answer.finish, answer.tokens) == ("length", LONGEST)


def test_finished_rows_do_not_disturb_the_others(engine: TorchEngine) -> None:
    stop = ("o", "e", "t", "a")
    decoding = Decoding(LONGEST, stop=stop)
    together = engine.generate("tiny", LAM, PROMPTS * 3, decoding)
    alone = [engine.generate("tiny", LAM, [prompt], decoding)[0] for prompt in PROMPTS]
    assert together == alone * 3
    assert not any(text in answer.text for answer in together for text in stop)


def test_a_long_prompt_is_cut_on_the_left_in_a_batch_and_told(engine: TorchEngine) -> None:
    (answer,) = engine.generate("tiny", LAM, [Prompt("the river " * 300)], Decoding(LONGEST))
    assert answer.prompt_tokens == CONTEXT_LENGTH - LONGEST


def test_a_long_prompt_in_a_conversation_is_one_sentence(engine: TorchEngine) -> None:
    with pytest.raises(ContextOverflow, match=r"more than the model's context of 256\. Shorten"):
        next(engine.stream("tiny", LAM, Prompt("the river " * 300), Decoding(LONGEST)))


@pytest.mark.parametrize("longest", [0, CONTEXT_LENGTH, 10**9])
def test_an_impossible_length_is_one_sentence(engine: TorchEngine, longest: int) -> None:
    with pytest.raises(InputError, match=f"max_new_tokens = {longest}"):
        engine.generate("tiny", LAM, [Prompt("x")], Decoding(longest))


@pytest.mark.parametrize(
    "decoding", [Decoding(4, temperature="-1"), Decoding(4, temperature="1", top_p="2")]
)
def test_impossible_settings_are_one_sentence(engine: TorchEngine, decoding: Decoding) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        engine.generate("tiny", LAM, [Prompt("x")], decoding)


def test_closing_a_stream_stops_the_work(
    engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwards: list[Lam] = []
    at = Resident.at

    def counted(self: Resident, lam: Lam) -> object:
        forwards.append(lam)
        return at(self, lam)

    monkeypatch.setattr(Resident, "at", counted)
    stream = engine.stream("tiny", LAM, PROMPTS[0], Decoding(LONGEST))
    assert isinstance(next(stream), Chunk)
    so_far = len(forwards)
    assert isinstance(stream, Iterator)
    stream.close()  # type: ignore[attr-defined]
    assert len(forwards) == so_far
    assert list(stream) == []


def test_a_conversation_is_written_by_the_instruct_parents_template(engine: TorchEngine) -> None:
    turns = [Message("system", "be short"), Message("user", "hello")]
    prompt = engine.render_chat("tiny", turns)
    assert prompt.chat
    assert prompt.text == "<|system|>\nbe short<|end|>\n<|user|>\nhello<|end|>\n<|assistant|>\n"
    ids = engine.resident("tiny").encoder.encode_prompt(prompt)
    assert ids[0] == 3 and 2 in ids  # special tokens, each one id


def test_sampling_follows_the_probabilities() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, -20.0]]).repeat(4000, 1)
    rows = list(range(4000))
    drawn = Sampler(Decoding(1, temperature="1", seed=5), rows).choose(logits, rows)
    shares = torch.bincount(torch.tensor(drawn), minlength=4) / len(rows)
    assert torch.allclose(shares, logits[0].softmax(-1), atol=0.02)
    nucleus = Sampler(Decoding(1, temperature="1", top_p="0.9"), rows).choose(logits, rows)
    assert set(nucleus) == {1, 2}
    narrow = Sampler(Decoding(1, temperature="1", top_p="0.01"), rows).choose(logits, rows)
    assert set(narrow) == {2}
