"""Keys and values of rows that are being written, in memory set aside beforehand.

transformers' own cache grows by concatenation, which copies everything at every token; here a
token is written into its place. For layers that keep plain keys and values only; other kinds
(windows, recurrent states) use transformers' cache as it is.
"""

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer


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

    def keep_rows(self, rows: Tensor) -> None:
        """Forget every row but these."""
        self.keys, self.values = self.keys[rows], self.values[rows]

    def _room(self, states: Tensor) -> Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty((rows, heads, self._capacity, width))


def roomy_cache(layers: int, capacity: int, prefix: Cache | None) -> Cache:
    """A cache for `capacity` tokens, the prefix's among them."""
    return Cache(
        layers=[RoomyLayer(capacity, prefix.layers[i] if prefix else None) for i in range(layers)]
    )


def keep_rows(cache: Cache, rows: list[int], device: torch.device) -> bool:
    """Drop all other rows; False for a cache that cannot, whose rows then stay."""
    if not all(isinstance(layer, RoomyLayer) for layer in cache.layers):
        return False
    index = torch.tensor(rows, device=device)
    for layer in cache.layers:
        layer.keep_rows(index)
    return True
