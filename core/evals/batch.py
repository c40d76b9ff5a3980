"""What a loop over items hands to the store at once, and how items are cut into such parts.

Not here: files. A killed run loses at most one batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.store.reasoning import PoolRecord
from core.store.records import GenerationRecord, IclRecord

BATCH_ITEMS = 128  # two of the engine's decoding batches; at most this is done twice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Finished records, and the prompts they were made from (hash → text)."""

    records: tuple[IclRecord | GenerationRecord | PoolRecord, ...]
    prompts: Mapping[str, str]


def in_batches(items: Sequence[T], size: int = BATCH_ITEMS) -> Iterator[Sequence[T]]:
    """The items in order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
