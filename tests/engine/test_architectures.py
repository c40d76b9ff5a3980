"""No architecture is special-cased: each gives the numbers of its own plain forward.

And those of lm-eval's HF backend, and at several λ at once those of one λ after another. That
each can be exported and loaded again is in tests/merge/test_export.py.
"""

from pathlib import Path

import pytest
import torch

from core.engine.protocol import Chunk, Prompt, ScoreRequest
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.spec import Decoding
from tests.hf_backend import hf_backend, instances
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import write_registry

LAM = Lam(650)
LONGEST = 20
SHOTS = "Question: where is the river? Answer: past a small town.\n" * 2
REQUESTS = [
    ScoreRequest(SHOTS + question, choice)
    for question in ("the river", "people say that it", "a")
    for choice in (" town", " never stops", "\nno people")
]
PROMPTS = [Prompt(SHOTS + "the river"), Prompt(SHOTS + "x"), Prompt("people say that"), Prompt("a")]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_scores_and_answers_are_the_models_own(name: str, tmp_path: Path) -> None:
    _, shares = ARCHITECTURES[name]
    engine = engine_for(name, tmp_path)
    assert engine.load("odd").endpoints_exact
    resident = engine.resident("odd")
    assert resident.shares is shares
    for request, score in zip(REQUESTS, engine.score("odd", LAM, REQUESTS), strict=True):
        assert score.logprob == pytest.approx(plain_logprob(resident, request), abs=1e-4)
    answers = engine.generate("odd", LAM, PROMPTS, Decoding(LONGEST))
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        assert plain_answer(resident, prompt) in (answer.text, answer.text + "�")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_scores_are_those_of_lm_evals_backend(name: str, tmp_path: Path) -> None:
    engine = engine_for(name, tmp_path)
    asked = [(one.context, one.continuation) for one in REQUESTS]
    theirs = hf_backend(engine, "odd", LAM).loglikelihood(instances("loglikelihood", asked))
    ours = engine.score("odd", LAM, REQUESTS)
    for (logprob, greedy), score in zip(theirs, ours, strict=True):
        assert score.logprob == pytest.approx(logprob, abs=1e-3)
        assert score.greedy == greedy


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_several_lambdas_at_once_say_what_each_says_alone(name: str, tmp_path: Path) -> None:
    engine = engine_for(name, tmp_path)
    lams = (BASE, Lam(350), LAM, INSTRUCT)
    for prompt in PROMPTS[:2]:
        together = engine.stream_many("odd", lams, prompt, Decoding(LONGEST), "blended")
        told = {at: "" for at in range(len(lams))}
        for chunk in together:
            if isinstance(chunk, Chunk):
                told[chunk.row] += chunk.text
        alone = [engine.generate("odd", lam, [prompt], Decoding(LONGEST))[0].text for lam in lams]
        assert list(told.values()) == alone


def engine_for(name: str, folder: Path) -> TorchEngine:
    config, _ = ARCHITECTURES[name]
    registry = write_registry(folder / "pairs.toml", write_architecture_pair(folder, config))
    return TorchEngine(settings_for(folder, registry))


def plain_logprob(resident: Resident, request: ScoreRequest) -> float:
    (pair,) = resident.encoder.encode_pairs([request])
    tokens = torch.tensor([pair.context + pair.continuation])
    with torch.inference_mode():
        logits = resident.at(LAM)(tokens[:, :-1], use_cache=False).logits[0]
    wanted = torch.tensor(pair.continuation)
    own = logits[-len(wanted) :].float().log_softmax(-1)
    return float(own.gather(1, wanted[:, None]).sum())


def plain_answer(resident: Resident, prompt: Prompt) -> str:
    """Greedy, every token from a whole forward without any cache."""
    tokens = resident.encoder.encode_prompt(prompt)
    start = len(tokens)
    while len(tokens) - start < LONGEST:
        with torch.inference_mode():
            logits = resident.at(LAM)(torch.tensor([tokens]), use_cache=False).logits
        best = int(logits[0, -1].argmax())
        if best in resident.stop_ids:
            break
        tokens.append(best)
    return resident.encoder.decode(tokens[start:])
