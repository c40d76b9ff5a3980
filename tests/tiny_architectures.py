"""Small random models of several architectures, each odd in its own way."""

from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    FalconConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GenerationConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MambaConfig,
    MistralConfig,
    MixtralConfig,
    Olmo2Config,
    Phi3Config,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    SmolLM3Config,
)

from core.pairs.registry import PairEntry
from tests.tiny_pair import CONTEXT_LENGTH, make_tokenizer

_ROWS = len(make_tokenizer())
_COMMON = {
    "vocab_size": _ROWS,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": CONTEXT_LENGTH,
    "initializer_range": 0.2,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
_GROUPED = {**_COMMON, "num_key_value_heads": 2}
_ROWS_ONLY = {"vocab_size": _ROWS, "initializer_range": 0.2, "bos_token_id": 0, "eos_token_id": 1}

# name → (config, whether prefixes can be shared)
ARCHITECTURES: dict[str, tuple[PreTrainedConfig, bool]] = {
    "gpt2: learned positions, tied": (
        GPT2Config(**_ROWS_ONLY, n_embd=32, n_layer=2, n_head=4, n_positions=CONTEXT_LENGTH),
        True,
    ),
    "gpt-neox: parallel blocks, untied": (GPTNeoXConfig(**_COMMON), True),
    "llama: grouped queries, untied": (LlamaConfig(**_GROUPED), True),
    "mistral: a window": (MistralConfig(**_GROUPED, sliding_window=16), False),
    "qwen2.5: biases on queries, tied": (
        Qwen2Config(**_GROUPED, tie_word_embeddings=True),
        True,
    ),
    "olmo2: norms behind the blocks": (Olmo2Config(**_GROUPED), True),
    "smollm3: layers without positions": (SmolLM3Config(**_GROUPED), True),
    "phi3: one weight for queries, keys and values": (Phi3Config(**_GROUPED), True),
    "falcon: one key for all queries": (
        FalconConfig(**_ROWS_ONLY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4),
        False,
    ),
    "qwen3-moe: experts behind norms": (
        Qwen3MoeConfig(
            **_GROUPED, head_dim=8, num_experts=5, num_experts_per_tok=2, moe_intermediate_size=24
        ),
        True,
    ),
    "gemma3: windows in some layers": (
        Gemma3TextConfig(
            **_GROUPED,
            head_dim=8,
            sliding_window=16,
            query_pre_attn_scalar=8,
            layer_types=["sliding_attention", "full_attention"],
        ),
        False,
    ),
    "qwen3: norms on queries and keys": (Qwen3Config(**_GROUPED, head_dim=8), True),
    "mixtral: experts": (
        MixtralConfig(**_GROUPED, num_local_experts=4, num_experts_per_tok=2),
        True,
    ),
    "gemma2: windows, scaled embeddings, capped logits": (
        Gemma2Config(**_GROUPED, head_dim=8, sliding_window=16, query_pre_attn_scalar=8),
        False,
    ),
    "bloom: positions in the mask": (
        BloomConfig(**_ROWS_ONLY, hidden_size=32, n_layer=2, n_head=4),
        False,
    ),
    "mamba: a running state": (
        MambaConfig(**_ROWS_ONLY, hidden_size=32, num_hidden_layers=2, state_size=4),
        False,
    ),
}


def write_architecture_pair(folder: Path, config: PreTrainedConfig) -> PairEntry:
    """Two random models of this config, as ordinary checkpoint folders."""
    tokenizer = make_tokenizer()
    with torch.random.fork_rng():
        for seed, name in enumerate(("base", "instruct")):
            torch.manual_seed(seed)
            AutoModelForCausalLM.from_config(config).save_pretrained(folder / name)
            tokenizer.save_pretrained(folder / name)
            GenerationConfig(eos_token_id=[1, 2]).save_pretrained(folder / name)
    return PairEntry("odd", "odd", str(folder / "base"), str(folder / "instruct"))
