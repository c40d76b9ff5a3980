"""Which tokens are computed for a set of score requests, decided without a model.

Requests become rows: one row an item (a context), with its continuations as branches behind
it, so a context is computed once however many choices it has. Rows that begin alike form a
group whose common prefix is computed once. The plan does not depend on λ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.engine.encoding import EncodedPair
from core.errors import ContextOverflow

SHORTEST_PREFIX = 16  # tokens that neighbours must share to be put into one group
WORTH_A_FORWARD = 256  # tokens that a group must save: its prefix costs a forward of its own
LONGEST_BRANCHES = 512  # columns of one row; more continuations open another row


@dataclass(frozen=True, slots=True)
class Row:
    """One context and some of its continuations; `requests[i]` asked for `branches[i]`."""

    context: tuple[int, ...]
    branches: tuple[tuple[int, ...], ...]
    requests: tuple[tuple[int, ...], ...]

    @property
    def branch_columns(self) -> int:
        """Tokens fed behind the context: all of a continuation but its last."""
        return sum(len(branch) - 1 for branch in self.branches)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows whose contexts share their first `prefix` tokens."""

    prefix: tuple[int, ...]
    rows: tuple[Row, ...]


def fit_context(pair: EncodedPair, longest: int) -> EncodedPair:
    """Cut from the left, as lm-eval does, when the model's context is too short.

    Raises:
        ContextOverflow: the continuation alone is longer than the context.
    """
    if len(pair.continuation) > longest:
        raise ContextOverflow(
            f"A continuation of {len(pair.continuation)} tokens does not fit into the model's "
            f"context of {longest}. Choose a task with shorter answers or another pair."
        )
    room = longest + 1 - len(pair.continuation)
    return EncodedPair(pair.context[-room:], pair.continuation, max(0, len(pair.context) - room))


def make_groups(
    pairs: Sequence[EncodedPair], *, share: bool, worth: int = WORTH_A_FORWARD
) -> tuple[Group, ...]:
    """Rows in groups; without `share`, one group with no prefix and one row a request."""
    if not share:
        single = (Row(p.context, (p.continuation,), ((i,),)) for i, p in enumerate(pairs))
        return (Group((), tuple(row for row in single if row.branches[0])),)
    return tuple(_groups(sorted(_rows(pairs), key=lambda row: row.context), worth))


def _rows(pairs: Sequence[EncodedPair]) -> Iterator[Row]:
    asked: dict[tuple[int, ...], dict[tuple[int, ...], list[int]]] = {}
    for index, pair in enumerate(pairs):
        if pair.continuation:
            asked.setdefault(pair.context, {}).setdefault(pair.continuation, []).append(index)
    for context, branches in asked.items():
        yield from _split_row(context, branches)


def _split_row(
    context: tuple[int, ...], branches: dict[tuple[int, ...], list[int]]
) -> Iterator[Row]:
    chosen: list[tuple[int, ...]] = []
    columns = 0
    for branch in branches:
        if chosen and columns + len(branch) - 1 > LONGEST_BRANCHES:
            yield _row(context, chosen, branches)
            chosen, columns = [], 0
        chosen.append(branch)
        columns += len(branch) - 1
    yield _row(context, chosen, branches)


def _row(
    context: tuple[int, ...],
    chosen: list[tuple[int, ...]],
    branches: dict[tuple[int, ...], list[int]],
) -> Row:
    return Row(context, tuple(chosen), tuple(tuple(branches[branch]) for branch in chosen))


def _groups(rows: list[Row], worth: int) -> Iterator[Group]:
    """Neighbours in sorted order that share enough; the rest forms one group without prefix."""
    alone: list[Row] = []
    run: list[Row] = []
    common = 0
    for row in rows:
        shared = min(common_length(run[0].context, row.context), len(row.context) - 1) if run else 0
        if run and min(shared, common) >= SHORTEST_PREFIX:
            common = min(shared, common)
        else:
            yield from _close(run, common, alone, worth)
            run, common = [], len(row.context) - 1
        run.append(row)
    yield from _close(run, common, alone, worth)
    if alone:
        yield Group((), tuple(alone))


def _close(run: list[Row], common: int, alone: list[Row], worth: int) -> Iterator[Group]:
    if len(run) > 1 and common * (len(run) - 1) >= worth:
        yield Group(run[0].context[:common], tuple(run))
    else:
        alone += run


def common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """How many first tokens two sequences share."""
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))


def batches(rows: Sequence[Row], prefix: int, tokens: int, reads: int) -> Iterator[tuple[Row, ...]]:
    """Longest first; at most so many computed tokens and read logits each, at least one row."""
    batch: list[Row] = []
    computed = read = 0
    for row in sorted(rows, key=lambda row: -_computed(row)):
        own, logits = _computed(row) - prefix, row.branch_columns + 1
        if batch and (computed + own > tokens or read + logits > reads):
            yield tuple(batch)
            batch, computed, read = [], 0, 0
        batch.append(row)
        computed, read = computed + own, read + logits
    if batch:
        yield tuple(batch)


def _computed(row: Row) -> int:
    return len(row.context) + row.branch_columns
