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

    @classmethod
    def holding(
        cls, parts: Sequence[tuple[Tensor, Tensor]], width: int, capacity: int
    ) -> "RoomyLayer":
        """Rows of several layers below each other, each ending at the column `width`."""
        layer = cls(capacity)
        keys, values = ([part[side] for part in parts] for side in (0, 1))
        super(RoomyLayer, layer).lazy_initialization(keys[0], values[0])
        layer.keys = _side_by_side(keys, width, capacity)
        layer.values = _side_by_side(values, width, capacity)
        layer._length = width
        return layer

    def shorten(self, columns: int) -> None:
        """Note that so many columns in front are gone."""
        self._length -= columns

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
    """One cache of the rows of all, every row of equal length.

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


def join_behind(caches: tuple[Cache, Cache], width: int, capacity: int) -> Cache:
    """The rows of two caches in one, all ending at the column `width`; padding is zero.

    Neither cache is changed.

    Raises:
        EngineError: a layer keeps something else than keys and values.
    """
    columns = zip(*(cache.layers for cache in caches), strict=True)
    return Cache(layers=[_join_behind(layers, width, capacity) for layers in columns])


def _join_behind(layers: Sequence[DynamicLayer], width: int, capacity: int) -> DynamicLayer:
    first = layers[0]
    if type(first) in (RoomyLayer, DynamicLayer):
        return RoomyLayer.holding([_held(layer) for layer in layers], width, capacity)
    if type(first) is not DynamicSlidingWindowLayer:
        raise EngineError(f"Rows of {type(first).__name__} cannot be joined.")
    joined = copy.copy(first)
    joined.cumulative_length = width
    kept = min(width, first.sliding_window - 1)
    joined.keys = _side_by_side([layer.keys for layer in layers], kept, kept)
    joined.values = _side_by_side([layer.values for layer in layers], kept, kept)
    return joined


def _held(layer: DynamicLayer) -> tuple[Tensor, Tensor]:
    length = layer.get_seq_length()
    return layer.keys[:, :, :length], layer.values[:, :, :length]


def _side_by_side(parts: Sequence[Tensor], width: int, capacity: int) -> Tensor:
    """Rows of all parts, each ending at `width`; zero before them, as NaN times 0 is NaN."""
    rows, (_, heads, _, size) = sum(len(part) for part in parts), parts[0].shape
    room = parts[0].new_empty((rows, heads, capacity, size))
    begin = 0
    for part in parts:
        own = room[begin : begin + len(part)]
        own[:, :, : width - part.shape[2]] = 0
        own[:, :, width - part.shape[2] : width] = part
        begin += len(part)
    return room


def bytes_a_token(cache: Cache) -> int:
    """Bytes that one more token of one row takes."""
    sizes = [(layer.keys.shape, layer.values.shape) for layer in cache.layers]
    floats = sum(k[1] * k[3] + v[1] * v[3] for k, v in sizes)
    return int(floats * cache.layers[0].keys.element_size())


def trims(cache: Cache) -> bool:
    """Whether columns in front can be dropped by `keep_rows`."""
    return all(type(layer) is RoomyLayer for layer in cache.layers)


def keep_rows(cache: Cache, rows: list[int], device: torch.device, spare: int = 0) -> bool:
    """Drop all other rows, and `spare` columns in front (where `trims` says that this is possible).

    False for a cache that cannot drop rows, which then stay.
    """
    known = {RoomyLayer, DynamicLayer, DynamicSlidingWindowLayer}
    if not all(type(layer) in known for layer in cache.layers):
        return False
    index = torch.tensor(rows, device=device)
    for layer in cache.layers:
        own = index.to(layer.keys.device)  # a layer may lie elsewhere
        layer.keys, layer.values = layer.keys[own, :, spare:], layer.values[own, :, spare:]
        if spare:
            layer.shorten(spare)
    return True
