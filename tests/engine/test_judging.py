"""What judges ask of an engine: the chances of an answer's letters, a reward model's scores."""

import math
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core.engine.protocol import Message, Prompt
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError, PairError
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings
from tests.tiny_reward import write_tiny_reward

LAM = Lam(650)
PROMPTS = [Prompt(f"<|user|>\n{'word ' * n}<|end|>\n", chat=True) for n in (1, 30, 7, 2)]
TURNS = (Message("user", "Name a river."), Message("assistant", "the river runs"))


def test_the_chances_are_those_of_one_plain_forward(tiny_engine: TorchEngine) -> None:
    found = tiny_engine.option_chances("tiny", LAM, PROMPTS, ("m", "M"))
    resident = tiny_engine.resident("tiny")
    vocabulary = range(len(resident.encoder.tokenizer))
    spelled = {o: [t for t in vocabulary if resident.encoder.show(t).strip() == o] for o in "mM"}
    for prompt, chances in zip(PROMPTS, found, strict=True):
        ids = resident.encoder.encode_prompt(prompt)
        with torch.inference_mode():
            logits = resident.at(LAM)(torch.tensor([ids]), use_cache=False).logits[0, -1]
        probabilities = logits.double().softmax(-1)
        expected = [float(probabilities[spelled[option]].sum()) for option in "mM"]
        assert chances.logprobs is not None
        assert [math.exp(value) for value in chances.logprobs] == pytest.approx(expected, rel=1e-4)
        assert chances.prompt_tokens == len(ids)


def test_a_prompt_that_does_not_fit_has_no_chances(tiny_engine: TorchEngine) -> None:
    longest = tiny_engine.resident("tiny").context_length
    prompts = [Prompt("x" * (4 * longest), chat=True), PROMPTS[0]]
    long, short = tiny_engine.option_chances("tiny", LAM, prompts, ("m", "M"))
    assert (long.logprobs, long.prompt_tokens > longest) == (None, True)
    assert short == tiny_engine.option_chances("tiny", LAM, PROMPTS[:1], ("m", "M"))[0]


def test_an_option_without_a_token_is_refused(tiny_engine: TorchEngine) -> None:
    with pytest.raises(EngineError, match="no single token for 'Mm'"):
        tiny_engine.option_chances("tiny", LAM, PROMPTS, ("m", "Mm"))


def test_a_folder_stands_for_itself_at_every_lam(
    tiny_engine: TorchEngine, tiny_settings: Settings
) -> None:
    folder = tiny_settings.pairs_file.parent / "instruct"
    name = f"folder:{folder}"
    alone = tiny_engine.option_chances(name, BASE, PROMPTS, ("m", "M"))
    merged = tiny_engine.option_chances("tiny", INSTRUCT, PROMPTS, ("m", "M"))
    for one, other in zip(alone, merged, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-5)
    loaded = tiny_engine.load(name)
    assert loaded.identity.base == loaded.identity.instruct
    assert tiny_engine.memory_plan(name).device_bytes == loaded.weights_bytes
    assert tiny_engine.unload(name)


def test_a_reward_is_what_the_model_says_by_itself(
    tiny_engine: TorchEngine, tmp_path: Path
) -> None:
    folder = write_tiny_reward(tmp_path / "reward")
    many = [TURNS, (TURNS[0], Message("assistant", "people say that it never stops")), TURNS]
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = []
    for turns in many:
        told = [{"role": turn.role, "content": turn.content} for turn in turns]
        ids = tokenizer.apply_chat_template(told, return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            expected.append(float(model(ids["input_ids"]).logits[0, 0]))
    scores = tiny_engine.rate(str(folder), many)
    assert scores == pytest.approx(expected, abs=1e-5)
    assert scores[0] != scores[1]
    assert tiny_engine.rate(str(folder), [(Message("user", "x" * 2000), TURNS[1])]) == [None]


def test_what_is_no_reward_model_is_refused(tiny_engine: TorchEngine, tmp_path: Path) -> None:
    with pytest.raises(PairError, match="does not exist"):
        tiny_engine.rate(str(tmp_path / "nowhere"), [TURNS])
    folder = write_tiny_reward(tmp_path / "two", labels=2)
    with pytest.raises(PairError, match="2 outputs, and a reward model has one"):
        tiny_engine.rate(str(folder), [TURNS])
