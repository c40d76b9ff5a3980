"""Keys and values of a common prefix, computed once and read by every row of a batch.

`SharedPrefix` is a transformers cache of which nothing is ever changed: each forward sees
prefix + its own tokens and leaves no trace, so one prefix serves any number of batches.
It belongs to the λ it was computed at and must not outlive one piece of work.
"""

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer


class PrefixLayer(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """One layer: a prefix of batch size 1, seen by any batch size."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.lazy_initialization(keys, values)
        self.keys, self.values = keys, values

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Prefix and new tokens side by side; the prefix itself stays as it is."""
        return _joined(self.keys, key_states), _joined(self.values, value_states)


def _joined(prefix: Tensor, rest: Tensor) -> Tensor:
    return torch.cat([prefix.expand(rest.shape[0], -1, -1, -1), rest], dim=-2)


def supports_prefix(config: Any) -> bool:
    """True when every layer keeps plain keys and values (no window, no recurrent state)."""
    layers = DynamicCache(config=config).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def supports_padding(config: Any) -> bool:
    """False when a layer carries a running state, into which padding would leak."""
    return all(isinstance(layer, DynamicLayer) for layer in DynamicCache(config=config).layers)


def freeze_prefix(cache: DynamicCache) -> Cache:
    """The cache of one prefix row, as a cache that any batch may read."""
    return Cache(layers=[PrefixLayer(layer.keys, layer.values) for layer in cache.layers])
