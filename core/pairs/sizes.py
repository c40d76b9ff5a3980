"""How large a merged model is, whole and by layer, from the headers of its parents; loads nothing.

    sizes_of((base, instruct), item_bytes=2).total

Not here: what fits where (`core/engine/room.py`).
"""

import re
from dataclasses import dataclass

from core.pairs.checkpoint import Checkpoint
from core.pairs.parts import layer_of

FIRST_NUMBER = re.compile(r".*?\.\d+(?=\.)")  # "model.layers.3" of "model.layers.3.mlp.up.weight"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of one merged model."""

    total: int
    layers: tuple[int, ...]  # of each, first to last
    largest: int  # of its largest layer, or of a larger tensor outside the layers

    @property
    def outside(self) -> int:
        """Bytes that belong to no layer."""
        return self.total - sum(self.layers)


def sizes_of(parents: tuple[Checkpoint, Checkpoint], item_bytes: int) -> Sizes:
    """Of two parents, the larger where they differ, each number taking so many bytes."""
    return Sizes(
        total=max(parent.parameters for parent in parents) * item_bytes,
        layers=tuple(size * item_bytes for size in _layers(parents)),
        largest=max(map(_largest, parents)) * item_bytes,
    )


def _layers(parents: tuple[Checkpoint, Checkpoint]) -> list[int]:
    """Numbers in each layer; no entry is missing where a parent skips one."""
    sizes = [0] * max(map(count_layers, parents))
    for parent in parents:
        own = [0] * len(sizes)
        for name, tensor in parent.tensors.items():
            layer = layer_of(name)
            if layer is not None:
                own[layer] += tensor.elements * tensor.floating
        sizes = list(map(max, sizes, own))
    return sizes


def count_layers(parent: Checkpoint) -> int:
    """How many layers its tensors name."""
    numbers = [layer for name in parent.tensors if (layer := layer_of(name)) is not None]
    return max(numbers, default=-1) + 1


def _largest(parent: Checkpoint) -> int:
    """Numbers in it; a layer is what has one name up to its first number."""
    layers: dict[str, int] = {}
    for name, tensor in parent.tensors.items():
        found = FIRST_NUMBER.match(name)
        layer = found.group() if found else name
        layers[layer] = layers.get(layer, 0) + tensor.elements * tensor.floating
    return max(layers.values())
