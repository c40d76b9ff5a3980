"""Which tensors an exported checkpoint has, and in which of its files each lies.

Decided from two headers, before a byte of weights is read. Not the arithmetic and not the
writing (`export.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import PairError
from core.pairs.checkpoint import SINGLE, Checkpoint
from core.pairs.preflight import OUTPUT_EMBEDDINGS
from core.pairs.safetensors_header import TensorEntry

SHARD_BYTES = 5_000_000_000  # as other tools cut them; a larger tensor gets a file of its own
# How the input embedding is called; a tied output embedding is read from there.
INPUT_EMBEDDINGS = (
    "embed_tokens.weight",
    "embed_in.weight",
    "word_embeddings.weight",
    "wte.weight",
    "embeddings.weight",
    "embedding.weight",
)


@dataclass(frozen=True, slots=True)
class MergedTensor:
    """One tensor of the export and the two it is made from."""

    name: str
    shape: tuple[int, ...]
    floating: bool
    base: TensorEntry
    instruct: TensorEntry
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of the export."""

    name: str
    tensors: tuple[MergedTensor, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of its tensors, without the header."""
        return sum(tensor.size_bytes for tensor in self.tensors)


def merged_tensors(
    base: Checkpoint, instruct: Checkpoint, item_bytes: int, *, untie: bool
) -> tuple[MergedTensor, ...]:
    """Every tensor that both parents have, in the instruct parent's order; the larger rows count.

    `untie` says that one parent ties its output embedding and the other does not: the export
    has one then, read from the input embedding where it is tied. Tables that the config
    rebuilds and only one parent stores are left out.

    Raises:
        PairError: a tied output embedding has no input embedding to be read from.
    """
    names = dict.fromkeys([*instruct.tensors, *base.tensors])
    made = []
    for name in names:
        left, right = base.tensors.get(name), instruct.tensors.get(name)
        if untie and name.endswith(OUTPUT_EMBEDDINGS):
            left, right = left or _tied(base), right or _tied(instruct)
        if left is not None and right is not None:
            made.append(_merged(name, left, right, item_bytes))
    return tuple(made)


def cut(tensors: Iterable[MergedTensor], most_bytes: int = SHARD_BYTES) -> tuple[Shard, ...]:
    """Files of at most so many bytes, in order; one alone is called model.safetensors."""
    groups: list[list[MergedTensor]] = [[]]
    room = most_bytes
    for tensor in tensors:
        if groups[-1] and tensor.size_bytes > room:
            groups.append([])
            room = most_bytes
        groups[-1].append(tensor)
        room -= tensor.size_bytes
    if len(groups) == 1:
        return (Shard(SINGLE, tuple(groups[0])),)
    return tuple(
        Shard(f"model-{number:05d}-of-{len(groups):05d}.safetensors", tuple(group))
        for number, group in enumerate(groups, 1)
    )


def _merged(name: str, left: TensorEntry, right: TensorEntry, item_bytes: int) -> MergedTensor:
    shape = left.shape if _rows(left) > _rows(right) else right.shape
    floating = left.floating and right.floating
    elements = max(left.elements, right.elements)
    size = elements * item_bytes if floating else max(left.size_bytes, right.size_bytes)
    return MergedTensor(name, shape, floating, left, right, size)


def _rows(entry: TensorEntry) -> int:
    return entry.shape[0] if entry.shape else 0


def _tied(parent: Checkpoint) -> TensorEntry:
    found = [e for name, e in parent.tensors.items() if name.endswith(INPUT_EMBEDDINGS)]
    if len(found) != 1:
        raise PairError(
            f"The checkpoint {parent.folder} stores no output embedding, and its input embedding "
            "cannot be told from its tensors' names. Choose a parent that stores both."
        )
    return found[0]
