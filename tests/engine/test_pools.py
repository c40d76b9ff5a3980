"""Pools: branches are what their definition says, samples depend on their own seed alone."""

from dataclasses import replace

import pytest
import torch

from core.engine.pool import PoolRequest
from core.engine.pools import token_widths
from core.engine.protocol import Prompt
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.errors import InputError
from core.lam import Lam
from core.spec import Decoding

LAM = Lam(650)
LONGEST = 10
PROMPTS = [
    Prompt("the river runs past a small town and people say " * 3 + end)
    for end in ("it", "the λ 🙂", "no" * 20)
] + [Prompt("x")]
DECODING = Decoding(LONGEST, temperature="0.9")


def probabilities(resident: Resident, tokens: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        logits = resident.at(LAM)(torch.tensor([tokens])).logits[0]
    found: torch.Tensor = logits.double().softmax(dim=-1)
    return found


def branch_by_definition(
    resident: Resident, prompt: Prompt, rank: int
) -> tuple[list[int], list[float]]:
    """Wang & Zhou's k-th path: the k-th token that ends nothing, then always the best one."""
    tokens = resident.encoder.encode_prompt(prompt)
    own: list[int] = []
    margins: list[float] = []
    while len(own) < LONGEST:
        last = probabilities(resident, [*tokens, *own])[-1]
        best, second = last.topk(2).values.tolist()
        chosen = int(last.argmax())
        if not own:
            allowed = [
                t for t in last.argsort(descending=True).tolist() if t not in resident.stop_ids
            ]
            chosen = allowed[rank]
        if chosen in resident.stop_ids:
            break
        own.append(chosen)
        margins.append(best - second)
    return own, margins


def test_branches_are_those_of_the_definition(tiny_engine: TorchEngine) -> None:
    resident = tiny_engine.resident("tiny")
    pools = tiny_engine.pools("tiny", LAM, [PoolRequest(p, branches=4) for p in PROMPTS], DECODING)
    for prompt, pool in zip(PROMPTS, pools, strict=True):
        assert len(pool.answers) == 4
        for rank, answer in enumerate(pool.answers):
            tokens, margins = branch_by_definition(resident, prompt, rank)
            expected = resident.encoder.decode(tokens)
            assert expected in (answer.text, answer.text + "�")
            assert answer.trace is not None
            assert answer.trace.margins == pytest.approx(margins, abs=1e-5)
            first = probabilities(resident, resident.encoder.encode_prompt(prompt))[-1, tokens[0]]
            assert answer.trace.first_logprob == pytest.approx(float(first.log()), abs=1e-5)


def test_what_ends_the_text_is_no_first_branch(tiny_engine: TorchEngine) -> None:
    resident = tiny_engine.resident("tiny")
    tokens = resident.encoder.encode_prompt(PROMPTS[0])
    best = probabilities(resident, tokens)[-1].argsort(descending=True).tolist()
    own = TorchEngine(tiny_engine._settings)
    own._residents.adopt("tiny", replace(resident, stop_ids=frozenset(best[:2])))
    [pool] = own.pools("tiny", LAM, [PoolRequest(PROMPTS[0], branches=2)], Decoding(1))
    firsts = [answer.trace.first for answer in pool.answers if answer.trace]
    assert firsts == [resident.encoder.show(token) for token in best[2:4]]


@pytest.mark.parametrize("shares", [True, False], ids=["sharing", "plain"])
def test_a_sample_depends_on_its_seed_alone(tiny_engine: TorchEngine, shares: bool) -> None:
    engine = TorchEngine(tiny_engine._settings)
    engine._residents.adopt("tiny", tiny_engine.resident("tiny").with_sharing(shares))
    together = engine.pools(
        "tiny", LAM, [PoolRequest(p, seeds=(3, 5, 8)) for p in PROMPTS], DECODING
    )
    alone = [engine.pools("tiny", LAM, [PoolRequest(p, seeds=(5,))], DECODING)[0] for p in PROMPTS]
    assert [pool.answers[1] for pool in together] == [pool.answers[0] for pool in alone]
    assert len({answer.text for pool in together for answer in pool.answers}) > len(PROMPTS)
    assert all(answer.trace is None for pool in together for answer in pool.answers)


def test_more_rows_than_one_batch_and_long_prompts(tiny_engine: TorchEngine) -> None:
    asked = [PoolRequest(prompt, branches=40) for prompt in PROMPTS[:2]]
    seen: list[tuple[int, int]] = []
    pools = tiny_engine.pools("tiny", LAM, asked, Decoding(2), lambda *at: seen.append(at))
    assert [len(pool.answers) for pool in pools] == [40, 40]
    assert len({a.trace.first_logprob for a in pools[0].answers if a.trace}) == 40
    assert seen[-1] == (80, 80)


@pytest.mark.parametrize("text", ["abc λ🙂 the river", "🙂🙂", "", "plain words only", "é—ü\n\n12"])
def test_widths_add_up_to_the_text(tiny_engine: TorchEngine, text: str) -> None:
    encoder = tiny_engine.resident("tiny").encoder
    tokens = encoder.tokenizer.encode(text, add_special_tokens=False)
    widths = token_widths(encoder, tokens)
    assert len(widths) == len(tokens)
    assert sum(widths) == len(text)
    ends = [sum(widths[: at + 1]) for at in range(len(tokens))]
    for at, end in enumerate(ends):
        decoded = encoder.decode(tokens[: at + 1])
        assert end == len(decoded.rstrip("�"))


def test_a_special_token_is_no_text(tiny_engine: TorchEngine) -> None:
    encoder = tiny_engine.resident("tiny").encoder
    inside = encoder.tokenizer.encode("ab<|system|>cd", add_special_tokens=False)
    widths = token_widths(encoder, inside)
    assert widths.count(-1) == 1 and sum(w for w in widths if w > 0) == 4


@pytest.mark.parametrize("asked", [PoolRequest(PROMPTS[0]), PoolRequest(PROMPTS[0], (1,), 2)])
def test_a_pool_is_either_samples_or_branches(tiny_engine: TorchEngine, asked: PoolRequest) -> None:
    with pytest.raises(InputError, match="at least one seed"):
        tiny_engine.pools("tiny", LAM, [asked], DECODING)
