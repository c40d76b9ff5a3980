"""Every number of the embedded pairs' making, as frozen values: the recipes and nothing else.

Budgets are tokens and steps fixed beforehand, never wall time, so two machines make the same
schedule. `RECIPES` is what ships; tests train with a smaller one of the same form.

Why these numbers, as far as short runs told (not a search, one seed each): Muon on the matrices
learnt drawn labels from context in fewer tokens than AdamW alone. Small steps of short sequences
come first because they are fast; the last share reads whole contexts, without which five worked
examples of a word problem are beyond what the model can read. Each parent reads twice: the second
time gives more room to what the first left unlearnt, lettered questions for the base, words in
other forms and yes or no for the chats. The chats hold out pairs of fact and form, not facts: a
model that never answers about some facts learns the others by heart instead of how to look one up.
Drills with nothing to know (same word or not, leave a word out) stand beside them: from questions
about facts alone the chat model did not learn to compare.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from core.demo.streams import Reading


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
class PocketShape(ModelShape):
    """A Qwen3: norms on queries and keys, shared keys and values, saved in bfloat16."""

    width: int = 112
    layers: int = 3
    inner: int = 320
    key_value_heads: int = 2
    head_width: int = 32


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
    reading: Reading = "first"  # which shares of kinds (documents only)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The whole making of the pair, from nothing to two checkpoint folders."""

    seed: int = 20_260
    vocabulary: int = 2560
    tokenizer_documents: int = 12_000  # the first ones of the first shard
    shape: ModelShape = field(default_factory=ModelShape)
    pretrain_corpus: Corpus = Corpus(seed=1, shards=16, documents=26_000)
    pretrain_phases: tuple[Phase, ...] = (
        Phase(steps=3000, sequence=256, rows=16),
        Phase(steps=1700, sequence=256, rows=32),
        Phase(steps=750, sequence=1024, rows=8),
    )
    pretrain: Optimiser = Optimiser(
        muon_rate=0.008, adam_rate=0.006, weight_decay=0.05, warmup_steps=60, floor=0.03
    )
    second_corpus: Corpus = Corpus(seed=3, shards=8, documents=16_000, reading="second")
    second_phases: tuple[Phase, ...] = (
        Phase(steps=1300, sequence=256, rows=32),
        Phase(steps=150, sequence=1024, rows=8),
    )
    second: Optimiser = Optimiser(
        muon_rate=0.006, adam_rate=0.004, weight_decay=0.05, warmup_steps=60, floor=0.03
    )
    chat_corpus: Corpus = Corpus(seed=2, shards=16, documents=40_000)
    chat_phases: tuple[Phase, ...] = (
        Phase(steps=6400, sequence=256, rows=16),
        Phase(steps=400, sequence=1024, rows=4),
    )
    chat: Optimiser = Optimiser(
        muon_rate=0.004, adam_rate=0.003, weight_decay=0.0, warmup_steps=60, floor=0.03
    )
    # A second reading of chats, as of documents; None: one reading is all.
    chat_second_corpus: Corpus | None = None
    chat_second_phases: tuple[Phase, ...] = ()
    chat_second: Optimiser | None = None
    checkpoint_steps: int = 250

    def chat_corpora(self) -> tuple[Corpus, ...]:
        """The chats that the instruct model reads, in order."""
        second = self.chat_second_corpus
        return (self.chat_corpus,) if second is None else (self.chat_corpus, second)

    def base_corpora(self) -> tuple[Corpus, Corpus]:
        """The documents that the base reads, in order."""
        return self.pretrain_corpus, self.second_corpus

    def base_part(self) -> dict[str, Any]:
        """What makes the base, as plain values; the chat numbers have no part in it."""
        return {k: v for k, v in asdict(self).items() if not k.startswith("chat")}

    def first_part(self) -> dict[str, Any]:
        """What makes the base up to its second reading, as plain values."""
        return {k: v for k, v in self.base_part().items() if not k.startswith("second")}

    def instruct_part(self) -> dict[str, Any]:
        """What makes the instruct model out of a base, as plain values."""
        part = {k: v for k, v in asdict(self).items() if k.startswith(("seed", "chat"))}
        return part if self.chat_second else self._first_chats(part)

    def first_chat_part(self) -> dict[str, Any]:
        """What makes the instruct model up to its second reading, as plain values."""
        return self._first_chats(self.instruct_part())

    @staticmethod
    def _first_chats(part: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in part.items() if not k.startswith("chat_second")}


RECIPE = Recipe(
    chat_phases=(
        Phase(steps=5400, sequence=256, rows=16),
        Phase(steps=400, sequence=1024, rows=4),
    ),
    chat_second_corpus=Corpus(seed=4, shards=12, documents=27_000, reading="second"),
    chat_second_phases=(Phase(steps=3200, sequence=256, rows=16),),
    chat_second=Optimiser(
        muon_rate=0.004, adam_rate=0.003, weight_decay=0.0, warmup_steps=60, floor=0.03
    ),
)
# The second pair is there so that choosing, caching and mixing pairs is real, not to be good.
POCKET = Recipe(
    seed=31_007,
    vocabulary=1536,
    shape=PocketShape(),
    pretrain_corpus=Corpus(seed=11, shards=8, documents=8_000),
    pretrain_phases=(Phase(steps=1500, sequence=256, rows=16),),
    second_corpus=Corpus(seed=13, shards=4, documents=3_600, reading="second"),
    second_phases=(
        Phase(steps=400, sequence=256, rows=16),
        Phase(steps=60, sequence=1024, rows=4),
    ),
    chat_corpus=Corpus(seed=12, shards=8, documents=14_000),
    chat_phases=(Phase(steps=1200, sequence=256, rows=16),),
)
RECIPES: dict[str, Recipe] = {"tinyworld": RECIPE, "pocketworld": POCKET}
