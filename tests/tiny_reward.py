"""A random reward model of two layers on the tokenizer of the tiny pair: real arithmetic."""

from pathlib import Path

import torch
from transformers import LlamaForSequenceClassification

from tests.tiny_pair import make_config, make_tokenizer


def write_tiny_reward(folder: Path, labels: int = 1) -> Path:
    """Write an ordinary folder of a sequence classifier and return it."""
    tokenizer = make_tokenizer()
    config = make_config(len(tokenizer))
    config.num_labels = labels
    config.pad_token_id = tokenizer.pad_token_id
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = LlamaForSequenceClassification(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
