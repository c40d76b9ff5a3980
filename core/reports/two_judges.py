"""Two judges over the same outputs: where they agree, how far beyond chance, and where not.

Also one judge by kinds of instruction. Pure functions over compared items.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.cells import cluster_numbers
from core.reports.judging_points import DECIDED, VERDICTS, Compared, JudgedPoint, Verdict
from core.stats.agreement import Agreement, agreement


@dataclass(frozen=True, slots=True)
class TwoJudges:
    """Over the items that both decided."""

    agreement: Agreement
    table: tuple[tuple[int, ...], ...]  # rows: the first judge's win, draw, loss; columns: second's
    disagreements: tuple[str, ...]  # item ids, those with a win against a loss first


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of instruction at one λ."""

    kind: str
    n: int
    counts: tuple[int, int, int, int]  # as VERDICTS
    rate: float | None  # percent: wins and half the draws


def compare_judges(first: JudgedPoint, second: JudgedPoint) -> TwoJudges:
    """Item by item, three classes."""
    others = {one.item: one for one in second.compared}
    both = [
        (one, others[one.item])
        for one in first.compared
        if one.item in others and _decided(one) and _decided(others[one.item])
    ]
    left, right = ([_place(pair[side]) for pair in both] for side in (0, 1))
    clusters = cluster_numbers([one.cluster for one, _ in both])
    numbers = None if clusters is None else clusters.tolist()
    split = [(abs(a - b), one.item) for (one, _), a, b in zip(both, left, right, strict=True)]
    return TwoJudges(
        agreement=agreement(left, right, len(DECIDED), numbers),
        table=_table(left, right),
        disagreements=tuple(item for gap, item in sorted(split, key=lambda x: -x[0]) if gap),
    )


def by_kind(compared: Sequence[Compared]) -> tuple[KindRow, ...]:
    """Each kind of instruction, in the order of the suite."""
    kinds: dict[str, list[Verdict]] = {}
    for one in compared:
        kinds.setdefault(one.kind, []).append(one.verdict)
    return tuple(_row(kind, verdicts) for kind, verdicts in kinds.items())


def _row(kind: str, verdicts: list[Verdict]) -> KindRow:
    win, draw, loss, missing = (verdicts.count(verdict) for verdict in VERDICTS)
    n = win + draw + loss
    return KindRow(kind, n, (win, draw, loss, missing), 100 * (win + draw / 2) / n if n else None)


def _decided(one: Compared) -> bool:
    return one.verdict != "missing"


def _place(one: Compared) -> int:
    return DECIDED.index(one.verdict)


def _table(left: Sequence[int], right: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    pairs = list(zip(left, right, strict=True))
    size = range(len(DECIDED))
    return tuple(tuple(pairs.count((row, column)) for column in size) for row in size)
