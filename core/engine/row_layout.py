"""Tensors of one scoring batch: tokens, positions, who may look at whom, what is read.

All rows stand one behind the other in a single line of tokens, without padding:
`context | branch | branch … | context | branch …`, so that a model computes what is needed and
nothing else. Attention alone must know where a row begins (`core/engine/tree_attention.py`):
a context sees itself, a branch its context and itself, never its neighbour. So its numbers are
those it would have alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from core.engine.score_plan import Row

PADDING = -1  # segment of a branch column that no branch has


@dataclass(frozen=True, slots=True)
class Read:
    """Where the logits of one branch's tokens stand among those that the batch reads."""

    row: int
    branch: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One batch: T tokens in a line, of R rows with at most C context and B branch tokens.

    Where a row is shorter than another, an index repeats its last token; nothing that is read
    ever looks there.
    """

    tokens: Tensor  # [T]
    positions: Tensor  # [T]
    contexts: Tensor  # [R, C] places in the line
    branches: Tensor  # [R, B]
    home: Tensor  # [T] place of each token in contexts and branches, both flat, side by side
    seen: Tensor  # [R, B, C + B] what a branch token may look at, in its row
    kept: Tensor  # places in the line whose logits are read
    reads: tuple[Read, ...]

    def to(self, device: torch.device) -> "Layout":
        """The same on a device."""
        moved = {name: getattr(self, name).to(device) for name in _TENSORS}
        return Layout(**moved, reads=self.reads)


_TENSORS = ("tokens", "positions", "contexts", "branches", "home", "seen", "kept")


def lay_out(rows: Sequence[Row], prefix: int) -> Layout:
    """Place every row; the first `prefix` tokens of each context are computed elsewhere."""
    own = [len(row.context) - prefix for row in rows]
    fed = [row.branch_columns for row in rows]
    starts = list(accumulate((o + f for o, f in zip(own, fed, strict=True)), initial=0))[:-1]
    contexts, branches = _places(starts, own), _places(_after(starts, own), fed)
    reads, kept = _reads(rows, starts, own)
    return Layout(
        tokens=torch.tensor([token for row in rows for token in _tokens(row, prefix)]),
        positions=torch.tensor([place for row in rows for place in _positions(row, prefix)]),
        contexts=contexts,
        branches=branches,
        home=_home(own, fed, contexts.shape[1], branches.shape[1]),
        seen=_seen(rows, own, contexts.shape[1], branches.shape[1]),
        kept=torch.tensor(kept),
        reads=reads,
    )


def _after(starts: Sequence[int], lengths: Sequence[int]) -> list[int]:
    return [start + length for start, length in zip(starts, lengths, strict=True)]


def _tokens(row: Row, prefix: int) -> Iterator[int]:
    yield from row.context[prefix:]
    for branch in row.branches:
        yield from branch[:-1]


def _positions(row: Row, prefix: int) -> Iterator[int]:
    length = len(row.context)
    yield from range(prefix, length)
    for branch in row.branches:
        yield from range(length, length + len(branch) - 1)


def _places(starts: Sequence[int], lengths: Sequence[int]) -> Tensor:
    """[rows, longest] places from each start on, the last one repeated."""
    offsets = torch.arange(max(lengths))[None, :]
    last = torch.tensor(lengths)[:, None] - 1
    return torch.tensor(starts)[:, None] + torch.minimum(offsets, last)


def _home(own: Sequence[int], fed: Sequence[int], contexts: int, branches: int) -> Tensor:
    """Where each token of the line stands in [R·C contexts, R·B branches]."""
    parts = []
    for index, (context, branch) in enumerate(zip(own, fed, strict=True)):
        parts.append(torch.arange(context) + index * contexts)
        parts.append(torch.arange(branch) + len(own) * contexts + index * branches)
    return torch.cat(parts)


def _seen(rows: Sequence[Row], own: Sequence[int], contexts: int, branches: int) -> Tensor:
    context = torch.arange(contexts)[None, None, :] < torch.tensor(own)[:, None, None]
    segments = torch.tensor([_segments(row, branches) for row in rows], dtype=torch.long)
    order = torch.arange(branches)
    same = segments[:, :, None] == segments[:, None, :]
    branch = same & (order[None, :] <= order[:, None])
    return torch.cat([context.expand(-1, branches, -1), branch], dim=-1)


def _segments(row: Row, columns: int) -> list[int]:
    found = [at for at, branch in enumerate(row.branches) for _ in branch[:-1]]
    return found + [PADDING] * (columns - len(found))


def _reads(
    rows: Sequence[Row], starts: Sequence[int], own: Sequence[int]
) -> tuple[tuple[Read, ...], list[int]]:
    """Each branch is read behind the context's last token and behind each of its own but one."""
    reads: list[Read] = []
    kept: list[int] = []
    for index, row in enumerate(rows):
        first, column = len(kept), starts[index] + own[index]
        kept.append(column - 1)
        for number, branch in enumerate(row.branches):
            fed = len(branch) - 1
            reads.append(Read(index, number, (first, *range(len(kept), len(kept) + fed))))
            kept += range(column, column + fed)
            column += fed
    return tuple(reads), kept
