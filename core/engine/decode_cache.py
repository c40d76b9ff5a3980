"""Keys and values of rows that are being written, in memory set aside beforehand.

transformers' own cache grows by concatenation, which copies everything at every token; here a
token is written into its place. For layers that keep plain keys and values only; windows use
transformers' layers, and recurrent states its whole cache, as they are.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import (
    Cache,
    DynamicCache,
    DynamicLayer,
    DynamicSlidingWindowLayer,
)

from core.errors import EngineError


class RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """One layer with room for `capacity` tokens."""

    def __init__(self, capacity: int, prefix: DynamicLayer | None = None) -> None:
        super().__init__()
        self._capacity = capacity
        self._prefix = prefix
        self._length = 0 if prefix is None else prefix.keys.shape[-2]

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Write the new tokens behind the old ones and return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        end = self._length + key_states.shape[-2]
        self.keys[:, :, self._length : end] = key_states
        self.values[:, :, self._length : end] = value_states
        self._length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Set the room aside, the common prefix already in it for every row."""
        super().lazy_initialization(key_states, value_states)
        self.keys, self.values = self._room(key_states), self._room(value_states)
        if self._prefix is not None:
            self.keys[:, :, : self._length] = self._prefix.keys
            self.values[:, :, : self._length] = self._prefix.values
            self._prefix = None

    def get_seq_length(self) -> int:
        """Tokens held so far."""
        return int(self._length)

    def _room(self, states: Tensor) -> Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty((rows, heads, self._capacity, width))


def roomy_cache(layers: int, capacity: int, prefix: Cache | None) -> Cache:
    """A cache for `capacity` tokens, the prefix's among them."""
    return Cache(
        layers=[RoomyLayer(capacity, prefix.layers[i] if prefix else None) for i in range(layers)]
    )


def join_rows(caches: Sequence[Cache], capacity: int) -> Cache:
    """One cache of as many rows as there are caches, each of one row and of equal length.

    Raises:
        EngineError: a layer keeps something else than keys and values.
    """
    columns = zip(*(cache.layers for cache in caches), strict=True)
    return Cache(layers=[_join(layers, capacity) for layers in columns])


def _join(layers: Sequence[DynamicLayer], capacity: int) -> DynamicLayer:
    first = layers[0]
    keys = torch.cat([layer.keys for layer in layers])
    values = torch.cat([layer.values for layer in layers])
    if type(first) is DynamicLayer:
        joined = RoomyLayer(capacity)
        joined.update(keys, values)
        return joined
    if type(first) is not DynamicSlidingWindowLayer:
        raise EngineError(f"Rows of {type(first).__name__} cannot be joined.")
    joined = copy.copy(first)  # the length so far and the window are those of every row
    joined.keys, joined.values = keys, values
    return joined


def joins_rows(config: Any) -> bool:
    """Whether `join_rows` can join what this model keeps."""
    known = {DynamicLayer, DynamicSlidingWindowLayer}
    return all(type(layer) in known for layer in DynamicCache(config=config).layers)


def keep_rows(cache: Cache, rows: list[int], device: torch.device) -> bool:
    """Drop all other rows; False for a cache that cannot, whose rows then stay."""
    known = {RoomyLayer, DynamicLayer, DynamicSlidingWindowLayer}
    if not all(type(layer) in known for layer in cache.layers):
        return False
    index = torch.tensor(rows, device=device)
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys[index], layer.values[index]
    return True
