"""A random two-layer Llama pair with its own small byte-level tokenizer, made in a second.

Its answers mean nothing; its arithmetic is real. `write_tiny_pair(folder)` writes two
ordinary checkpoint folders, which tests then break in one way each.
"""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.pairs.registry import PairEntry

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
SPECIAL = ["<|bos|>", "<|eos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
WORDS = "the river runs past a small town and the people there say that it never stops . " * 8
CONTEXT_LENGTH = 256


def write_tiny_pair(
    folder: Path, *, dtype: torch.dtype = torch.float32, tied: bool = True
) -> PairEntry:
    """Write folder/base and folder/instruct and return the entry that names them."""
    tokenizer = make_tokenizer()
    for seed, name in ((0, "base"), (1, "instruct")):
        config = make_config(len(tokenizer), tied=tied)
        write_checkpoint(folder / name, make_model(config, seed).to(dtype), tokenizer)
    eos = {"base": 1, "instruct": [1, 2]}
    for name, ids in eos.items():
        GenerationConfig(eos_token_id=ids, bos_token_id=0).save_pretrained(folder / name)
    return PairEntry("tiny", "tiny", str(folder / "base"), str(folder / "instruct"))


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE: every string round-trips."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([WORDS], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|bos|>",
        eos_token="<|eos|>",
        pad_token="<|eos|>",
        chat_template=CHAT_TEMPLATE,
        additional_special_tokens=SPECIAL[2:],
    )


def make_config(rows: int, *, tied: bool = True, layers: int = 2) -> LlamaConfig:
    """Two layers of width 32 with grouped-query attention."""
    return LlamaConfig(
        vocab_size=rows,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_LENGTH,
        tie_word_embeddings=tied,
        bos_token_id=0,
        eos_token_id=1,
        initializer_range=0.2,
    )


def make_model(config: LlamaConfig, seed: int) -> LlamaForCausalLM:
    """Random weights from a seed; the caller's own random state is left as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(config)


def write_checkpoint(
    folder: Path, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> None:
    """One ordinary checkpoint folder."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_registry(path: Path, *entries: PairEntry) -> Path:
    """A registry file with these pairs."""
    blocks = [
        f"[[pair]]\nname = {e.name!r}\nbase = {e.base!r}\ninstruct = {e.instruct!r}\n"
        'icl_suite = "tinyworld-icl"\ninstruction_suite = "tinyworld-instructions"\n'
        'benchmark = "tinyworld-reasoning"\n'
        for e in entries
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path
