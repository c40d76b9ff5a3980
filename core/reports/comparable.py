"""What a reader must know before comparing points of one curve: item counts, trial runs.

Not here: other machines and libraries, which never stand on one curve (`measurements.py`).
"""

from core.reports.joined import Joined
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored


def notes(store: RunStore, joined: Joined) -> tuple[str, ...]:
    """Plain sentences; empty when all points can be compared as they are."""
    found = _unequal_items(store, joined)
    if joined.sweep.limit is not None:
        found.append(
            f"Only the first {joined.sweep.limit} items of each task were measured "
            "(a trial run with --limit)."
        )
    return tuple(found)


def _unequal_items(store: RunStore, joined: Joined) -> list[str]:
    found = []
    for line, by_lam in zip(joined.sweep.tasks, joined.tasks, strict=True):
        items = {lam: _items(store, run) for lam, run in by_lam.items()}
        if len(set(items.values())) > 1:
            common = frozenset.intersection(*items.values())
            largest = max(len(held) for held in items.values())
            found.append(
                f"In {line.task} only {len(common)} of {largest} items were measured at every λ; "
                "differences use the items that both sides have."
            )
    return found


def _items(store: RunStore, run: Stored) -> frozenset[str]:
    records = store.records_of(run)
    return frozenset(record.item for record in records if isinstance(record, IclRecord))
