"""A random pair of some hundred million parameters in bfloat16, written in seconds.

Its answers mean nothing; its size does. Shaped like a Llama: many small norms, some large
matrices, an output embedding of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from core.pairs.registry import PairEntry
from tests.tiny_pair import make_tokenizer

WIDTH, INNER, ROWS = 1280, 3456, 32_000
LAYER_PARAMETERS = 2 * WIDTH * WIDTH + 2 * WIDTH * WIDTH // 2 + 3 * WIDTH * INNER + 2 * WIDTH
BLOCK = 1_000_003  # a prime, so that no two rows begin alike
DELTA = 0.001  # standard deviation of what tuning changed; of the weights 0.02


def write_large_pair(folder: Path, parameters: int) -> PairEntry:
    """Write folder/base and folder/instruct with at least so many parameters each."""
    layers = max(1, -(-(parameters - 2 * ROWS * WIDTH) // LAYER_PARAMETERS))
    config = _config(layers)
    for name in ("base", "instruct"):
        config.save_pretrained(folder / name)
        make_tokenizer().save_pretrained(folder / name)
        tensors = dict(_tensors(config, instruct=name == "instruct"))
        save_file(tensors, folder / name / "model.safetensors", {"format": "pt"})
    return PairEntry("large", "large", str(folder / "base"), str(folder / "instruct"))


def _config(layers: int) -> LlamaConfig:
    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=ROWS,
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=layers,
        num_attention_heads=20,
        num_key_value_heads=10,
        max_position_embeddings=2048,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=1,
        dtype="bfloat16",
    )


def _tensors(config: LlamaConfig, *, instruct: bool) -> Iterator[tuple[str, Tensor]]:
    with torch.device("meta"):
        shapes = {k: t.shape for k, t in LlamaForCausalLM(config).state_dict().items()}
    # A block of random numbers over and over: as good for timing, and made in no time.
    block = torch.empty(BLOCK).normal_(generator=torch.Generator().manual_seed(0))
    change = DELTA * block.roll(BLOCK // 3) if instruct else 0 * block
    for name, shape in shapes.items():
        numbers = (0.02 * block + change + ("norm" in name)).bfloat16()
        yield name, numbers.repeat(-(-shape.numel() // BLOCK))[: shape.numel()].view(shape)
