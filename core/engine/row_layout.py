"""Tensors of one scoring batch: tokens, positions, who may look at whom, what is read.

A row is laid out as `[padding | rest of the context | branch | branch …]`, contexts ending in
one column, so that all logits that are read stand at the right. A branch sees the context and
itself, never its neighbour: its numbers are those it would have alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.score_plan import Row

PADDING = -1  # segment of a column that nobody sees; 0 is the context, 1… the branches


@dataclass(frozen=True, slots=True)
class Read:
    """The columns (counted from the end of the context) that give one branch's logits."""

    row: int
    branch: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One batch, ready for `forward`."""

    tokens: Tensor
    positions: Tensor
    segments: Tensor
    branch_columns: int
    reads: tuple[Read, ...]


def lay_out(rows: Sequence[Row], prefix: int) -> Layout:
    """Place every row; the first `prefix` tokens of each context are left to the cache."""
    contexts = max(len(row.context) for row in rows) - prefix
    columns = max(row.branch_columns for row in rows)
    shape = (len(rows), contexts + columns)
    tokens, positions = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    segments = torch.full(shape, PADDING, dtype=torch.long)
    reads: list[Read] = []
    for index, row in enumerate(rows):
        own, places, parts, found = _place(index, row, prefix)
        start = contexts - (len(row.context) - prefix)
        where = slice(start, start + len(own))
        tokens[index, where] = torch.tensor(own)
        positions[index, where] = torch.tensor(places)
        segments[index, where] = torch.tensor(parts)
        reads += found
    return Layout(tokens, positions, segments, columns, tuple(reads))


def _place(index: int, row: Row, prefix: int) -> tuple[list[int], list[int], list[int], list[Read]]:
    length = len(row.context)
    tokens = list(row.context[prefix:])
    positions = list(range(prefix, length))
    segments = [0] * len(tokens)
    reads: list[Read] = []
    column = 1  # column 0 of what is read is the context's last token
    for number, branch in enumerate(row.branches):
        fed = len(branch) - 1
        tokens += branch[:fed]
        positions += range(length, length + fed)
        segments += [number + 1] * fed
        reads.append(Read(index, number, (0, *range(column, column + fed))))
        column += fed
    return tokens, positions, segments, reads


def attention_bias(segments: Tensor, prefix: int, dtype: torch.dtype) -> Tensor:
    """What is added to the attention scores: 0 where a column may be seen, else very low."""
    rows, width = segments.shape
    order = torch.arange(width, device=segments.device)
    keys, queries = segments[:, None, :], segments[:, :, None]
    seen = ((keys == 0) | (keys == queries)) & (keys != PADDING) & (order <= order[:, None])
    bias = torch.zeros((rows, 1, width, prefix + width), dtype=dtype, device=segments.device)
    bias[:, 0, :, prefix:].masked_fill_(~seen, torch.finfo(dtype).min)
    return bias
