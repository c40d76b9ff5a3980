"""Blending: each row of a batch is the merged model at its own λ, whatever the architecture."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    FalconConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    GptOssConfig,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Olmo2Config,
    Phi3Config,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    SmolLM3Config,
)
from transformers.cache_utils import DynamicCache

from core.lam import BASE, INSTRUCT, Lam
from core.merge.blended import blend
from core.merge.blended_kinds import NotBlendable
from core.merge.blended_leaf import is_plain_product
from core.merge.materialised import Materialised, Slot
from core.merge.scratch import Ends

LAMS = (BASE, Lam(-300), Lam(250), Lam(500), Lam(777), INSTRUCT, Lam(1500))
ROWS, PROMPT, STEPS = 97, 21, 5
TOLERANCE = 1e-4  # in log-probabilities, float32

_PLAIN = {
    "vocab_size": ROWS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "initializer_range": 0.2,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
_WIDE = {**_PLAIN, "head_dim": 8}
_WINDOWS = {**_WIDE, "sliding_window": 8, "query_pre_attn_scalar": 8}
_SPARSE = {"num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
_UNGROUPED = {key: value for key, value in _PLAIN.items() if key != "num_key_value_heads"}
_OLD = {"vocab_size": ROWS, "initializer_range": 0.2, "bos_token_id": 0, "eos_token_id": 1}

BLENDABLE: dict[str, PreTrainedConfig] = {
    "llama": LlamaConfig(**_PLAIN),
    "llama, tied": LlamaConfig(**_PLAIN, tie_word_embeddings=True),
    "llama, biases": LlamaConfig(**_PLAIN, attention_bias=True, mlp_bias=True),
    "mistral": MistralConfig(**_PLAIN, sliding_window=8),
    "gemma2": Gemma2Config(**_WINDOWS),
    "gemma3": Gemma3TextConfig(
        **_WINDOWS, layer_types=["sliding_attention", "full_attention", "sliding_attention"]
    ),
    "qwen2": Qwen2Config(**_PLAIN),
    "qwen3": Qwen3Config(**_WIDE),
    "qwen3-moe": Qwen3MoeConfig(**_WIDE, **_SPARSE),
    "mixtral": MixtralConfig(**_PLAIN, num_local_experts=5, num_experts_per_tok=2),
    "olmo2": Olmo2Config(**_PLAIN),
    "smollm3": SmolLM3Config(**_PLAIN),
    "phi3": Phi3Config(**_PLAIN),
    "gpt-neox": GPTNeoXConfig(**_UNGROUPED),
    "falcon": FalconConfig(**_OLD, hidden_size=32, num_hidden_layers=3, num_attention_heads=4),
    "gpt2": GPT2Config(**_OLD, n_embd=32, n_layer=3, n_head=4, n_positions=64),
    "bloom": BloomConfig(**_OLD, hidden_size=32, n_layer=3, n_head=4),
}


def merged_pair(config: PreTrainedConfig, dtype: torch.dtype = torch.float32) -> Materialised:
    """Two random parents and a live model, every vector of them random too."""
    base, instruct, live = (_random_model(config, seed).to(dtype) for seed in (1, 2, 3))
    sources = base.state_dict(), instruct.state_dict()
    slots, seen = [], set()
    for name, tensor in live.state_dict().items():
        if tensor.data_ptr() not in seen:  # tied ones once
            seen.add(tensor.data_ptr())
            slots.append(Slot(name, tensor, *(source[name] for source in sources)))
    return Materialised(live, slots)


def _random_model(config: PreTrainedConfig, seed: int) -> PreTrainedModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model: PreTrainedModel = AutoModelForCausalLM.from_config(config)
        with torch.no_grad():
            for weight in model.parameters():  # norms and biases begin as ones and zeros
                if weight.dim() == 1:
                    weight.add_(torch.randn_like(weight) * 0.3)
    return model.eval().requires_grad_(False)


def tokens(rows: int, width: int = PROMPT) -> Tensor:
    return torch.randint(0, ROWS, (rows, width), generator=torch.Generator().manual_seed(5))


def logprobs(model: nn.Module, ids: Tensor) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = model(input_ids=ids, use_cache=False).logits
    return logits.float().log_softmax(-1)


@pytest.fixture(params=BLENDABLE)
def merged(request: pytest.FixtureRequest) -> Iterator[Materialised]:
    yield merged_pair(BLENDABLE[request.param])


def test_every_row_is_the_merged_model_at_its_lam(merged: Materialised) -> None:
    ids = tokens(len(LAMS))
    together = logprobs(blend(merged).at(LAMS), ids)
    for row, lam in enumerate(LAMS):
        merged.set_lam(lam)
        alone = logprobs(merged.model, ids[row : row + 1])[0]
        assert float((together[row] - alone).abs().max()) < TOLERANCE


def test_written_token_by_token_rows_say_what_merged_models_say(merged: Materialised) -> None:
    ids = tokens(len(LAMS))
    model = blend(merged).at(LAMS)
    cache = DynamicCache(config=merged.model.config)
    fed, together = ids, []
    with torch.inference_mode():
        for _ in range(STEPS):
            logits = model(input_ids=fed, past_key_values=cache, use_cache=True).logits[:, -1]
            together.append(logits.log_softmax(-1))
            fed = logits.argmax(-1, keepdim=True)
    for row, lam in enumerate(LAMS):
        merged.set_lam(lam)
        written = ids[row : row + 1]
        for step in range(STEPS):
            alone = logprobs(merged.model, written)[0, -1]
            assert float((together[step][row] - alone).abs().max()) < TOLERANCE
            assert int(together[step][row].argmax()) == int(alone.argmax())
            written = torch.cat([written, alone.argmax().view(1, 1)], dim=1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("lam", [BASE, INSTRUCT], ids=str)
def test_the_parents_themselves_come_out_exactly(dtype: torch.dtype, lam: Lam) -> None:
    for name in ("llama", "gemma3", "qwen3-moe", "gpt-neox"):
        merged = merged_pair(BLENDABLE[name], dtype)
        ids = tokens(3)
        blended = logprobs(blend(merged).at([lam, lam, lam]), ids)
        merged.set_lam(lam)
        assert torch.equal(blended, logprobs(merged.model, ids)), name


def test_blending_holds_no_weights_of_its_own(merged: Materialised) -> None:
    own = {slot.base.untyped_storage().data_ptr() for slot in merged.slots}
    own |= {slot.instruct.untyped_storage().data_ptr() for slot in merged.slots}
    model = blend(merged).at(LAMS)
    logprobs(model, tokens(len(LAMS)))
    for name, tensor in model.named_parameters():
        shared = tensor.untyped_storage().data_ptr() in own
        assert shared or tensor.numel() <= 5 * 5, name  # a router's identity, experts squared


def test_rows_may_change_between_two_forwards(merged: Materialised) -> None:
    blended, ids = blend(merged), tokens(len(LAMS))
    first = logprobs(blended.at(LAMS), ids)
    back = list(reversed(LAMS))
    turned = logprobs(blended.at(back), ids.flip(0)).flip(0)
    fewer = logprobs(blended.at(LAMS[2:4]), ids[2:4])
    assert torch.allclose(first, turned, atol=TOLERANCE)
    assert torch.allclose(first[2:4], fewer, atol=TOLERANCE)


def test_what_is_not_affine_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def positive(self: nn.Linear, hidden: Tensor) -> Tensor:
        return linear(hidden, self.weight.abs(), self.bias)

    monkeypatch.setattr(nn.Linear, "forward", positive)
    with pytest.raises(NotBlendable, match="Linear is not affine in its weights"):
        blend(merged_pair(BLENDABLE["llama"]))


def test_weights_read_past_the_module_that_owns_them_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from transformers.models.llama.modeling_llama import LlamaMLP

    def around(self: LlamaMLP, hidden: Tensor) -> Tensor:
        return linear(torch.tanh(self.up_proj(hidden)), self.down_proj.weight)

    monkeypatch.setattr(LlamaMLP, "forward", around)
    with pytest.raises(NotBlendable, match=r"was not reached|differ by"):
        blend(merged_pair(BLENDABLE["llama"]))


def test_a_module_with_weights_and_modules_is_refused_by_name() -> None:
    config = GptOssConfig(
        **_WIDE, num_local_experts=4, num_experts_per_tok=2, layer_types=["full_attention"] * 3
    )
    with pytest.raises(NotBlendable, match=r"GptOssAttention .* has weights of its own"):
        blend(merged_pair(config))


class _Doubled(nn.Linear):
    def forward(self, given: Tensor) -> Tensor:
        return 2 * super().forward(given)


def test_only_a_layer_that_does_what_torchs_own_does_is_taken_for_a_plain_product() -> None:
    hooked, plain, doubled = nn.Linear(3, 2), nn.Linear(3, 2), _Doubled(3, 2)
    hooked.__dict__["forward"] = doubled.forward  # as accelerate does
    ends = {name: Ends(p.detach(), p.detach()) for name, p in plain.named_parameters()}
    assert is_plain_product(plain, ends)
    assert not is_plain_product(doubled, ends)
    assert not is_plain_product(hooked, ends)
    assert not is_plain_product(plain, {"weight": ends["weight"]})  # half of it is not merged
