"""Checkpoint folders of the embedded pairs: an empty model of the recipe's shape, and saving it.

What is written is an ordinary folder: `AutoModelForCausalLM.from_pretrained(folder)` reads it
like any other. Training state (optimisers, step) is not here but in `loop.py`.
"""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from core.demo.recipe import PocketShape, Recipe
from core.demo.tokenizer import END_OF_TEXT, END_OF_TURN, PAD, SPECIAL_TOKENS, save_tokenizer

_PACKAGES = ("torch", "transformers", "tokenizers", "numpy")


def shaped_model(recipe: Recipe, weights: Path | None = None) -> PreTrainedModel:
    """A fresh model of the recipe's shape, seeded, or the one that lies in a folder."""
    if weights is not None:
        return AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
    torch.manual_seed(recipe.seed)
    if isinstance(recipe.shape, PocketShape):
        heads = {"num_key_value_heads": recipe.shape.key_value_heads}
        width = {"head_dim": recipe.shape.head_width}
        return Qwen3ForCausalLM(Qwen3Config(**_settings(recipe), **heads, **width))
    heads = {"num_key_value_heads": recipe.shape.heads}
    return LlamaForCausalLM(LlamaConfig(**_settings(recipe), **heads))


def _settings(recipe: Recipe) -> dict[str, Any]:
    shape = recipe.shape
    return {
        "vocab_size": recipe.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.context,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "initializer_range": shape.init_std,
        "tie_word_embeddings": True,
        "bos_token_id": SPECIAL_TOKENS.index(END_OF_TEXT),
        "eos_token_id": SPECIAL_TOKENS.index(END_OF_TEXT),
        "pad_token_id": SPECIAL_TOKENS.index(PAD),
    }


def save_pretrained(
    model: PreTrainedModel, folder: Path, tokenizer_file: Path, chat: bool, dtype: torch.dtype
) -> None:
    """Write config, weights (rounded to `dtype`), generation config and tokenizer files."""
    end_of_text, end_of_turn = map(SPECIAL_TOKENS.index, (END_OF_TEXT, END_OF_TURN))
    ends = [end_of_turn, end_of_text] if chat else end_of_text
    model.config.eos_token_id = ends
    model.generation_config = GenerationConfig(
        bos_token_id=end_of_text,
        eos_token_id=ends,
        pad_token_id=SPECIAL_TOKENS.index(PAD),
        do_sample=False,
    )
    model.to(dtype).save_pretrained(folder)
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    save_tokenizer(tokenizer, folder, model.config.max_position_embeddings, chat)


def versions() -> dict[str, str]:
    """The packages and the Python that made the weights."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
