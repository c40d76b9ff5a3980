"""Every number of the embedded pair's making, as frozen values: the recipe and nothing else.

Budgets are tokens and steps fixed beforehand, never wall time, so two machines make the same
schedule. `RECIPE` is what ships; tests train with a smaller one of the same form.

Why these numbers, measured on two cores with a stand-in of the same kind of documents: with Muon
on the matrices the model binds random label words to classes after about half the tokens that
AdamW alone needs; short sequences first are faster per token, and the last share at the full
context makes positions up to 1,024 work.
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The Llama that is trained; `heads` divide `width`, embeddings are tied."""

    width: int = 128
    layers: int = 4
    heads: int = 4
    inner: int = 352  # of the gated feed-forward layer
    context: int = 1024
    rope_theta: float = 10_000.0
    init_std: float = 0.02


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training at one sequence length."""

    steps: int
    sequence: int  # tokens
    rows: int  # sequences per step

    @property
    def tokens(self) -> int:
        """How many tokens the phase reads."""
        return self.steps * self.sequence * self.rows


@dataclass(frozen=True, slots=True)
class Optimiser:
    """Muon for the matrices between the layers, AdamW for embeddings and norms."""

    muon_rate: float
    adam_rate: float
    weight_decay: float  # on the matrices
    warmup_steps: int
    floor: float  # the last learning rate as a share of the highest
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """How many documents a stage reads, from which seed, in shards made side by side."""

    seed: int
    shards: int
    documents: int  # per shard


@dataclass(frozen=True, slots=True)
class Recipe:
    """The whole making of the pair, from nothing to two checkpoint folders."""

    seed: int = 20_260
    vocabulary: int = 2048
    tokenizer_documents: int = 6_000  # read from the head of the first shards
    tokenizer_conversations: int = 2_000
    shape: ModelShape = field(default_factory=ModelShape)
    pretrain_corpus: Corpus = Corpus(seed=1, shards=16, documents=12_000)
    pretrain_phases: tuple[Phase, ...] = (Phase(3200, 256, 32), Phase(1000, 1024, 8))
    pretrain: Optimiser = Optimiser(
        muon_rate=0.01, adam_rate=0.003, weight_decay=0.05, warmup_steps=50, floor=0.05
    )
    chat_corpus: Corpus = Corpus(seed=2, shards=2, documents=12_000)
    chat_phases: tuple[Phase, ...] = (Phase(900, 512, 8),)
    chat: Optimiser = Optimiser(
        muon_rate=0.002, adam_rate=0.0006, weight_decay=0.0, warmup_steps=30, floor=0.05
    )
    threads: int = 2
    checkpoint_steps: int = 250

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain values, for the card and the training log."""
        return asdict(self)


RECIPE = Recipe()
