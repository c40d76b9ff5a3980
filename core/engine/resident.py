"""One loaded pair: the live model, its tokenizer and what was learnt while loading it."""

import logging
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from core.engine.encoding import Encoder
from core.engine.prefix_shelf import PrefixShelf
from core.engine.protocol import LoadedPair
from core.lam import Lam
from core.merge.materialised import Materialised
from core.pairs.fingerprint import FileMark

logger = logging.getLogger(__name__)
CPU_TOKENS_A_BATCH = 2048  # measured: larger batches are slower on a CPU
GPU_TOKENS_A_BATCH = 16384
LOWEST_TOKENS_A_BATCH = 64
HIGHEST_LOGITS = 2**26  # numbers that one forward of scores reads at most: 256 MiB in float32
READ_AHEAD = 4  # prompts may be read in larger batches than scores: no logits but the last


class BatchSize:
    """Tokens that one forward computes at most; smaller once memory has run out."""

    def __init__(self, device: torch.device) -> None:
        self.tokens = CPU_TOKENS_A_BATCH if device.type == "cpu" else GPU_TOKENS_A_BATCH

    def halve(self) -> None:
        """Build smaller batches from now on."""
        self.tokens = max(LOWEST_TOKENS_A_BATCH, self.tokens // 2)


@dataclass(frozen=True, slots=True)
class Resident:
    """A pair that is ready to answer at any λ."""

    loaded: LoadedPair
    merged: Materialised
    encoder: Encoder
    stop_ids: frozenset[int]
    shares: bool  # prefixes and branches may be shared; probed on load
    pads: bool  # prompts of different lengths may stand in one batch
    chat_template: str | None
    files: tuple[FileMark, ...]  # as they were when the pair was loaded
    batch: BatchSize
    # Of these very weights: `replace` with others begins with an empty one.
    prefixes: PrefixShelf = field(default_factory=PrefixShelf, init=False)

    @property
    def model(self) -> Any:
        """The live transformers model, at whatever λ it was last set to."""
        return self.merged.model

    @property
    def device(self) -> torch.device:
        """Where the live weights are."""
        return self.merged.device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the live weights."""
        return next(self.merged.model.parameters()).dtype

    @property
    def context_length(self) -> int:
        """Tokens that fit, prompt and answer together."""
        return self.loaded.context_length

    @property
    def token_budget(self) -> int:
        """Tokens that one forward computes at most."""
        return self.batch.tokens

    @property
    def read_budget(self) -> int:
        """Positions whose logits one forward of scores reads at most."""
        return max(1, HIGHEST_LOGITS // int(self.model.config.get_text_config().vocab_size))

    @property
    def prompt_budget(self) -> int:
        """Tokens of prompts that one forward reads at most."""
        return READ_AHEAD * self.token_budget

    def at(self, lam: Lam) -> Any:
        """The live model with exactly this λ. Ask before every forward, keep it for none."""
        self.merged.set_lam(lam)
        return self.merged.model

    def with_sharing(self, shares: bool) -> "Resident":
        """The same pair, sharing or not."""
        return replace(self, shares=shares, loaded=replace(self.loaded, prefixes_shared=shares))
