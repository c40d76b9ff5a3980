"""Reading prompts: every row is the merged model at its λ, through one module's worth of memory."""

from collections.abc import Iterator

import pytest
import torch
from transformers.cache_utils import DynamicCache

from core.lam import BASE, INSTRUCT, Lam
from core.merge.blended import blend
from core.merge.materialised import Materialised
from tests.merge.test_blended import (
    BLENDABLE,
    LAMS,
    PROMPT,
    TOLERANCE,
    logprobs,
    merged_pair,
    tokens,
)

ALWAYS, NEVER = 1, 10**9


@pytest.fixture(params=BLENDABLE)
def merged(request: pytest.FixtureRequest) -> Iterator[Materialised]:
    yield merged_pair(BLENDABLE[request.param])


def test_every_row_read_is_the_merged_model_at_its_lam(merged: Materialised) -> None:
    lams = (*LAMS, LAMS[-1], LAMS[2], BASE)  # neighbours of one λ, and one that comes back
    ids = tokens(len(lams))
    together = logprobs(blend(merged).at(lams, ALWAYS), ids)
    for row, lam in enumerate(lams):
        merged.set_lam(lam)
        alone = logprobs(merged.model, ids[row : row + 1])[0]
        assert float((together[row] - alone).abs().max()) < TOLERANCE
        assert torch.equal(together[row].argmax(-1), alone.argmax(-1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("lam", [BASE, Lam(370), INSTRUCT], ids=str)
def test_read_at_one_lam_it_is_the_merged_model_bit_for_bit(
    merged: Materialised, lam: Lam, dtype: torch.dtype
) -> None:
    """Also between the parents: the weights are the same numbers, and so is what they are given."""
    merged.model.to(dtype)
    half = Materialised(
        merged.model,
        [
            type(slot)(slot.name, live, slot.base.to(dtype), slot.instruct.to(dtype))
            for slot, live in zip(merged.slots, _live(merged), strict=True)
        ],
    )
    ids = tokens(3)
    found = logprobs(blend(half).at([lam], ALWAYS), ids)
    half.set_lam(lam)
    assert torch.equal(found, logprobs(half.model, ids))


def _live(merged: Materialised) -> list[torch.Tensor]:
    named = merged.model.state_dict()
    return [named[slot.name] for slot in merged.slots]


def test_the_scratch_is_no_larger_than_the_largest_module(merged: Materialised) -> None:
    blended = blend(merged)
    assert blended.scratch_bytes == 0
    logprobs(blended.at(LAMS, ALWAYS), tokens(len(LAMS)))
    modules = [
        sum(-(-p.numel() * p.element_size() // 64) * 64 for p in m.parameters(recurse=False))
        for m in merged.model.modules()
    ]
    assert 0 < blended.scratch_bytes <= max(modules)


def test_what_was_read_goes_on_blended(merged: Materialised) -> None:
    """A prompt read through merged weights, then tokens written through blended ones."""
    ids, cache = tokens(len(LAMS)), DynamicCache(config=merged.model.config)
    blended, together = blend(merged), []
    with torch.inference_mode():
        logits = blended.at(LAMS, ALWAYS)(
            input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1
        ).logits[:, -1]
        for _ in range(4):
            together.append(logits.log_softmax(-1))
            fed = logits.argmax(-1, keepdim=True)
            logits = blended.at(LAMS)(input_ids=fed, past_key_values=cache, use_cache=True).logits
            logits = logits[:, -1]
    for row, lam in enumerate(LAMS):
        merged.set_lam(lam)
        written = ids[row : row + 1]
        for step in together:
            alone = logprobs(merged.model, written)[0, -1]
            assert float((step[row] - alone).abs().max()) < TOLERANCE
            assert int(step[row].argmax()) == int(alone.argmax())
            written = torch.cat([written, alone.argmax().view(1, 1)], dim=1)


def test_few_lines_a_lam_are_blended(merged: Materialised) -> None:
    ids, blended = tokens(len(LAMS)), blend(merged)
    plain = logprobs(blended.at(LAMS), ids)
    assert torch.equal(logprobs(blended.at(LAMS, NEVER), ids), plain)
    assert torch.equal(logprobs(blended.at(LAMS, PROMPT + 1), ids), plain)
